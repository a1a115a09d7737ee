"""Which revisions count as applied, of all sets that a catalog cannot tell apart.

Revisions that change only rows, or nothing, leave no trace in a catalog. The version rows decide
where they say for a module what its catalog allows; else it is the latest revision of a module
that is there, so that transfers and merges count as applied. Whether a revision that does something
has run nobody can know then: it is left unsettled until somebody says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modalembic.errors import NotAmongMatched
from modalembic.history.state import State
from modalembic.history.targets import TargetResolver
from modalembic.project import Project
from modalembic.runtime.match.closure import Cheapest, cheapest
from modalembic.runtime.match.effects import does_nothing


@dataclass(frozen=True)
class Choice:
    """What counts as `applied`; the modules of which the version rows decided, and those of which
    somebody said it; and the revisions that do something and may have run or not, of the others."""

    applied: frozenset[str]
    by_rows: frozenset[str]
    by_word: frozenset[str]
    unsettled: tuple[str, ...]


def choose(
    project: Project,
    found: Cheapest,
    weights: Mapping[str, int],
    state: State,
    at: Sequence[str],
) -> Choice:
    """The set to take of those that are `found` by `weights`. `at` are targets that say it for
    their modules.

    Raises what is wrong with a target, and NotAmongMatched where the catalog does not allow one.
    """
    trusted = _trusted(project, found, state)
    applied = _preferred(project, found, weights, state, trusted)
    named = frozenset[str]()
    if at:
        said = _said(project, at, applied)
        named = frozenset(said)
        applied = _at(project, found, weights, applied, said)
    open_ = found.most - found.least
    unsettled = tuple(
        id_
        for id_, revision in project.graph.revisions.items()
        if id_ in open_ and revision.module not in trusted | named and not does_nothing(revision)
    )
    return Choice(applied, trusted, named, unsettled)


def of_module(project: Project, ids: frozenset[str], module: str) -> frozenset[str]:
    """Those of `ids` that are revisions of a module."""
    return ids.intersection(project.graph.of_module.get(module, ()))


def _trusted(project: Project, found: Cheapest, state: State) -> frozenset[str]:
    """The modules of which the version rows say what the catalog allows."""
    if not state.applied:
        return frozenset()
    return frozenset(
        module
        for module in project.graph.of_module
        if of_module(project, found.least, module)
        <= of_module(project, state.applied, module)
        <= of_module(project, found.most, module)
    )


def _preferred(
    project: Project,
    found: Cheapest,
    weights: Mapping[str, int],
    state: State,
    trusted: frozenset[str],
) -> frozenset[str]:
    """Of the cheapest sets the one that agrees most with the rows of the `trusted` modules; of
    these the one that has most of the others that are there at all."""
    graph = project.graph
    there = {graph.revisions[id_].module for id_ in found.least}
    heavy = 1 + len(graph.revisions)
    leaning = {id_: weight * 2 * heavy**2 for id_, weight in weights.items()}
    for id_ in found.most - found.least:
        module = graph.revisions[id_].module
        by_rows = module in trusted
        wanted = id_ in state.applied if by_rows else module in there
        lean = heavy if by_rows else 1
        leaning[id_] = leaning.get(id_, 0) + (-lean if wanted else lean)
    return cheapest(graph.parents, leaning).least


def _said(
    project: Project, at: Sequence[str], applied: frozenset[str]
) -> Mapping[str, frozenset[str]]:
    """What `at` says to have run of each module that it is about."""
    graph = project.graph
    resolver = TargetResolver(graph, project.module_order, set(applied))
    goals: dict[str, set[str]] = {}
    for target in at:
        found = resolver.upgrade(target)
        module = resolver.module_of(target)
        for about in (module,) if module is not None else project.module_order:
            goals.setdefault(about, set()).update(found)
    return {
        module: of_module(project, frozenset(graph.ancestors(wanted)), module)
        for module, wanted in goals.items()
    }


def _at(
    project: Project,
    found: Cheapest,
    weights: Mapping[str, int],
    applied: frozenset[str],
    said: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    graph, open_ = project.graph, found.most - found.least
    run = frozenset().union(*said.values())
    others = {id_ for module in said for id_ in of_module(project, open_, module) if id_ not in run}
    taken = frozenset((applied - graph.descendants(others)) | graph.ancestors(run))
    least = sum(weights.get(id_, 0) for id_ in found.least)
    if (
        all(of_module(project, taken, module) == ids for module, ids in said.items())
        and found.least <= taken <= found.most
        and sum(weights.get(id_, 0) for id_ in taken) == least
    ):
        return taken
    ranges = (f"of {module} it matches {_range(project, found, module)}" for module in said)
    raise NotAmongMatched("the database does not match what --at says", hint="; ".join(ranges))


def _range(project: Project, found: Cheapest, module: str) -> str:
    earliest, latest = (
        ", ".join(project.graph.tops(of_module(project, ids, module))) or f"{module}@base"
        for ids in (found.least, found.most)
    )
    return earliest if earliest == latest else f"{earliest} to {latest}"
