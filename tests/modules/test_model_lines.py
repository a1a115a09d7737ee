"""Where in a model's source a column, an index or a constraint stands."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from modalembic.modules.model_lines import Model, ModelLines

SOURCE = dedent(
    """\
    class Order(Base):
        __tablename__ = "orders"
        __table_args__ = (
            UniqueConstraint("number", "year"),
            Index(None, "year", "number"),
            CheckConstraint("total > 0", name="positive"),
            ForeignKeyConstraint(["store", "place"], ["stores.id", "stores.place"]),
        )
        id: Mapped[int] = mapped_column(primary_key=True)
        number: Mapped[str]
        year = Column("anno", Integer, index=True)
        state = relationship("State")
        state_ = mapped_column("state", Integer)
        total: Mapped[int] = mapped_column(
            ForeignKey("totals.id"),
        )

        @declared_attr
        def made(cls):
            return mapped_column(DateTime)

    class Other:
        id = 7

    people = Table(
        "people",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String, unique=True),
        Index("ix_people", "name"),
    )
    """
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "models.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def text_at(line: int | None) -> str | None:
    return None if line is None else SOURCE.splitlines()[line - 1].strip()


@pytest.mark.parametrize(
    ("symbol", "name", "line"),
    [
        ("Order", "id", "id: Mapped[int] = mapped_column(primary_key=True)"),
        ("Order", "number", "number: Mapped[str]"),
        ("Order", "anno", 'year = Column("anno", Integer, index=True)'),
        ("Order", "year", None),
        ("Order", "state", 'state_ = mapped_column("state", Integer)'),
        ("Order", "total", "total: Mapped[int] = mapped_column("),
        ("Order", "made", "def made(cls):"),
        ("Order", "shoes", None),
        ("people", "name", 'Column("name", String, unique=True),'),
        ("Nobody", "id", None),
    ],
)
def test_a_column(file: Path, symbol: str, name: str, line: str | None) -> None:
    assert text_at(ModelLines().column(Model(file, symbol), name)) == line


@pytest.mark.parametrize(
    ("symbol", "kind", "name", "columns", "line"),
    [
        ("Order", "unique", "uq_1", ["number", "year"], 'UniqueConstraint("number", "year"),'),
        ("Order", "unique", "uq_1", ["year", "number"], None),
        ("Order", "index", "ix_1", ["year", "number"], 'Index(None, "year", "number"),'),
        ("Order", "index", "ix_2", ["anno"], 'year = Column("anno", Integer, index=True)'),
        ("Order", "index", "ix_3", ["number"], None),
        (
            "Order",
            "check",
            "ck_orders_positive",
            ["total"],
            'CheckConstraint("total > 0", name="positive"),',
        ),
        ("Order", "check", "ck_orders_other", ["a", "b"], None),
        (
            "Order",
            "foreign key",
            "fk_1",
            ["store", "place"],
            'ForeignKeyConstraint(["store", "place"], ["stores.id", "stores.place"]),',
        ),
        ("Order", "foreign key", "fk_2", ["total"], "total: Mapped[int] = mapped_column("),
        ("people", "index", "ix_people", ["name"], 'Index("ix_people", "name"),'),
        ("people", "unique", "uq_2", ["name"], 'Column("name", String, unique=True),'),
    ],
)
def test_an_index_or_a_constraint(
    file: Path, symbol: str, kind: str, name: str, columns: list[str], line: str | None
) -> None:
    assert text_at(ModelLines().part(Model(file, symbol), kind, name, columns)) == line


def test_a_file_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    lines = ModelLines()
    assert lines.column(Model(tmp_path / "gone.py", "Order"), "id") is None
    (tmp_path / "broken.py").write_text("class Order(", encoding="utf-8")
    assert lines.column(Model(tmp_path / "broken.py", "Order"), "id") is None
    assert lines.part(Model(tmp_path / "broken.py", "Order"), "index", "i", ["id"]) is None
