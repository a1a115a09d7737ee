"""Lines of revisions that leave their module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.history.header import line_of
from modalembic.history.revision import Revision
from modalembic.project import Project


def crossing_parents(project: Project) -> Iterator[Finding]:
    """Revisions that follow (by `down_revision`) one of another module."""
    graph = project.graph
    for revision in graph.revisions.values():
        parents = [graph.revisions[id_] for id_ in graph.down[revision.id]]
        modules = {parent.module for parent in parents}
        if len(modules) > 1:
            yield _merge(revision, parents)
        elif modules - {revision.module}:
            yield _parent(revision, parents)


def _merge(revision: Revision, parents: list[Revision]) -> Finding:
    return Finding(
        rule="history/cross-module-merge",
        severity="warning",
        message=f"{revision.id} merges {_listed(parents)}: whatever follows it carries the labels "
        "of all of them, and a downgrade of one undoes the others",
        module=revision.module,
        object="revision",
        name=revision.id,
        part="down_revision",
        expected=f"revisions of {revision.module}",
        actual=_listed(parents),
        path=Path(revision.path),
        line=line_of(revision.path, "down_revision") or revision.line,
        fix="follow the revision of the own module, and name the others in depends_on",
    )


def _parent(revision: Revision, parents: list[Revision]) -> Finding:
    return Finding(
        rule="history/cross-module-parent",
        severity="info",
        message=f"{revision.id} of {revision.module} follows {_listed(parents)}: it runs, but a "
        "downgrade crosses",
        module=revision.module,
        object="revision",
        name=revision.id,
        part="down_revision",
        expected=f"a revision of {revision.module}, or None",
        actual=_listed(parents),
        path=Path(revision.path),
        line=line_of(revision.path, "down_revision") or revision.line,
    )


def _listed(revisions: list[Revision]) -> str:
    return " and ".join(f"{revision.id} of {revision.module}" for revision in revisions)
