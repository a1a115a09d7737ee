"""Which revisions made each subject, and each member of it, what it is at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from modalembic.postgres.catalog import Catalog, Difference
from modalembic.runtime.match.subjects import member_of, members, objects, subject_of
from modalembic.runtime.match.timeline import Timeline

Touched = Callable[[str], AbstractSet[str]]


class Makers:
    """The revisions that changed each subject and each member, in the order in which they ran."""

    def __init__(self, timeline: Timeline, touched: Touched | None) -> None:
        self._found: dict[str, list[str]] = {}
        before = _by_subject(timeline.moments[0].catalog)
        for _, end, revisions in timeline.spans():
            after = _by_subject(end.catalog)
            for subject in before.keys() | after.keys():
                ours, theirs = before.get(subject, []), after.get(subject, [])
                if not _same(ours, theirs):
                    by = changed_by(subject, revisions, touched) or revisions[-1]
                    for changed in (subject, *_changed_members(ours, theirs)):
                        self._found.setdefault(changed, []).append(by)
            before = after

    def of(self, subject: str) -> Sequence[str]:
        """Those of a subject."""
        return self._found.get(subject, ())

    def of_difference(self, each: Difference) -> Sequence[str]:
        """Those of what differs: of the member, if it is one that revisions speak of."""
        return self.of(member_of(each)) or self.of(subject_of(each))


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


def _same(before: list[Any], after: list[Any]) -> bool:
    """Moments share what does not change."""
    return len(before) == len(after) and all(
        ours is theirs for ours, theirs in zip(before, after, strict=True)
    )


def _changed_members(before: list[Any], after: list[Any]) -> Iterator[str]:
    old, new = (dict(each for value in side for each in members(value)) for side in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name
