"""The old central places of an application: where models, services, schemas and tasks lay before
the split into modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.modules.own_files import python_files
from modalembic.modules.ownership import Territory
from modalembic.modules.packages import find_spec
from modalembic.project import Project
from modalembic.syntax import parse

COMPONENTS = ("models", "schemas", "services", "tasks")


@dataclass(frozen=True)
class CentralFile:
    """A file in a central place: `name` is its dotted name, `component` what the place is for."""

    name: str
    component: str
    path: Path
    tree: ast.Module


def central_files(project: Project) -> Iterator[CentralFile]:
    """The files in the central places of `project`, in the order of their names; those that do not
    parse are left out, which `structure/unreadable-source` says."""
    territory = Territory.of_modules(project.modules)
    for place in central_places(project):
        component = place.rpartition(".")[2]
        for name, path in sorted(_files(project, place)):
            if territory.of(name) is not None:
                continue
            try:
                tree = parse(path.read_bytes(), str(path))
            except (OSError, SyntaxError):
                continue
            yield CentralFile(name, component, path, tree)


def central_places(project: Project) -> tuple[str, ...]:
    """Dotted names: those that are configured, else `models`, `schemas`, `services` and `tasks` in
    the packages that have the modules, and beside them."""
    configured = project.configuration.structure.central
    if configured is not None:
        return configured
    packages = [module.package for module in project.modules if module.package is not None]
    above = {name for package in packages for name in _above(package)}
    parents = ("", *sorted(above))
    return tuple(
        ".".join(filter(None, (parent, component)))
        for parent in parents
        for component in COMPONENTS
    )


def _above(package: str) -> Iterator[str]:
    while "." in package:
        package = package.rpartition(".")[0]
        yield package


def _files(project: Project, place: str) -> Iterator[tuple[str, Path]]:
    """The files of a module or package below the project, with their dotted names."""
    spec = find_spec(place, project.search)
    if spec is None:
        return
    if spec.origin is not None and spec.submodule_search_locations is None:
        origin = Path(spec.origin)
        if origin.is_relative_to(project.root):
            yield place, origin
        return
    for location in spec.submodule_search_locations or ():
        directory = Path(location)
        if directory.is_relative_to(project.root):
            for path in python_files(directory):
                yield _dotted(place, path.relative_to(directory)), path


def _dotted(place: str, below: Path) -> str:
    parts = below.with_suffix("").parts
    return ".".join((place, *(parts[:-1] if parts[-1] == "__init__" else parts)))
