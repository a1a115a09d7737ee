"""Writing the version locations down where stock Alembic reads them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from modalembic.errors import ConfigurationError
from modalembic.modules import Module
from modalembic.project import Project


def version_location_entries(root: Path, modules: Iterable[Module]) -> tuple[str, ...]:
    """Each module's version location as Alembic spells it: from `%(here)s` on below `root`, and as
    `package:directory` in installed packages."""
    return tuple(_entry(root, module) for module in modules if module.location is not None)


def _entry(root: Path, module: Module) -> str:
    location = module.location
    assert location is not None
    if location.is_relative_to(root):
        return f"%(here)s/{location.relative_to(root).as_posix()}"
    if module.package is not None and module.directory is not None:
        below = os.path.relpath(location, module.directory)
        return f"{module.package}:{Path(below).as_posix()}"
    return str(location)


def write_version_locations(project: Project) -> tuple[Path, ...]:
    """Bring `version_locations` up to date, and leave the rest of the file byte for byte; the files
    that were written.

    Raises ConfigurationError for an ini file whose separator cannot carry the entries.
    """
    settings = project.alembic
    entries = version_location_entries(project.root, project.modules)
    if settings.ini is not None:
        return _write(settings.ini, _in_ini(settings.ini, entries))
    if settings.toml is not None:
        return _write(settings.toml, _in_toml(settings.toml, entries))
    return ()


def _write(path: Path, text: str) -> tuple[Path, ...]:
    if text == path.read_text(encoding="utf-8"):
        return ()
    path.write_text(text, encoding="utf-8")
    return (path,)


def _in_toml(path: Path, entries: tuple[str, ...]) -> str:
    import tomlkit

    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    listed = tomlkit.array()
    listed.extend(entries)
    table = document["tool"]["alembic"]
    table["version_locations"] = listed.multiline(True)
    return tomlkit.dumps(document)


def _in_ini(path: Path, entries: tuple[str, ...]) -> str:
    """Only a list of lines under `path_separator = newline` takes every entry as it is."""
    text = path.read_text(encoding="utf-8")
    if re.search(r"^path_separator\s*=\s*newline\s*$", text, re.MULTILINE) is None:
        raise ConfigurationError(
            f"{path.name} separates paths in a way that breaks package:directory entries",
            hint="write `path_separator = newline` in [alembic], then run it again",
            path=path,
        )
    value = "version_locations =\n" + "".join(f"    {entry}\n" for entry in entries)
    pattern = re.compile(r"^version_locations\s*=.*\n(?:[ \t]+\S.*\n)*", re.MULTILINE)
    if pattern.search(text):
        return pattern.sub(lambda _: value, text, count=1)
    return re.sub(
        r"^\[alembic\]\n", lambda match: match[0] + value, text, count=1, flags=re.MULTILINE
    )
