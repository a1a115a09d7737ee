"""Searching for what a database really matches, and proving it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from modalembic.errors import RebuildFailed
from modalembic.postgres.catalog import Catalog
from modalembic.project import Project
from modalembic.runtime.cache.replays import Replay
from modalembic.runtime.cache.store import digest_of
from modalembic.runtime.drift.live import Live, of_interest
from modalembic.runtime.drift.migrations import migrated
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.match.choice import choose
from modalembic.runtime.match.closure import Cheapest, cheapest
from modalembic.runtime.match.distance import ERROR
from modalembic.runtime.match.found import Match
from modalembic.runtime.match.kept import from_kept, to_kept
from modalembic.runtime.match.makers import Touched
from modalembic.runtime.match.proof import prove
from modalembic.runtime.match.spelling import spelled_alike
from modalembic.runtime.match.subjects import only, touched_subjects
from modalembic.runtime.match.summary import Searched, summary
from modalembic.runtime.match.timeline import Timeline, reading_points, record, whole_order
from modalembic.runtime.match.weights import known_subjects, weigh
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser
from modalembic.runtime.scratch.server import Scratch, shared_scratch
from modalembic.runtime.touches import Touches


def find_match(
    project: Project,
    live: Live,
    *,
    at: Sequence[str] = (),
    observer: Observer | None = None,
    scratch: Scratch | None = None,
) -> Match:
    """What a live database matches, found and proven on the scratch server. `at` are targets that
    say what has run where no catalog can tell.

    Raises what is wrong with the project or a target, NotAmongMatched, MigrationFailed and the
    other errors of an upgrade, and those of a server.
    """
    project.require_sound()
    watching = observer or Observer()
    with (
        database_errors_explained(),
        shared_scratch(scratch, project, watching) as shared,
    ):
        goals = project.graph.revisions.keys()
        touches = migrated(project, shared, goals, watching).touches
        search = _Search(project, shared, live, touches, watching)
        found = search.nearest()
        choice = choose(project, found.cheapest, found.weights, live.situation.state, at)
        timeline = found.timeline
        compared = search.of_interest(timeline)
        known = known_subjects(timeline)
        proof = prove(project, shared, choice.applied, compared, known, watching)
        searched = Searched(found.cheapest, choice, proof, timeline, touches, search.touched)
        return summary(project, searched, live)


@dataclass(frozen=True)
class _Nearest:
    cheapest: Cheapest
    weights: dict[str, int]
    timeline: Timeline
    errors: bool


class _Search:
    """The sets of revisions that come nearest to a live catalog."""

    def __init__(
        self,
        project: Project,
        scratch: Scratch,
        live: Live,
        touches: Touches,
        observer: Observer,
    ) -> None:
        self._project = project
        self._scratch = scratch
        self._live = live
        self._observer = observer
        self.touched = _touched(touches)

    def nearest(self) -> _Nearest:
        """What comes nearest as the expressions are written; where that is not near enough, as
        Postgres spells them."""
        order = whole_order(self._project)
        points = reading_points(order, self.touched)
        while True:
            timeline = self._record(order, points)
            found, vague = self._of(timeline, self._known(timeline))
            if found.errors and not vague:
                found, vague = self._of(*self._spelled(timeline), read=timeline)
            if not vague:
                return found
            points |= vague

    def of_interest(self, timeline: Timeline) -> Catalog:
        """What of the live catalog is in the schemas that revisions make, in those that the
        configuration names, and in that of the version table."""
        made = {schema.name for moment in timeline.moments for schema in moment.catalog.schemas}
        named = {*self._project.configuration.schemas, self._live.situation.versions.schema}
        return of_interest(self._live.catalog, made | named)

    def _known(self, timeline: Timeline) -> Catalog:
        """What of that revisions make: the rest may need what a scratch server does not have."""
        return only(self.of_interest(timeline), known_subjects(timeline))

    def _record(self, order: Sequence[str], points: frozenset[int]) -> Timeline:
        """The timeline with readings at `points`: that of an earlier run, if nothing has changed
        that it depended on."""
        project, scratch = self._project, self._scratch
        goals = project.graph.revisions.keys()
        kind = f"timeline-{digest_of(sorted(points))[:12]}"
        replay = Replay(project, scratch.store, goals, lambda: scratch.identity, kind=kind)
        entry = replay.find()
        if entry is not None:
            return from_kept(entry.body, order)
        with replay.noted() as reads:
            timeline = record(project, scratch, order, points, self._observer, reads=reads)
        replay.keep({}, to_kept(timeline))
        return timeline

    def _spelled(self, timeline: Timeline) -> tuple[Timeline, Catalog]:
        live = self._known(timeline)
        try:
            return spelled_alike(timeline, live, KeptNormaliser(self._scratch).rebuilt)
        except RebuildFailed:  # the proof says why
            return timeline, live

    def _of(
        self, timeline: Timeline, live: Catalog, *, read: Timeline | None = None
    ) -> tuple[_Nearest, frozenset[int]]:
        weights = weigh(timeline, live, self.touched)
        found = cheapest(self._project.graph.parents, weights.of)
        left = weights.base + sum(weights.of.get(id_, 0) for id_ in found.least)
        return _Nearest(found, weights.of, read or timeline, left >= ERROR), weights.vague


def _touched(touches: Touches) -> Touched | None:
    """What each revision changes; None where that could not be recorded."""
    if touches.unknown is not None:
        return None

    @cache
    def touched(id_: str) -> frozenset[str]:
        found = touches.by_revision.get(id_)
        return frozenset() if found is None else touched_subjects(found)

    return touched
