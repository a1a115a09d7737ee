"""What a new module needs in the configuration to be discovered: nothing where a pattern finds it,
else an entry in the list of modules, a table of its own, an entry point."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, cast

import tomlkit
from tomlkit.items import Array

from modalembic.authoring.files import newline_of
from modalembic.authoring.new_module.place import Place
from modalembic.authoring.new_module.request import Request
from modalembic.config import Configuration
from modalembic.project import Project

_Table = MutableMapping[str, Any]


@dataclass(frozen=True)
class Registration:
    """What is to be written: an entry of `modules`, the keys of a table `module.NAME`, entry points
    of the project's own distribution (by group). Empty: nothing."""

    pattern: str | None = None
    table: Mapping[str, Any] | None = None
    entry_points: Mapping[str, str] | None = None

    @property
    def reinstall(self) -> bool:
        """Whether an installation has to be made anew before all of it holds."""
        return self.entry_points is not None


def registration_of(
    project: Project, request: Request, place: Place, *, has_manifest: bool
) -> Registration:
    """How the module at `place` is made known. Without a manifest the table says what one would."""
    configuration = project.configuration
    table: dict[str, Any] = {}
    below = place.directory.relative_to(project.root).as_posix()
    pattern = None
    if not place.matched:
        if configuration.modules and not any(set("*?[") & set(p) for p in configuration.modules):
            pattern = below
        elif _by_package(configuration):
            table["package"] = place.package
        else:
            table["path"] = below
    if not has_manifest:
        table |= {"tier": request.tier} if request.tier != "optional" else {}
        table |= {"requires": list(request.requires)} if request.requires else {}
    points = None if place.matched or pattern else _entry_points(project, place)
    return Registration(pattern, table or None, points)


def _by_package(configuration: Configuration) -> bool:
    """Whether the project's modules are declared by package: by entry points, or by most tables."""
    tables = configuration.module.values()
    by_path = sum(table.path is not None for table in tables)
    by_package = sum(table.package is not None for table in tables)
    return by_package > by_path or (bool(configuration.entry_points) and not by_path)


def _entry_points(project: Project, place: Place) -> Mapping[str, str] | None:
    """The entry point, for the first of the groups that the project's own distribution has."""
    from modalembic.config.toml import read_toml

    pyproject = project.root / "pyproject.toml"
    document = read_toml(pyproject) if pyproject.is_file() else {}
    declared = document.get("project", {})
    groups = declared.get("entry-points", {}) if isinstance(declared, dict) else {}
    for group in project.configuration.entry_points:
        if isinstance(groups.get(group), dict):
            return {group: place.package}
    return None


def with_registration(
    configuration: Configuration, text: str, name: str, registration: Registration
) -> str:
    """`text`, that of the configuration's file, with what makes the module known; the rest of it
    stays as it is."""
    if registration.pattern is None and registration.table is None:
        return text
    document = tomlkit.parse(text)
    table: _Table = document
    if configuration.file.name != "modalembic.toml":
        table = cast(_Table, cast(_Table, document["tool"])["modalembic"])
    if registration.pattern is not None:
        _append(table, registration.pattern)
    if registration.table is not None:
        _declare(table, name, registration.table)
    return _dumped(document, text)


def with_entry_points(text: str, name: str, entry_points: Mapping[str, str]) -> str:
    """`text`, a `pyproject.toml`, with the entry points."""
    document = tomlkit.parse(text)
    groups = cast(_Table, cast(_Table, document["project"])["entry-points"])
    for group, package in entry_points.items():
        groups[group][name] = package
    return _dumped(document, text)


def _append(table: _Table, pattern: str) -> None:
    listed = table["modules"]
    if not isinstance(listed, Array):
        table["modules"] = [str(listed), pattern]
    elif "\n" in listed.as_string():
        indent = re.search(r"\n([ \t]+)[\"']", listed.as_string())
        listed.add_line(pattern, indent=indent[1] if indent else "    ")
    else:
        listed.append(pattern)


def _declare(table: _Table, name: str, keys: Mapping[str, Any]) -> None:
    declared = tomlkit.table()
    for key, value in keys.items():
        declared.add(key, value)
    if "module" not in table:
        table["module"] = tomlkit.table(is_super_table=True)
    table["module"][name] = declared


def _dumped(document: tomlkit.TOMLDocument, before: str) -> str:
    newline = newline_of(before)
    return tomlkit.dumps(document).replace("\r\n", "\n").replace("\n", newline)
