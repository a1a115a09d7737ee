"""What was found, module by module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from modalembic.postgres.catalog import Difference
from modalembic.project import Project
from modalembic.runtime.drift.live import Live
from modalembic.runtime.match.choice import Choice, of_module
from modalembic.runtime.match.closure import Cheapest
from modalembic.runtime.match.effects import does_nothing
from modalembic.runtime.match.found import Match, ModuleMatch, Reason, Silent
from modalembic.runtime.match.makers import Makers, Touched
from modalembic.runtime.match.proof import Proof
from modalembic.runtime.match.subjects import changed_rows, objects
from modalembic.runtime.match.timeline import Timeline
from modalembic.runtime.touches import Touches


@dataclass(frozen=True)
class Searched:
    """All that a search has brought up."""

    cheapest: Cheapest
    choice: Choice
    proof: Proof
    timeline: Timeline
    touches: Touches
    touched: Touched | None

    @cached_property
    def makers(self) -> Makers:
        """The revisions that changed each thing."""
        return Makers(self.timeline, self.touched)

    def rows_of(self, id_: str) -> tuple[str, ...]:
        """The tables whose rows a revision changes, as far as that is known."""
        found = self.touches.by_revision.get(id_)
        return () if found is None else changed_rows(found)


def summary(project: Project, searched: Searched, live: Live) -> Match:
    """What the database matches, for people and for a stamp."""
    choice, proof, state = searched.choice, searched.proof, live.situation.state
    of_modules = _by_module(project, searched)
    counted = _objects(project, searched)
    return Match(
        modules=tuple(
            _module(project, searched, module, of_modules.get(module, ()), counted.get(module, 0))
            for module in project.module_order
        ),
        applied=choice.applied,
        rows=state.rows,
        top=frozenset(project.graph.maximal(set(choice.applied))),
        orphans=state.orphans,
        held=state.held,
        elsewhere=tuple(of_modules.get(None, ())),
        extra=proof.extra,
        remarks=proof.remarks,
        unsettled=choice.unsettled,
        unproven=tuple(
            id_
            for id_ in searched.timeline.order
            if id_ in searched.cheapest.least - state.applied and searched.rows_of(id_)
        ),
        unspelled=proof.unspelled,
        live=live.catalog,
        database=live.database,
    )


def _module(
    project: Project,
    searched: Searched,
    module: str,
    differences: Sequence[Difference],
    objects_: int,
) -> ModuleMatch:
    found, choice = searched.cheapest, searched.choice
    least, most = (of_module(project, ids, module) for ids in (found.least, found.most))
    tops = project.graph.tops
    silent = [id_ for id_ in searched.timeline.order if id_ in most - least]
    return ModuleMatch(
        module,
        revisions=tops(of_module(project, choice.applied, module)),
        because=_because(choice, module, decided=not silent, there=bool(least)),
        earliest=tops(least),
        latest=tops(most),
        silent=tuple(
            Silent(
                id_,
                id_ in choice.applied,
                searched.rows_of(id_),
                does_nothing(project.graph.revisions[id_]),
            )
            for id_ in silent
        ),
        objects=objects_,
        differences=tuple(differences),
    )


def _because(choice: Choice, module: str, *, decided: bool, there: bool) -> Reason:
    if decided:
        return "catalog"
    if module in choice.by_word:
        return "word"
    if module in choice.by_rows:
        return "rows"
    return "latest" if there else "nothing"


def _by_module(project: Project, searched: Searched) -> dict[str | None, list[Difference]]:
    """The differences that speak against the chosen revisions, each with the module that made the
    object what it should be."""
    found: dict[str | None, list[Difference]] = {}
    for each in searched.proof.wrong:
        by = list(_makers_of(searched, each))
        module = project.graph.revisions[by[-1]].module if by else None
        found.setdefault(module, []).append(each)
    return found


def _makers_of(searched: Searched, each: Difference) -> Iterator[str]:
    """The revisions that changed an object, those that count as applied last."""
    by = searched.makers.of_difference(each)
    applied = searched.choice.applied
    yield from (id_ for id_ in by if id_ not in applied)
    yield from (id_ for id_ in by if id_ in applied)


def _objects(project: Project, searched: Searched) -> dict[str, int]:
    """How many objects each module has had a hand in, of those that were compared."""
    found: dict[str, int] = {}
    applied, revisions = searched.choice.applied, project.graph.revisions
    for subject in {subject for subject, _ in objects(searched.proof.expected)}:
        by = searched.makers.of(subject)
        for module in {revisions[id_].module for id_ in by if id_ in applied}:
            found[module] = found.get(module, 0) + 1
    return found
