"""Which revision comes after which, whatever order an upgrade takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise


class Ancestry:
    """The ancestors of revisions, dependencies included: the bits of one number for each, so that a
    question costs no walk."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._needs: dict[str, int] = {}

    def add(self, id_: str, parents: Iterable[str]) -> None:
        """A revision that follows `parents`, which were added before it. It may be added again,
        with more of them, as long as none that follows it is there."""
        bit = self._bits.setdefault(id_, 1 << len(self._bits))
        needs = bit
        for parent in parents:
            needs |= self._needs[parent]
        self._needs[id_] = needs

    def follows(self, later: str, earlier: str) -> bool:
        """Whether `later` needs `earlier`, on whatever way, or is the same."""
        return bool(self._needs[later] & self._bits[earlier])

    def tops(self, revisions: Collection[str]) -> tuple[str, ...]:
        """Those that no other one of `revisions` follows, sorted."""
        return tuple(
            sorted(
                one
                for one in revisions
                if not any(other != one and self.follows(other, one) for other in revisions)
            )
        )

    def unordered(self, revisions: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The pairs of `revisions` that may run either way round. They are given in an order in
        which they may run, and each pair is in it too."""
        if all(self.follows(later, earlier) for earlier, later in pairwise(revisions)):
            return ()  # a chain
        return tuple(
            (earlier, later)
            for position, later in enumerate(revisions)
            for earlier in revisions[:position]
            if not self.follows(later, earlier)
        )
