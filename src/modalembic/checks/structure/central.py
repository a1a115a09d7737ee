"""What is left in the old central places: models, services, schemas and tasks of modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from modalembic.checks.finding import Finding
from modalembic.checks.structure.places import CentralFile, central_files
from modalembic.modules.ownership import Ownership, read_ownership
from modalembic.project import Project

_SHOWN = 5


def left_behind(project: Project) -> Iterator[Finding]:
    """A finding for each central file that still defines a model with a table, a service, a schema
    or a task."""
    ownership = read_ownership(project.modules, project.search, project.configuration)
    tables = _tables(ownership)
    for file in central_files(project):
        names = _models(file, tables) if file.component == "models" else _defined(file.tree)
        if names:
            yield _finding(file, names)


def _tables(ownership: Ownership) -> Mapping[tuple[str, str], str | None]:
    """The owner of the table of each model, by its file and its name there."""
    return {
        (each.module, each.symbol): ownership.owners.get(each.table or "")
        for each in ownership.sources.definitions
        if each.symbol is not None
    }


def _models(
    file: CentralFile, tables: Mapping[tuple[str, str], str | None]
) -> dict[str, tuple[int, str | None]]:
    return {
        name: (line, tables[file.name, name])
        for name, (line, _) in _defined(file.tree).items()
        if (file.name, name) in tables
    }


def _defined(tree: ast.Module) -> dict[str, tuple[int, str | None]]:
    """The public classes and functions of a file, each with its line."""
    return {
        node.name: (node.lineno, None)
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    }


def _finding(file: CentralFile, names: Mapping[str, tuple[int, str | None]]) -> Finding:
    owners = sorted({owner for _, owner in names.values() if owner is not None})
    owner = owners[0] if len(owners) == 1 else None
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    told = ", ".join(list(names)[:_SHOWN]) + more
    belongs = f" of {owner}" if owner is not None else ""
    return Finding(
        rule="structure/left-behind",
        severity="warning",
        message=f"{file.name}, a central place for {file.component}, still has {told}{belongs}",
        module=owner,
        object=file.component,
        name=file.name,
        actual=", ".join(names),
        path=file.path,
        line=min(line for line, _ in names.values()),
        fix=f"modalembic move {file.name} {owner or 'MODULE'}",
    )
