"""Pairing objects: by name, then by definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Pairs(Generic[T]):
    """`same` have one name on both sides, `renamed` one definition under two names; the others have
    no counterpart. All in the order of names."""

    same: tuple[tuple[T, T], ...]
    renamed: tuple[tuple[T, T], ...]
    missing: tuple[T, ...]
    extra: tuple[T, ...]


def paired(
    expected: Iterable[T],
    actual: Iterable[T],
    name: Callable[[T], str],
    definition: Callable[[T], Hashable] | None = None,
) -> Pairs[T]:
    """Pair two sides. Without `definition` nothing counts as renamed."""
    ours = {name(item): item for item in expected}
    theirs = {name(item): item for item in actual}
    same = tuple((ours[key], theirs[key]) for key in sorted(ours.keys() & theirs.keys()))
    missing = [ours[key] for key in sorted(ours.keys() - theirs.keys())]
    extra = [theirs[key] for key in sorted(theirs.keys() - ours.keys())]
    renamed: list[tuple[T, T]] = []
    if definition is not None and missing and extra:
        candidates: defaultdict[Hashable, list[T]] = defaultdict(list)
        for item in extra:
            candidates[definition(item)].append(item)
        for item in list(missing):
            found = candidates.get(definition(item))
            if found:
                other = found.pop(0)
                renamed.append((item, other))
                missing.remove(item)
                extra.remove(other)
    return Pairs(same, tuple(renamed), tuple(missing), tuple(extra))
