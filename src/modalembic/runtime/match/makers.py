"""Which revisions made each subject what it is at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from modalembic.postgres.catalog import Catalog
from modalembic.runtime.match.subjects import objects
from modalembic.runtime.match.timeline import Timeline

Touched = Callable[[str], AbstractSet[str]]


def makers(timeline: Timeline, touched: Touched | None) -> Mapping[str, tuple[str, ...]]:
    """The revisions that changed each subject, in the order in which they ran."""
    found: dict[str, list[str]] = {}
    before = _by_subject(timeline.moments[0].catalog)
    for _, end, revisions in timeline.spans():
        after = _by_subject(end.catalog)
        for subject in before.keys() | after.keys():
            if not _same(before.get(subject), after.get(subject)):
                by = changed_by(subject, revisions, touched) or revisions[-1]
                found.setdefault(subject, []).append(by)
        before = after
    return {subject: tuple(revisions) for subject, revisions in found.items()}


def changed_by(subject: str, revisions: Sequence[str], touched: Touched | None) -> str | None:
    """The one of `revisions` that has changed `subject`; None where that is not known."""
    if len(revisions) == 1:
        return revisions[0]
    assert touched is not None
    found = [id_ for id_ in revisions if subject in touched(id_)]
    return found[0] if len(found) == 1 else None


def _by_subject(catalog: Catalog) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for subject, each in objects(catalog):
        found.setdefault(subject, []).append(each)
    return found


def _same(before: list[Any] | None, after: list[Any] | None) -> bool:
    """Moments share what does not change."""
    if before is None or after is None or len(before) != len(after):
        return False
    return all(ours is theirs for ours, theirs in zip(before, after, strict=True))
