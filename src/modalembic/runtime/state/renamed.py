"""Revisions that have another id now: what ran is gone, and a file that does the same is there."""

from __future__ import annotations

from collections.abc import Mapping

from modalembic.history.revision import Revision
from modalembic.project import Project
from modalembic.runtime.state.content import content_of
from modalembic.runtime.state.recorded import Ran


def renamed(project: Project, ran: Mapping[str, Ran]) -> dict[str, Revision]:
    """What became of revisions in `ran` that this code does not have any more: each with the
    revision of the same module that does the same and of which nothing is recorded.

    Nothing is read where none is gone. Raises OSError where a file cannot be read.
    """
    graph = project.graph
    gone = {
        id_: row.meaning_hash
        for id_, row in ran.items()
        if id_ not in graph.revisions and row.module in project.by_name and row.meaning_hash
    }
    modules = {ran[id_].module for id_ in gone}
    found: dict[tuple[str, str | None], Revision] = {}
    for module in sorted(modules):
        for id_ in graph.of_module.get(module, ()):
            if id_ not in ran:
                revision = graph.revisions[id_]
                found.setdefault((module, content_of(revision).meaning), revision)
    twins = {id_: found.get((ran[id_].module, meaning)) for id_, meaning in sorted(gone.items())}
    return {id_: twin for id_, twin in twins.items() if twin is not None}
