"""Which tables a module takes over from another, as far as the source tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import fill

from modalembic.history.statements import read_statements
from modalembic.modules.ownership import read_ownership
from modalembic.project import Project

_WIDTH = 88


def taken_over(project: Project, source: str, module: str) -> tuple[str, ...]:
    """The tables whose models are in `module` now and that revisions of `source` make or change."""
    owners = read_ownership(project.modules, project.search, project.configuration).owners
    spoken_of = subjects(project, source)
    return tuple(
        sorted(
            table
            for table, owner in owners.items()
            if owner == module and table.rpartition(".")[2] in spoken_of
        )
    )


def transfer_text(source: str, tables: tuple[str, ...]) -> str:
    """What a transfer from `source` says of itself below its message."""
    if not tables:
        return fill(
            f"Whatever comes later in this branch runs after all that {source} did before.", _WIDTH
        )
    listed = "\n".join(f"- {table}" for table in tables)
    return f"Takes over from {source}:\n\n{listed}"


def subjects(project: Project, module: str) -> frozenset[str]:
    """The names of what the revisions of a module make or change."""
    return frozenset(_subjects(project, module))


def _subjects(project: Project, module: str) -> Iterator[str]:
    for id_ in project.graph.of_module.get(module, ()):
        path = project.graph.revisions[id_].path
        try:
            content = Path(path).read_bytes()
        except OSError:
            continue
        for statement in read_statements(content, path):
            yield statement.subject
            if statement.former is not None:
                yield statement.former
