"""A declarative base for a project that has none: one for all modules, beside the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from modalembic.authoring.new_module.base import Base
from modalembic.authoring.new_module.layout import Listed, quoted
from modalembic.authoring.new_module.place import Place
from modalembic.project import Project

# What Alembic's documentation recommends: constraints that can be named in a migration.
_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_NAMES = ("base", "orm", "models_base")


def shared_base(project: Project, place: Place) -> tuple[Base, dict[Path, str]]:
    """The base for the first module, and the file that it is in: beside the module, so that others
    can use it and no module has to require this one; in the module where nothing is beside it."""
    parent = place.package.rpartition(".")[0]
    if parent:
        directory = place.directory.parent
        name = next(each for each in (*_NAMES, "declarative_base") if _is_free(directory, each))
        path, module = directory / f"{name}.py", f"{parent}.{name}"
    else:
        path, module = place.directory / "base.py", f"{place.package}.base"
    return Base(module, "Base", "Base"), {path: _text(project)}


def _is_free(directory: Path, name: str) -> bool:
    return not (directory / f"{name}.py").exists() and not (directory / name).exists()


def _text(project: Project) -> str:
    convention: Mapping[str, str] = project.configuration.naming_convention or _CONVENTION
    items = tuple(f"{quoted(key)}: {quoted(text)}" for key, text in convention.items())
    return f'''"""What the models of all modules derive from."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

NAMING_CONVENTION = {Listed("{", items, "}").on_several}


class Base(DeclarativeBase):
    """One MetaData, so that foreign keys and relationships can name what other modules have."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
'''
