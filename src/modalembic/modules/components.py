"""The components of a module: what it has of services, models, schemas and so on, and how much of
that is its own and not a re-export of what still lies elsewhere. Read from the source alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modalembic.modules.module import Module
from modalembic.syntax import parse

USUAL = (
    "config",
    "exceptions",
    "models",
    "routes",
    "schemas",
    "services",
    "tasks",
    "templates",
    "tests",
)
MIGRATIONS = "migrations"
ComponentState = Literal["own", "mixed", "re-export", "empty", "missing"]
Completeness = Literal["shell", "partial", "complete"]
_SKIPPED = frozenset({"__pycache__"})


@dataclass(frozen=True)
class Component:
    """A part of a module: `own` where its code is here, `re-export` where it only hands on what
    lies elsewhere, `mixed` where it does both, `empty`, or `missing` where the module's definition
    names it and it is not there. `path` is None for that."""

    name: str
    state: ComponentState
    path: Path | None


def read_components(module: Module) -> tuple[Component, ...]:
    """The components that `module` has, or names, sorted by name. A module without a directory has
    none."""
    if module.directory is None:
        return ()
    found = {each.name: each for each in _present(module, module.directory)}
    for name in module.components:
        found.setdefault(name, Component(name, "missing", None))
    return tuple(found[name] for name in sorted(found))


def completeness(components: tuple[Component, ...]) -> Completeness:
    """`shell`: nothing of the module is its own yet; `complete`: all of it is; else `partial`."""
    states = {each.state for each in components if each.name != MIGRATIONS}
    if not states & {"own", "mixed"}:
        return "shell"
    return "complete" if states <= {"own", "empty"} else "partial"


def _present(module: Module, directory: Path) -> Iterator[Component]:
    if module.location is not None and module.location.is_dir():
        has = any(path.suffix == ".py" for path in module.location.iterdir())
        yield Component(MIGRATIONS, "own" if has else "empty", module.location)
    for name in dict.fromkeys((*USUAL, *module.components)):
        if name == MIGRATIONS:
            continue
        for path in (directory / name, directory / f"{name}.py"):
            if path.exists():
                yield Component(name, _state(path, module.package), path)
                break


def _state(path: Path, package: str | None) -> ComponentState:
    files = [path] if path.is_file() else sorted(_files(path))
    states = {_file_state(file, package) for file in files}
    if "own" in states:
        return "mixed" if "re-export" in states else "own"
    return "re-export" if "re-export" in states else "empty"


def _files(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.is_dir() and path.name not in _SKIPPED:
            yield from _files(path)
        elif path.is_file() and path.name not in {".gitkeep", "py.typed"}:
            yield path


def _file_state(path: Path, package: str | None) -> Literal["own", "re-export", "empty"]:
    """What a file holds; one that does not parse, or is no Python, is something of its own."""
    if path.suffix not in {".py", ".pyi"}:
        return "own"
    try:
        body = parse(path.read_bytes(), str(path)).body
    except (OSError, SyntaxError):
        return "own"
    statements = [each for each in body if not _says_nothing(each)]
    if any(not isinstance(each, ast.Import | ast.ImportFrom) for each in statements):
        return "own"
    outside = any(not _is_inside(each, package) for each in statements)
    return "re-export" if outside else "empty"


def _says_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case (
            ast.Assign(targets=[ast.Name(id="__all__")])
            | ast.AnnAssign(target=ast.Name(id="__all__"))
        ):
            return True
        case ast.ImportFrom(module="__future__"):
            return True
    return False


def _is_inside(statement: ast.stmt, package: str | None) -> bool:
    """Whether an import is of the module's own package."""
    match statement:
        case ast.ImportFrom(level=level) if level:
            return True
        case ast.ImportFrom(module=str(name)):
            return _below(name, package)
        case ast.Import(names=names):
            return all(_below(alias.name, package) for alias in names)
    return False


def _below(name: str, package: str | None) -> bool:
    return package is not None and (name == package or name.startswith(f"{package}."))
