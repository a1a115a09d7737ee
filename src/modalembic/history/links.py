"""Symbolic links: where a revision file may come from.

What a revision file says is run against the database. A link puts a file into a version location
whose content somebody else decides, so it is followed only to places that the project has named:
itself, what its configuration names, what is installed.
"""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from modalembic.config import Configuration
from modalembic.errors import LinkRefused, RevisionFileError
from modalembic.modules import Module

VARIABLE = "MODALEMBIC_ALLOW_LINKS"
_METADATA = (".dist-info", ".egg-info")
_MAGIC = frozenset("*?[")


class Links:
    """Which links are followed. `root` is the project's directory, resolved; `named` are the other
    places that the project has named, as they are written."""

    def __init__(self, root: Path, named: Iterable[Path] = ()) -> None:
        self._root = str(root)
        self._named = tuple(named)
        # Most directories share most of their path, and have no link in it.
        self._plain = {self._root}

    @classmethod
    def of(
        cls, configuration: Configuration, search: Sequence[Path], modules: Iterable[Module]
    ) -> Links:
        """The links of a project: to `search`, its own directories for imports, and to what the
        configuration and entry points name, patterns up to their first wildcard."""
        named = [_before_wildcard(pattern) for pattern in configuration.modules]
        named += [table.path for table in configuration.module.values() if table.path]
        named += configuration.allow_links
        places = [*search, *(configuration.root / text for text in named)]
        for module in modules:
            table = configuration.module.get(module.name)
            if module.location and (module.central or (table and table.versions)):
                places.append(module.location)
            if module.directory and module.origin.kind != "directory":
                places.append(module.directory)
        return cls(configuration.root, places)

    def require(self, path: str) -> None:
        """Raise LinkRefused where the link `path`, or one on the way to it, leads out of what is
        named; RevisionFileError where it leads nowhere."""
        try:
            target = os.path.realpath(path, strict=True)
        except OSError as error:
            raise RevisionFileError(
                f"it is reached by a symbolic link that leads nowhere: {error.strerror}",
                hint="restore what it leads to, or remove it",
                path=path,
            ) from error
        if not (_below_any(target, self._places) or _below_any(path, self._installed)):
            raise LinkRefused(
                f"a symbolic link leads to {target}, outside of the project and of what its "
                "configuration names; nothing there was read",
                hint="copy what is there into the project; or, if it is to be trusted, name it: "
                f"allow_links = [{_toml(self._relative(target))}]",
                path=path,
            )

    def on_the_way_to(self, directory: str) -> bool:
        """Whether `directory`, or one above it, is a link."""
        passed = []
        while directory not in self._plain:
            if os.path.islink(directory):
                return True
            passed.append(directory)
            directory, below = os.path.split(directory)
            if not below:
                break
        self._plain.update(passed)
        return False

    @cached_property
    def _places(self) -> tuple[str, ...]:
        places = (self._root, *map(str, self._named))
        return tuple(dict.fromkeys((*map(os.path.realpath, places), *self._installed)))

    @cached_property
    def _installed(self) -> tuple[str, ...]:
        """Where distributions are installed. Installers put links there themselves."""
        found = dict.fromkeys(entry for entry in sys.path if entry and _has_distributions(entry))
        return tuple(dict.fromkeys((*found, *map(os.path.realpath, found))))

    def _relative(self, target: str) -> str:
        """What to name: the directory of a file."""
        place = target if os.path.isdir(target) else os.path.dirname(target)
        return os.path.relpath(place, self._root)


def links_for_copies(configuration: Configuration) -> dict[str, str]:
    """The environment in which a copy of the project may follow its links to where the project
    itself may: in another place, paths that are relative lead elsewhere."""
    given = os.environ.get(VARIABLE, "").split(os.pathsep)
    named = (configuration.root / text for text in configuration.allow_links)
    return {VARIABLE: os.pathsep.join(filter(None, (*given, *map(str, named))))}


def _before_wildcard(pattern: str) -> str:
    parts: list[str] = []
    for part in Path(pattern).parts:
        if _MAGIC & set(part):
            break
        parts.append(part)
    return os.path.join(*parts) if parts else "."


def _has_distributions(entry: str) -> bool:
    if entry in site.getsitepackages():
        return True
    try:
        return any(name.endswith(_METADATA) for name in os.listdir(entry))
    except OSError:
        return False


def _below_any(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(place.rstrip("/") + "/") for place in places)


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
