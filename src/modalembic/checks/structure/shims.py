"""Re-exports that a move has left in an old place."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modalembic.checks.structure.places import CentralFile, central_files
from modalembic.modules.own_files import python_files
from modalembic.modules.ownership import Territory
from modalembic.modules.packages import dotted_name
from modalembic.project import Project
from modalembic.syntax import parse

# What `modalembic move` marks them with, and what holds them.
MARK = "# modalembic: re-export"
TABLE = "_MOVED"


@dataclass(frozen=True)
class Shim:
    """A file that hands on what modules define: `name` is its dotted name, `names` what it hands
    on, each with its new place (`a.b:Name`). `marked` says that a move has left it, and not a
    person; `component` is what the central place is for in which it lies, if it does."""

    name: str
    path: Path
    names: Mapping[str, str] = field(default_factory=dict)
    marked: bool = True
    component: str | None = None

    @property
    def is_package(self) -> bool:
        """Whether the file is the `__init__` of a package, which is there for other modules too."""
        return self.path.stem == "__init__"


def shims(project: Project) -> tuple[Shim, ...]:
    """Every file that a move has left re-exports in, and every file in a central place that has
    nothing but imports, sorted by their names."""
    central = {file.path: file for file in central_files(project)}
    found = {shim.path: shim for shim in _marked(project, central)}
    for path, file in central.items():
        if path not in found and _only_hands_on(project, file):
            names = dict(_bound(file.tree))
            found[path] = Shim(file.name, path, names, marked=False, component=file.component)
    return tuple(sorted(found.values(), key=lambda shim: shim.name))


def imported(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[str, int, bool]]:
    """The dotted names of all that a file may import, each with the line; of `from a import b` both
    `a` and `a.b`, since only running tells which it is, and `a.*` for a star. False says of a name
    that it is only the beginning of what is imported."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.name, node.lineno, True
            case ast.ImportFrom(module=name, names=names, level=level):
                base = _absolute(module, level, name, is_package=is_package)
                yield base, node.lineno, False
                for alias in names:
                    yield f"{base}.{alias.name}", node.lineno, True


def _marked(project: Project, central: Mapping[Path, CentralFile]) -> Iterator[Shim]:
    mark = MARK.encode()
    for path in python_files(project.root):
        source = path.read_bytes()
        package = dotted_name(path.parent, project.search) if mark in source else None
        if package is None:
            continue
        try:
            tree = parse(source, str(path))
        except SyntaxError:
            continue
        name = package if path.stem == "__init__" else f"{package}.{path.stem}"
        component = central[path].component if path in central else None
        yield Shim(name, path, dict(_entries(tree.body)), component=component)


def _entries(body: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)):
                for key, value in zip(keys, values, strict=True) if name == TABLE else ():
                    match key, value:
                        case ast.Constant(value=str() as old), ast.Constant(value=str() as new):
                            yield old, new


def _only_hands_on(project: Project, file: CentralFile) -> bool:
    """Whether a file has nothing but imports, one of a module at least."""
    territory = Territory.of_modules(project.modules)
    names = imported(file.tree, file.name, is_package=file.path.stem == "__init__")
    alone = all(
        isinstance(each, ast.Import | ast.ImportFrom) or _is_quiet(each) for each in file.tree.body
    )
    return alone and any(territory.of(name) is not None for name, _, _ in names)


def _is_quiet(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def _bound(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that `from … import` binds at the top of a file, each with the place."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module or ''}:{alias.name}"


def _absolute(module: str, level: int, name: str | None, *, is_package: bool) -> str:
    if not level:
        return name or ""
    parts = module.split(".")
    kept = parts[: len(parts) - level + (1 if is_package else 0)]
    return ".".join((*kept, *([name] if name else [])))
