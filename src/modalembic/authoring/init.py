"""`init`: what a project needs for modalembic and for stock Alembic on the same tree."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import newline_of, read_exactly
from modalembic.authoring.locations import toml_string, version_location_entries
from modalembic.authoring.tables import with_tables
from modalembic.config.toml import read_toml, tool_table
from modalembic.errors import AlreadyInitialised, UsageError
from modalembic.modules import discover
from modalembic.runtime.environment.templates import template_directory, template_names

_ENVIRONMENT = "migrations"
_LAID_DOWN = ("env.py", "script.py.mako")
_IGNORED = ".modalembic/"
# Where `alembic init`, Flask-Migrate and modalembic put what they lay down.
_ALEMBIC = ("alembic.ini", f"{_ENVIRONMENT}/alembic.ini", "alembic/env.py")


def plan_init(
    directory: Path, *, template: str = "modular", modules: Sequence[str] = ("app/modules/*",)
) -> ChangeSet:
    """The files that `init` writes in `directory`, none of which exists but `pyproject.toml` and
    `.gitignore`, which are added to.

    Raises AlreadyInitialised where the project has modalembic or Alembic already, UsageError for an
    unknown template, ConfigurationError for a `pyproject.toml` that cannot be added to.
    """
    root = Path(os.path.normpath(directory.absolute()))
    if template not in template_names():
        raise UsageError(
            f"there is no template {template!r}", hint=f"there is {', '.join(template_names())}"
        )
    _refuse_existing(root)
    source = template_directory(template)
    laid_down = (
        Change(root / _ENVIRONMENT / name, None, read_exactly(source / name)) for name in _LAID_DOWN
    )
    configuration = _configuration(root, tuple(modules))
    return ChangeSet.of(root, (configuration, *laid_down, *gitignore_changes(root)))


def _refuse_existing(root: Path) -> None:
    own = root / "modalembic.toml"
    pyproject = root / "pyproject.toml"
    document = read_toml(pyproject) if pyproject.is_file() else {}
    if own.exists() or tool_table(document, "modalembic") is not None:
        raise AlreadyInitialised(
            f"{'modalembic.toml' if own.exists() else 'pyproject.toml'} configures modalembic "
            "already; nothing was written",
            hint="`modalembic modules` shows what there is; `modalembic new-module` adds to it",
            path=own if own.exists() else pyproject,
        )
    if tool_table(document, "alembic") is not None:
        raise _has_alembic("pyproject.toml has [tool.alembic]", pyproject)
    for name in (*_ALEMBIC, *(f"{_ENVIRONMENT}/{file}" for file in _LAID_DOWN)):
        if os.path.lexists(root / name):
            raise _has_alembic(f"{name} is there", root / name)


def _has_alembic(what: str, path: Path) -> AlreadyInitialised:
    return AlreadyInitialised(
        f"{what} already; nothing was written",
        hint="`modalembic adopt` takes over a project that has Alembic; see "
        "docs/guide/existing-projects.md",
        path=path,
    )


def _configuration(root: Path, modules: tuple[str, ...]) -> Change:
    """`pyproject.toml` with the two tables at its end. Without one it is made: Alembic reads its
    table there and nowhere else but in an ini file."""
    pyproject = root / "pyproject.toml"
    before = read_exactly(pyproject) if pyproject.is_file() else None
    return Change(pyproject, before, with_tables(pyproject, before, _tables(root, modules)))


def _tables(root: Path, modules: tuple[str, ...]) -> str:
    search = ["%(here)s", "%(here)s/src"] if (root / "src").is_dir() else ["%(here)s"]
    lines = [
        "[tool.modalembic]",
        f"modules = [{', '.join(map(toml_string, modules))}]",
        "",
        "[tool.alembic]",
        f'script_location = "%(here)s/{_ENVIRONMENT}"',
        f"prepend_sys_path = [{', '.join(map(toml_string, search))}]",
        "# For stock Alembic; `modalembic check structure --fix` keeps it.",
        "version_locations = [",
        *(f"    {toml_string(entry)}," for entry in _entries(root, modules)),
        "]",
    ]
    return "\n".join(lines) + "\n"


def _entries(root: Path, modules: tuple[str, ...]) -> tuple[str, ...]:
    from modalembic.config import Configuration

    configuration = Configuration(root=root, file=root / "pyproject.toml", modules=modules)
    found = discover(configuration, (root,)).modules
    return version_location_entries(root, found)


def gitignore_changes(root: Path) -> Iterator[Change]:
    """`.gitignore` with the directory that modalembic keeps its own things in; nothing where it is
    there already."""
    path = root / ".gitignore"
    before = read_exactly(path) if path.is_file() else None
    lines = (before or "").splitlines()
    if any(line.strip().strip("/") == _IGNORED.strip("/") for line in lines):
        return
    newline = newline_of(before or "")
    separator = "" if not before or before.endswith("\n") else newline
    yield Change(path, before, f"{before or ''}{separator}{_IGNORED}{newline}")
