"""Writing the version locations down where stock Alembic reads them.

What is there is edited and not written anew: entries that are right stay as they are spelled, in
their order, with the comments between them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.items import Array

from modalembic.authoring.files import newline_of, read_exactly, write_exactly
from modalembic.checks.structure import resolved_location
from modalembic.errors import ConfigurationError
from modalembic.modules import Module
from modalembic.project import Project

KEY = "version_locations"


def version_location_entries(root: Path, modules: Iterable[Module]) -> tuple[str, ...]:
    """Each module's version location as Alembic spells it: from `%(here)s` on below `root`, and as
    `package:directory` in installed packages."""
    return tuple(_entry(root, module) for module in modules if module.location is not None)


def toml_string(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)


def _entry(root: Path, module: Module) -> str:
    location = module.location
    assert location is not None
    if location.is_relative_to(root):
        return "%(here)s/" + _escaped(location.relative_to(root).as_posix())
    if module.package is not None and module.directory is not None:
        below = os.path.relpath(location, module.directory)
        return _escaped(f"{module.package}:{Path(below).as_posix()}")
    return _escaped(str(location))


def _escaped(path: str) -> str:
    """Alembic fills in `%(here)s`, so that any other % stands twice."""
    return path.replace("%", "%%")


def write_version_locations(project: Project) -> tuple[Path, ...]:
    """Bring `version_locations` up to date, and leave the rest of the file byte for byte; the
    files that were written.

    Raises ConfigurationError for an ini file whose separator cannot carry the entries.
    """
    file = project.alembic.listed_in
    if file is None:
        return ()
    before = read_exactly(file)
    wanted = _Wanted(project)
    toml = file.suffix == ".toml"
    after = _in_toml(before, wanted) if toml else _in_ini(file, before, wanted)
    if after == before:
        return ()
    write_exactly(file, after)
    return (file,)


class _Wanted:
    """The entries that a list should have."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._entries = {
            os.path.realpath(module.location): _entry(project.root, module)
            for module in project.modules
            if module.location is not None
        }

    def begin(self) -> _Sorting:
        return _Sorting(dict(self._entries), self._resolved)

    def _resolved(self, entry: str) -> str:
        here = self._project.root.as_posix()
        return resolved_location(self._project, entry.replace("%(here)s", here).replace("%%", "%"))


@dataclass
class _Sorting:
    """Goes through what is listed: which entries stay, and which are `missing` in the end."""

    left: dict[str, str]
    resolved: Callable[[str], str]

    def stays(self, entry: str) -> bool:
        return self.left.pop(self.resolved(entry), None) is not None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(self.left.values())


def _in_toml(text: str, wanted: _Wanted) -> str:
    document = tomlkit.parse(text)
    # Out-of-order tables come as a proxy, which takes changes all the same.
    table = cast("MutableMapping[str, Any]", document["tool"])["alembic"]
    listed = table.get(KEY)
    if not isinstance(listed, Array) or not all(isinstance(entry, str) for entry in listed):
        listed = table[KEY] = tomlkit.array()
    sorting = wanted.begin()
    for position in reversed(range(len(listed))):
        if not sorting.stays(str(listed[position])):
            del listed[position]
    on_one_line = "\n" not in listed.as_string()
    for entry in sorting.missing:
        listed.add_line(entry)
    if sorting.missing and on_one_line:
        listed.multiline(multiline=True)
    newline = newline_of(text)
    return tomlkit.dumps(document).replace("\r\n", "\n").replace("\n", newline)


def _in_ini(path: Path, text: str, wanted: _Wanted) -> str:
    """Only a list of lines under `path_separator = newline` takes every entry as it is."""
    if re.search(r"^path_separator\s*=\s*newline\s*$", text, re.MULTILINE) is None:
        raise ConfigurationError(
            f"{path.name} separates paths in a way that breaks package:directory entries",
            hint="write `path_separator = newline` in [alembic], and each path of "
            f"{KEY} and prepend_sys_path in a line of its own; then run it again",
            path=path,
        )
    lines = text.splitlines(keepends=True)
    begin, end = _ini_option(path, lines)
    sorting = wanted.begin()
    first = lines[begin].partition("=")[2] if begin < end else ""
    kept = [
        line.strip()
        for line in (first, *lines[begin + 1 : end])
        if line.strip() and (line.lstrip()[0] in "#;" or sorting.stays(line.strip()))
    ]
    new = newline_of(text).join(
        [f"{KEY} =", *(f"    {line}" for line in (*kept, *sorting.missing)), ""]
    )
    return "".join(lines[:begin]) + new + "".join(lines[end:])


def _ini_option(path: Path, lines: list[str]) -> tuple[int, int]:
    """The lines that hold the list; where there is none, the place below the section's header."""
    for begin, line in enumerate(lines):
        if re.match(rf"{KEY}\s*=", line):
            end = begin + 1
            while end < len(lines) and re.match(r"[ \t]+\S", lines[end]):
                end += 1
            return begin, end
    for begin, line in enumerate(lines):
        if line.startswith("[alembic]"):
            return begin + 1, begin + 1
    raise ConfigurationError(f"{path.name} has no section [alembic]", path=path)
