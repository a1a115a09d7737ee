"""What the distributions of a tree declare, read from `pyproject.toml` and `setup.cfg`."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.config.toml import read_toml
from modalembic.errors import ConfigurationError
from modalembic.runtime.earlier.git import run_git

_FILES = ("pyproject.toml", "setup.cfg")
EntryPoints = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Declared:
    """A distribution of the tree, in `directory`. `entry_points` by group and name; None where they
    are not written down (a `setup.py` says them, or a build does)."""

    name: str
    directory: Path
    version: str
    entry_points: EntryPoints | None

    @property
    def code(self) -> Path:
        """The directory that its packages lie in, by the layouts that most have."""
        source = self.directory / "src"
        return source if source.is_dir() else self.directory


def normalised(name: str) -> str:
    """The name of a distribution as all spellings of it have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared_in(top: Path) -> dict[str, Declared]:
    """The distributions of the tree at `top` by their normalised names; of two with one name the
    one nearer to the top. Files that are no TOML are passed over: who needs them complains."""
    directories = sorted(
        {path.parent for name in _FILES for path in top.rglob(name)},
        key=lambda path: (len(path.parts), path),
    )
    found: dict[str, Declared] = {}
    for directory in directories:
        each = declared_at(directory)
        if each is not None:
            found.setdefault(normalised(each.name), each)
    return found


def names_in_working_tree(top: Path) -> frozenset[str]:
    """The normalised names of the distributions of the working tree, git's ignored files aside."""
    patterns = tuple(f":(glob)**/{name}" for name in _FILES)
    listing = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns)
    paths = (Path(os.fsdecode(name)) for name in run_git(top, listing).split(b"\0") if name)
    found = (declared_at(top / path.parent) for path in paths)
    return frozenset(normalised(each.name) for each in found if each is not None)


def declared_at(directory: Path) -> Declared | None:
    """The distribution that `directory` itself declares, if any."""
    project, poetry = _tables(directory / "pyproject.toml")
    setup = _setup(directory / "setup.cfg")
    name = project.get("name") or poetry.get("name") or setup.get("metadata", {}).get("name")
    if not isinstance(name, str):
        return None
    version = project.get("version") or poetry.get("version") or "0"
    return Declared(name, directory, str(version), _entry_points(project, poetry, setup))


def _entry_points(
    project: Mapping[str, Any], poetry: Mapping[str, Any], setup: Mapping[str, Any]
) -> EntryPoints | None:
    if "entry-points" in project.get("dynamic", ()):
        return _of_setup(setup) if setup else None
    if project:
        return _strings(project.get("entry-points"))
    if poetry:
        return _strings(poetry.get("plugins"))
    return _of_setup(setup) if "options.entry_points" in setup else None


def _strings(table: Any) -> EntryPoints:
    groups = table if isinstance(table, dict) else {}
    return {
        group: {name: str(value) for name, value in points.items() if isinstance(value, str)}
        for group, points in groups.items()
        if isinstance(points, dict)
    }


def _of_setup(setup: Mapping[str, Any]) -> EntryPoints:
    return {
        group: dict(_pairs(text)) for group, text in setup.get("options.entry_points", {}).items()
    }


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith("#"):
            yield name.strip(), value.strip()


def _tables(path: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """`[project]` and `[tool.poetry]`."""
    try:
        document = read_toml(path) if path.is_file() else {}
    except ConfigurationError:
        return {}, {}
    tool = document.get("tool", {})
    poetry = tool.get("poetry", {}) if isinstance(tool, dict) else {}
    project = document.get("project", {})
    return (
        project if isinstance(project, dict) else {},
        poetry if isinstance(poetry, dict) else {},
    )


def _setup(path: Path) -> Mapping[str, Any]:
    parser = configparser.ConfigParser(interpolation=None)
    # Names of entry points keep their case.
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return {}
    return {section: dict(parser[section]) for section in parser.sections()}
