"""Tables that are gone from the models: whether a migration drops them, and whether their model is
still there, imported by nobody."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import BaseUnavailable
from modalembic.project import Project
from modalembic.runtime.diff.two_states import ComparedSide
from modalembic.runtime.earlier.git import run_git
from modalembic.runtime.earlier.state import TreeState


@dataclass(frozen=True)
class Leftover:
    """A model that nothing imports: where it is, and the class or variable that holds it."""

    path: Path
    line: int
    symbol: str | None


def is_dropped(
    project: Project, before: TreeState, key: str, migrations: ComparedSide | None, table: str
) -> bool:
    """Whether the migrations drop a table. Without a database that cannot be told: a new revision
    that names the table is then taken to do so."""
    if migrations is not None:
        return not migrations.has_now(table)
    name = re.compile(rf"(?<!\w){re.escape(key.rpartition('.')[2])}(?!\w)")
    new = [r for id_, r in project.graph.revisions.items() if id_ not in before.revisions]
    return any(name.search(_text(Path(revision.path))) for revision in new)


def leftover(project: Project, key: str, first: Path) -> Leftover | None:
    """The model of the table in a file of the project, `first` before all others."""
    name = key.rpartition(".")[2]
    imported = {getattr(module, "__file__", None) for module in tuple(sys.modules.values())}
    for path in dict.fromkeys((first, *_own_files(project))):
        if str(path) in imported or name not in _text(path):
            continue
        for line, symbol in _definitions(path, name):
            return Leftover(path, line, symbol)
    return None


def _own_files(project: Project) -> Iterator[Path]:
    """The Python files of the project that git keeps or would keep, sorted; without revisions."""
    listing = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", "*.py")
    try:
        listed = run_git(project.root, listing)
    except BaseUnavailable:
        return
    locations = [module.location for module in project.modules if module.location is not None]
    for name in sorted(filter(None, listed.split(b"\0"))):
        path = project.root / os.fsdecode(name)
        if not any(path.is_relative_to(location) for location in locations):
            yield path


def _definitions(path: Path, name: str) -> Iterator[tuple[int, str | None]]:
    try:
        tree = ast.parse(_text(path))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(_names(each, name) for each in node.body):
            yield node.lineno, node.name
        elif isinstance(node, ast.Call) and _is_table(node, name):
            yield node.lineno, None


def _names(statement: ast.stmt, name: str) -> bool:
    """Whether it is `__tablename__ = NAME`."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=value))
            | ast.AnnAssign(target=ast.Name(id="__tablename__"), value=ast.Constant(value=value))
        ):
            return bool(value == name)
        case ast.Assign(targets=[ast.Name(id="__table__")], value=ast.Call() as call):
            return _is_table(call, name)
    return False


def _is_table(call: ast.Call, name: str) -> bool:
    match call:
        case ast.Call(
            func=ast.Name(id="Table") | ast.Attribute(attr="Table"),
            args=[ast.Constant(value=value), *_],
        ):
            return bool(value == name)
    return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
