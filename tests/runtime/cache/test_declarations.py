"""What of a file that `env.py` alone has imported counts."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from modalembic.runtime.cache.declarations import without_declarations

MODELS = """
    from sqlalchemy import Integer, MetaData, String, Table, Column
    from sqlalchemy.orm import Mapped, mapped_column
    from app.base import Base

    LENGTH = 20

    class Person(Base):
        __tablename__ = "people"
        id: Mapped[int] = mapped_column(primary_key=True)

    pets = Table("pets", Base.metadata, Column("id", Integer))
"""
LOADED = {
    name: Path("/shop") / path
    for name, path in {
        "app": "app/__init__.py",
        "app.base": "app/base.py",
        "app.models": "app/models/__init__.py",
        "app.models.person": "app/models/person.py",
    }.items()
}


def left_of(text: str) -> str | None:
    return without_declarations(dedent(text).encode(), "app.models.person", LOADED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("primary_key=True", "primary_key=True, name='number'"),
        ("class Person", "class Pet(Base):\n        __tablename__ = 'p'\n\n    class Person"),
        ('__tablename__ = "people"', "name = mapped_column(String(LENGTH))"),
        ('Column("id", Integer)', 'Column("id", String(LENGTH))'),
        ("LENGTH = 20", "# so long\n    LENGTH = 20"),
        ("import Mapped, mapped_column", "import Mapped, mapped_column, relationship"),
        ("from app.base import Base", "from app.base import Base, Other"),
        ("LENGTH = 20", "import datetime\n    LENGTH = 20"),
        ("LENGTH = 20", "from . import person\n    LENGTH = 20"),
    ],
)
def test_tables_do_not(old: str, new: str) -> None:
    assert old in MODELS
    assert left_of(MODELS.replace(old, new)) == left_of(MODELS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LENGTH = 20", "LENGTH = 21"),
        ("LENGTH = 20", "LENGTH = 20\n    def hook(): pass"),
        ("LENGTH = 20", "import geoalchemy2\n    LENGTH = 20"),
        ("LENGTH = 20", "import app.hooks\n    LENGTH = 20"),
        ("LENGTH = 20", "from app import hooks, unheard_of\n    import app.unheard_of"),
        ("LENGTH = 20", "LENGTH = 20\n    class Enum(str): A = 'a'"),
        ("class Person", "@registered\n    class Person"),
        ("id: Mapped", "metadata = MetaData(naming_convention={})\n        id: Mapped"),
        ("id: Mapped", "registry = registry()\n        id: Mapped"),
        ("Base.metadata", "MetaData(naming_convention={})"),
    ],
)
def test_everything_else_does(old: str, new: str) -> None:
    assert old in MODELS
    assert left_of(MODELS.replace(old, new)) != left_of(MODELS)


def test_what_does_not_parse_is_not_told(tmp_path: Path) -> None:
    assert left_of("class") is None
