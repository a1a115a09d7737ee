"""A shop of three modules whose source the tests cut in the wrong places."""

from __future__ import annotations

from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.checks.structure import check_structure
from tests.projects import GLOB, ProjectFiles

BASE = """
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""


def shop(root: Path, configuration: str = "") -> ProjectFiles:
    """Core, billing (which requires core) and orders (which requires billing), a package each below
    `app/modules`; `app/db.py` has the declarative base."""
    project = ProjectFiles(root).configure(f"{GLOB}\n{configuration}")
    for package in ("app", "app/modules"):
        project.file(f"{package}/__init__.py")
    project.file("app/db.py", BASE)
    project.module("core", tier="core", requires=[])
    project.module("billing", requires=["core"])
    project.module("orders", requires=["billing"])
    return project


def found(project: ProjectFiles) -> list[Finding]:
    """What `check structure` finds."""
    return [*check_structure(project.load())]


def only(project: ProjectFiles) -> Finding:
    """The one finding."""
    (finding,) = found(project)
    return finding


def model(name: str, table: str, *columns: str) -> str:
    """The source of a file with one model."""
    lines = [
        "from sqlalchemy import ForeignKey",
        "from sqlalchemy.orm import Mapped, mapped_column",
        "",
        "from app.db import Base",
        "",
        "",
        f"class {name}(Base):",
        f'    __tablename__ = "{table}"',
        "    id: Mapped[int] = mapped_column(primary_key=True)",
        *(f"    {column}" for column in columns),
        "",
    ]
    return "\n".join(lines)
