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

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import newline_of, read_exactly
from modalembic.checks.structure.locations import resolved_location
from modalembic.errors import ConfigurationError
from modalembic.modules import Module
from modalembic.project import Project

KEY = "version_locations"
# With a comment behind it, as templates of Alembic once had it, the value is none to Alembic.
_SEPARATES = re.compile(r"^(?:version_)?path_separator\s*=\s*\S+\s*$", re.MULTILINE)


def version_location_entries(root: Path, modules: Iterable[Module]) -> tuple[str, ...]:
    """Each module's version location as Alembic spells it: from `%(here)s` on below `root`, and as
    `package:directory` in installed packages."""
    return tuple(_entry(root, root, module) for module in modules if module.location is not None)


def toml_string(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)


def _entry(root: Path, here: Path, module: Module) -> str:
    """`here` is the directory of the file that has the list."""
    location = module.location
    assert location is not None
    if location.is_relative_to(root):
        return "%(here)s/" + _escaped(Path(os.path.relpath(location, here)).as_posix())
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

    Raises ConfigurationError for an ini file whose separator cannot carry the entries, and what
    `ChangeSet.apply` raises.
    """
    file = project.alembic.listed_in
    if file is None:
        return ()
    before = read_exactly(file)
    after = with_version_locations(project, before, project.modules)
    return ChangeSet.of(project.root, [Change(file, before, after)]).apply()


def with_version_locations(project: Project, text: str, modules: Iterable[Module]) -> str:
    """`text`, which is that of the file `project.alembic.listed_in`, with the list brought up to
    date for `modules`; the rest stays as it is. Raises as `write_version_locations` does."""
    file = project.alembic.listed_in
    assert file is not None
    wanted = _Wanted(project, modules)
    return _in_toml(text, wanted) if file.suffix == ".toml" else _in_ini(file, text, wanted)


class _Wanted:
    """The entries that a list should have."""

    def __init__(self, project: Project, modules: Iterable[Module]) -> None:
        self._project = project
        file = project.alembic.listed_in
        self._here = project.root if file is None else file.parent
        self._entries = {
            os.path.realpath(module.location): _entry(project.root, self._here, module)
            for module in modules
            if module.location is not None
        }

    def begin(self) -> _Sorting:
        return _Sorting(dict(self._entries), self._resolved)

    def _resolved(self, entry: str) -> str:
        here = self._here.as_posix()
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
    indent = re.search(r"\n([ \t]+)[\"']", listed.as_string())
    for entry in sorting.missing:
        listed.add_line(entry, indent=indent[1] if indent else "    ")
    if sorting.missing and on_one_line:
        listed.multiline(multiline=True)
    newline = newline_of(text)
    return tomlkit.dumps(document).replace("\r\n", "\n").replace("\n", newline)


def _in_ini(path: Path, text: str, wanted: _Wanted) -> str:
    """The list in an ini file: a line for each entry under `path_separator = newline`, else one
    line, if it is one already and no entry has the separator in it."""
    separator = _separator_in(text)
    lines = text.splitlines(keepends=True)
    begin, end = _ini_option(path, lines)
    sorting = wanted.begin()
    new: str | None = None
    if begin == end and _SEPARATES.search(text) is None and _has_one_path(text):
        # Nothing that is there is split by it yet.
        lines.insert(begin, f"path_separator = newline{newline_of(text)}")
        begin, end, separator = begin + 1, end + 1, "\n"
    if separator == "\n":
        new = _on_lines(lines[begin:end], sorting, newline_of(text))
    elif end - begin <= 1:
        new = _on_one_line(lines[begin:end], sorting, separator, newline_of(text))
    if new is None:
        raise ConfigurationError(
            f"{path.name} separates paths in a way that breaks entries of {KEY}",
            hint="write `path_separator = newline` in [alembic], and each path of "
            f"{KEY} and prepend_sys_path in a line of its own; then run it again",
            path=path,
        )
    return "".join(lines[:begin]) + new + "".join(lines[end:])


def _separator_in(text: str) -> str:
    """What separates the paths, by Alembic's rule; a space where nothing says so."""
    for key in ("path_separator", "version_path_separator"):
        found = re.search(rf"^{key}\s*=\s*(\S+)\s*$", text, re.MULTILINE)
        if found is not None:
            named = {"newline": "\n", "os": os.pathsep, "space": " "}
            return named.get(found[1], found[1])
    return " "


def _has_one_path(text: str) -> bool:
    """Whether `prepend_sys_path` would be the same under any separator."""
    found = re.search(r"^prepend_sys_path\s*=[ \t]*(.*(?:\n[ \t]+.*)*)", text, re.MULTILINE)
    return found is None or not set(" ,:;\n") & set(found[1].strip())


def _on_lines(lines: list[str], sorting: _Sorting, newline: str) -> str:
    first = lines[0].partition("=")[2] if lines else ""
    kept = [
        line.strip()
        for line in (first, *lines[1:])
        if line.strip() and (line.lstrip()[0] in "#;" or sorting.stays(line.strip()))
    ]
    return newline.join([f"{KEY} =", *(f"    {line}" for line in (*kept, *sorting.missing)), ""])


def _on_one_line(lines: list[str], sorting: _Sorting, separator: str, newline: str) -> str | None:
    """None where an entry cannot be written so."""
    listed = lines[0].partition("=")[2].strip() if lines else ""
    kept = [each for each in map(str.strip, listed.split(separator)) if each]
    entries = [*(each for each in kept if sorting.stays(each)), *sorting.missing]
    breaks = separator if separator.strip() else " ,"
    if len(separator) != 1 or any(set(breaks) & set(each) for each in entries):
        return None
    return f"{KEY} = {separator.join(entries)}{newline}"


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
