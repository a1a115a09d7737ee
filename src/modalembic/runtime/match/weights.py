"""The weight of each revision: how much nearer to the live database, or farther from it, running it
brings the catalog.

What a revision changes is changed before or after it by revisions that are in order with it only,
so that its weight is the same in every set of revisions that has with each all that it needs: the
distance of such a set is the sum of its weights, but for what all sets have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.postgres.catalog import Catalog
from modalembic.runtime.match.distance import Distance
from modalembic.runtime.match.makers import Touched, changed_by
from modalembic.runtime.match.subjects import objects
from modalembic.runtime.match.timeline import Timeline


@dataclass(frozen=True)
class Weights:
    """The distance of an empty database (`base`), and what each revision adds to it. `vague` are
    the numbers of revisions after which the catalog has to be read too before these are known."""

    base: int
    of: dict[str, int]
    vague: frozenset[int]


def weigh(timeline: Timeline, live: Catalog, touched: Touched | None) -> Weights:
    """The weights of the revisions of `timeline`, of which `touched` tells what each changes."""
    distance = Distance(live, known_subjects(timeline))
    of: dict[str, int] = {}
    vague: set[int] = set()
    before = empty = distance.of(timeline.moments[0].catalog)
    for start, end, revisions in timeline.spans():
        after = distance.of(end.catalog)
        for subject in sorted(before.keys() | after.keys()):
            changed = after.get(subject, 0) - before.get(subject, 0)
            if not changed:
                continue
            by = changed_by(subject, revisions, touched)
            if by is None:
                vague.update(range(start.done + 1, end.done))
            else:
                of[by] = of.get(by, 0) + changed
        before = after
    return Weights(sum(empty.values()), of, frozenset(vague))


def known_subjects(timeline: Timeline) -> frozenset[str]:
    """All that the revisions make at any time."""
    return frozenset(
        subject for moment in timeline.moments for subject, _ in objects(moment.catalog)
    )
