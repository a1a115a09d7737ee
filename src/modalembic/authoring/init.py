"""`init`: what a project needs for modalembic and for stock Alembic on the same tree."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.files import newline_of, read_exactly, write_exactly
from modalembic.authoring.locations import toml_string, version_location_entries
from modalembic.config.toml import read_toml
from modalembic.errors import AlreadyInitialised, UsageError
from modalembic.modules import discover
from modalembic.runtime.templates import template_directory, template_names

_ENVIRONMENT = "migrations"
_IGNORED = ".modalembic/"


@dataclass(frozen=True)
class File:
    """A file to write, whole; `path` is absolute."""

    path: Path
    content: str


def plan_init(
    directory: Path, *, template: str = "modular", modules: Sequence[str] = ("app/modules/*",)
) -> tuple[File, ...]:
    """The files that `init` writes in `directory`, none of which exists but `pyproject.toml` and
    `.gitignore`, which are added to.

    Raises AlreadyInitialised where the project has modalembic or Alembic already, UsageError for an
    unknown template.
    """
    root = directory.absolute()
    if template not in template_names():
        raise UsageError(
            f"there is no template {template!r}", hint=f"there is {', '.join(template_names())}"
        )
    _refuse_existing(root)
    source = template_directory(template)
    return (
        _configuration(root, tuple(modules)),
        *(
            File(root / _ENVIRONMENT / name, (source / name).read_text(encoding="utf-8"))
            for name in ("env.py", "script.py.mako")
        ),
        *_gitignore(root),
    )


def write_files(files: Sequence[File]) -> None:
    """Write `files`, each directory made where it is missing."""
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        write_exactly(file.path, file.content)


def _refuse_existing(root: Path) -> None:
    for path in (root / "modalembic.toml", root / "alembic.ini", root / _ENVIRONMENT / "env.py"):
        if path.exists():
            raise AlreadyInitialised(
                f"{path.name} is there already; nothing was written",
                hint="a project that has Alembic needs no init: write [tool.modalembic] with "
                "modules = […] and locations = { … } for its history; see "
                "docs/guide/existing-projects.md",
                path=path,
            )
    pyproject = root / "pyproject.toml"
    tool = read_toml(pyproject).get("tool", {}) if pyproject.is_file() else {}
    for name in ("modalembic", "alembic"):
        if name in tool:
            raise AlreadyInitialised(
                f"pyproject.toml has [tool.{name}] already; nothing was written",
                hint="a project that has Alembic needs no init: docs/guide/existing-projects.md",
                path=pyproject,
            )


def _configuration(root: Path, modules: tuple[str, ...]) -> File:
    """`pyproject.toml` with the two tables at its end. Without one it is made: Alembic reads its
    table there and nowhere else but in an ini file."""
    pyproject = root / "pyproject.toml"
    before = read_exactly(pyproject) if pyproject.is_file() else ""
    quoted = ", ".join(map(toml_string, modules))
    search = ["%(here)s", "%(here)s/src"] if (root / "src").is_dir() else ["%(here)s"]
    text = (
        "[tool.modalembic]\n"
        f"modules = [{quoted}]\n"
        "\n"
        "[tool.alembic]\n"
        f'script_location = "%(here)s/{_ENVIRONMENT}"\n'
        f"prepend_sys_path = [{', '.join(map(toml_string, search))}]\n"
        "# For stock Alembic; `modalembic check structure --fix` keeps it.\n"
        "version_locations = [\n"
    )
    text += "".join(f"    {toml_string(entry)},\n" for entry in _entries(root, modules))
    text += "]\n"
    if before.strip():
        newline = newline_of(before)
        text = before.rstrip("\r\n") + newline * 2 + text.replace("\n", newline)
    tomllib.loads(text)
    return File(pyproject, text)


def _entries(root: Path, modules: tuple[str, ...]) -> tuple[str, ...]:
    from modalembic.config import Configuration

    configuration = Configuration(root=root, file=root / "pyproject.toml", modules=modules)
    found = discover(configuration, (root,)).modules
    return version_location_entries(root, found)


def _gitignore(root: Path) -> tuple[File, ...]:
    path = root / ".gitignore"
    before = read_exactly(path) if path.is_file() else ""
    if _IGNORED in before.split():
        return ()
    separator = "" if not before or before.endswith("\n") else "\n"
    return (File(path, f"{before}{separator}{_IGNORED}\n"),)
