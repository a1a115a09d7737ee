"""Revisions that have another id now: what ran is gone, and a file that does the same is there."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from modalembic.history.graph import RevisionGraph
from modalembic.history.revision import Revision
from modalembic.history.spliced import below
from modalembic.project import Project
from modalembic.runtime.state.content import content_of
from modalembic.runtime.state.recorded import Ran


def renamed(
    project: Project, ran: Mapping[str, Ran], applied: AbstractSet[str]
) -> dict[str, Revision]:
    """What became of revisions in `ran` that this code does not have any more: each with the
    revision of the same module that does the same, stands in its place, and of which nothing is
    recorded. `applied` is what counts as applied.

    Nothing is read where none is gone. Raises OSError where a file cannot be read.
    """
    graph = project.graph
    gone = [
        row
        for row in ran.values()
        if row.revision not in graph.revisions and row.module in project.by_name
        if row.meaning_hash
    ]
    alike = _by_meaning(graph, {row.module for row in gone}, ran)
    parents = {id_: row.parents for id_, row in ran.items()}
    twins: dict[str, Revision] = {}
    for row in sorted(gone, key=lambda row: (row.at, row.revision)):
        then = below(graph, row.parents, parents)
        taken = {twin.id for twin in twins.values()}
        fitting = [
            id_
            for id_ in alike.get((row.module, row.meaning_hash), ())
            if id_ in applied or _stands_in_place(graph, id_, then, applied | taken)
        ]
        if fitting:
            # Several may do the same, as merges do: each is another one, where there are enough.
            twins[row.revision] = graph.revisions[min(fitting, key=taken.__contains__)]
    return dict(sorted(twins.items()))


def _by_meaning(
    graph: RevisionGraph, modules: AbstractSet[str], ran: Mapping[str, Ran]
) -> dict[tuple[str, str | None], list[str]]:
    """The revisions of `modules` that are not in `ran`, by module and meaning."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for module in sorted(modules):
        for id_ in graph.of_module.get(module, ()):
            if id_ not in ran:
                meaning = content_of(graph.revisions[id_]).meaning
                found.setdefault((module, meaning), []).append(id_)
    return found


def _stands_in_place(
    graph: RevisionGraph, id_: str, then: AbstractSet[str], applied: AbstractSet[str]
) -> bool:
    """Whether `id_`, taken for what was built on `then`, brings nothing that has not run with it,
    and leaves nothing out that has: a version row stands for all that is below it."""
    needs = graph.ancestors(graph.parents[id_])
    return then <= needs <= applied
