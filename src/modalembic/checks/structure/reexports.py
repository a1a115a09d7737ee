"""Re-exports that a move has left in an old place, and who still uses them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.checks.structure.places import CentralFile, central_files
from modalembic.modules.own_files import python_files
from modalembic.modules.ownership import Territory
from modalembic.modules.packages import dotted_name
from modalembic.project import Project
from modalembic.syntax import parse

# What `modalembic move` marks them with.
MARK = "# modalembic: re-export"
_SHOWN = 3


@dataclass(frozen=True)
class Use:
    """A line that imports a file."""

    path: Path
    line: int


def re_exports(project: Project) -> Iterator[Finding]:
    """A finding for each central file that only hands on what modules define: a warning where
    nobody imports it any more."""
    left = {file.name: file for file in central_files(project) if _is_re_export(project, file)}
    if not left:
        return
    uses = _uses(project, left)
    for name, file in left.items():
        others = [use for use in uses.get(name, ()) if use.path != file.path]
        yield _used(project, file, others) if others else _unused(file)


def _is_re_export(project: Project, file: CentralFile) -> bool:
    """Whether a file is marked as such, or has nothing but imports, one of a module at least."""
    if MARK in file.path.read_text(encoding="utf-8", errors="replace"):
        return True
    territory = Territory.of_modules(project.modules)
    imported = [*_imported(file.tree, file.name, is_package=file.path.stem == "__init__")]
    alone = all(
        isinstance(each, ast.Import | ast.ImportFrom) or _is_quiet(each) for each in file.tree.body
    )
    return alone and any(territory.of(name) is not None for name, _ in imported)


def _is_quiet(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def _uses(project: Project, names: Mapping[str, object]) -> dict[str, list[Use]]:
    """Every import of one of `names` in the project, tests and revisions included."""
    words = [name.rpartition(".")[2].encode() for name in names]
    found: dict[str, list[Use]] = {}
    for path in python_files(project.root):
        source = path.read_bytes()
        if not any(word in source for word in words):
            continue
        try:
            tree = parse(source, str(path))
        except SyntaxError:
            continue
        package = dotted_name(path.parent, project.search)
        for name, line in _imported(
            tree, _module(path, package), is_package=path.stem == "__init__"
        ):
            if name in names:
                found.setdefault(name, []).append(Use(path, line))
    return found


def _module(path: Path, package: str | None) -> str:
    if path.stem == "__init__":
        return package or ""
    return f"{package}.{path.stem}" if package else path.stem


def _imported(tree: ast.Module, module: str, *, is_package: bool) -> Iterator[tuple[str, int]]:
    """The dotted names of all files that a file may import, each with the line; of `from a import
    b` both `a` and `a.b`, since only running tells which it is."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.name, node.lineno
            case ast.ImportFrom(module=name, names=names, level=level):
                base = _absolute(module, level, name, is_package=is_package)
                yield base, node.lineno
                for alias in names:
                    yield f"{base}.{alias.name}", node.lineno


def _absolute(module: str, level: int, name: str | None, *, is_package: bool) -> str:
    if not level:
        return name or ""
    parts = module.split(".")
    kept = parts[: len(parts) - level + (1 if is_package else 0)]
    return ".".join((*kept, *([name] if name else [])))


def _used(project: Project, file: CentralFile, uses: Iterable[Use]) -> Finding:
    sorted_uses = sorted(uses, key=lambda use: (str(use.path), use.line))
    shown = [_shown(project, use) for use in sorted_uses[:_SHOWN]]
    more = f" and {len(sorted_uses) - _SHOWN} more" if len(sorted_uses) > _SHOWN else ""
    return Finding(
        rule="structure/re-export",
        severity="info",
        message=f"{file.name} re-exports what modules define, and is still imported by "
        f"{', '.join(shown)}{more}",
        object=file.component,
        name=file.name,
        expected="0",
        actual=str(len(sorted_uses)),
        path=file.path,
        line=1,
    )


def _unused(file: CentralFile) -> Finding:
    return Finding(
        rule="structure/unused-re-export",
        severity="warning",
        message=f"{file.name} re-exports what modules define, and nobody imports it any more",
        object=file.component,
        name=file.name,
        path=file.path,
        line=1,
        fix="delete the file",
    )


def _shown(project: Project, use: Use) -> str:
    path = use.path.relative_to(project.root) if use.path.is_relative_to(project.root) else use.path
    return f"{path}:{use.line}"
