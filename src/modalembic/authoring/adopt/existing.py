"""The Alembic project that is there: its configuration, its `env.py`, its version locations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.adopt.request import Request
from modalembic.config.alembic import AlembicSettings, read_alembic_settings
from modalembic.config.toml import line_of, read_toml, tool_table
from modalembic.errors import AlreadyInitialised, NothingToAdopt, UsageError
from modalembic.modules.own_files import own_files
from modalembic.modules.packages import package_directory

_INI = "alembic.ini"
# Where Flask-Migrate has the file. It gives script_location itself: the file's own directory.
_FLASK = Path("migrations", _INI)
_MOST_SHOWN = 3


@dataclass(frozen=True)
class Existing:
    """`ini` is what the configuration has to say as `alembic_config`, `script_location` likewise;
    None: nothing, as Alembic's own defaults hold. `env` is the file `env.py`."""

    root: Path
    ini: str | None
    script_location: str | None
    settings: AlembicSettings
    env: Path

    @property
    def listed(self) -> tuple[str, ...]:
        """The version locations as Alembic knows them, those that are there: a path, or
        `package:directory`."""
        if self.settings.version_locations is not None:
            return self.settings.version_locations
        usual = self.env.parent / "versions"
        return (str(usual),) if usual.is_dir() else ()


def find_existing(request: Request) -> Existing:
    """The Alembic project in `request.root`.

    Raises AlreadyInitialised where modalembic is at home, NothingToAdopt where Alembic is not,
    UsageError for an ini file that is elsewhere, ConfigurationError for one that does not parse.
    """
    _refuse_adopted(request.root)
    ini = _ini(request)
    settings = read_alembic_settings(request.root, ini)
    if settings.ini is None and settings.toml is None:
        raise _nothing(request.root)
    directory, script_location = _directory(request.root, settings)
    env = directory / "env.py"
    if not env.is_file():
        raise NothingToAdopt(
            f"there is no env.py in {directory}; nothing was written",
            hint="correct script_location; a path there starts from the directory in which "
            "alembic is called, here from the project's",
            path=settings.ini or settings.toml,
        )
    return Existing(request.root, ini, script_location, settings, env)


def _refuse_adopted(root: Path) -> None:
    own, pyproject = root / "modalembic.toml", root / "pyproject.toml"
    table = tool_table(read_toml(pyproject), "modalembic") if pyproject.is_file() else None
    if not own.exists() and table is None:
        return
    file = own if own.exists() else pyproject
    raise AlreadyInitialised(
        f"{file.name} configures modalembic already; nothing was written",
        hint="`modalembic modules` shows what there is; `modalembic new-module` adds to it",
        path=file,
        line=None if file is own else line_of(file, ("tool", "modalembic")),
    )


def _ini(request: Request) -> str | None:
    """The name of the ini file from the root on, where it is not the usual one."""
    root = request.root
    if request.ini is None:
        usual = (root / _INI).is_file() or _has_table(root)
        return _FLASK.as_posix() if not usual and (root / _FLASK).is_file() else None
    given = Path(os.path.realpath(request.ini))
    if not given.is_file():
        raise UsageError(
            f"there is no file {request.ini}; nothing was written",
            hint="-c takes Alembic's configuration, as its own -c does",
        )
    if not given.is_relative_to(root):
        raise UsageError(
            f"{given} is not below the project's directory, {root}; nothing was written",
            hint="--project DIR names the directory that everything belongs to",
        )
    below = given.relative_to(root).as_posix()
    return None if below in {_INI, "pyproject.toml"} else below


def _has_table(root: Path) -> bool:
    pyproject = root / "pyproject.toml"
    return pyproject.is_file() and tool_table(read_toml(pyproject), "alembic") is not None


def _directory(root: Path, settings: AlembicSettings) -> tuple[Path, str | None]:
    """Where `env.py` is, and what the configuration has to say of it."""
    named = settings.script_location
    if named is None:
        file = settings.ini or settings.toml
        assert file is not None
        if settings.ini is not None and (settings.ini.parent / "env.py").is_file():
            return settings.ini.parent, settings.ini.parent.relative_to(root).as_posix()
        raise NothingToAdopt(
            f"{file.name} does not say where env.py is; nothing was written",
            hint="write script_location there; -c FILE names another file",
            path=file,
        )
    directory = root / named
    package, colon, below = named.partition(":")
    if colon and "/" not in package and not directory.exists():
        search = tuple((root / entry).resolve() for entry in (*settings.prepend_sys_path, "."))
        directory = package_directory(package, search, named_in=root / _INI) / below
    return Path(os.path.normpath(directory)), None


def _nothing(root: Path) -> NothingToAdopt:
    found = [path.relative_to(root).as_posix() for path in _elsewhere(root)]
    if found:
        hint = f"there is {', '.join(found[:_MOST_SHOWN])}: name it, as in -c {found[0]}"
    else:
        hint = "`modalembic init` is for a project without Alembic"
    return NothingToAdopt(
        f"there is no Alembic in {root}: neither alembic.ini, nor [tool.alembic] in "
        "pyproject.toml, nor migrations/alembic.ini; nothing was written",
        hint=hint,
    )


def _elsewhere(root: Path) -> Iterator[Path]:
    for path in own_files(root):
        if path.name == _INI:
            yield path
