"""What the models say of one table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import (
    Column,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    event,
    text,
)

from modalembic.runtime.earlier.state import StatedTable
from modalembic.runtime.earlier.statements import stated_tables
from modalembic.runtime.models.definitions import TableDefinition
from modalembic.runtime.models.loaded import FoundMetaData, LoadedModels, ModelTable

# It has no types.
ddl: Any = sqlalchemy.DDL
Meant = set[tuple[str, str, str]]


def stated(*metadatas: MetaData) -> dict[str, StatedTable]:
    """The tables of some MetaData objects, by key."""
    place = TableDefinition("app", None, Path("app.py"), 1)
    tables = sorted(
        (table for metadata in metadatas for table in metadata.tables.values()),
        key=lambda table: table.key,
    )
    loaded = LoadedModels(
        tuple(FoundMetaData(metadata, "app", None) for metadata in metadatas),
        tuple(ModelTable(table.key, table, place, None) for table in tables),
        (),
    )
    return {each.key: each for each in stated_tables(loaded)}


def meant(table: StatedTable) -> Meant:
    assert table.parts is not None
    return {(part.object, part.name, part.part) for part in table.parts}


def people(metadata: MetaData, *more: Any) -> Table:
    return Table(
        "people",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("mood", Enum("calm", "cross", name="mood")),
        *more,
    )


def invoices(metadata: MetaData, *more: Any) -> Table:
    return Table(
        "invoices",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("person_id", ForeignKey("people.id", use_alter=True, name="payer")),
        Column("number", String(20), server_default=text("'0'"), comment="for people"),
        Index("ix_number", "number"),
        *more,
    )


def test_all_that_makes_a_table_is_named() -> None:
    metadata = MetaData()
    people(metadata)
    invoices(metadata)

    found = stated(metadata)

    assert meant(found["invoices"]) == {
        ("table", "public.invoices", ""),
        ("column", "public.invoices.id", ""),
        ("column", "public.invoices.person_id", ""),
        ("column", "public.invoices.number", ""),
        ("column", "public.invoices.number", "comment"),
        ("constraint", "public.invoices", ""),
        ("constraint", "public.invoices.payer", ""),
        ("index", "public.invoices.ix_number", ""),
    }
    assert ("enum", "public.mood", "") in meant(found["people"])


def test_it_does_not_matter_which_metadata_a_table_is_in() -> None:
    one, two, three = MetaData(), MetaData(), MetaData()
    people(one)
    invoices(one)
    people(two)
    invoices(three)

    assert stated(one) == stated(two, three)


def test_nor_what_else_is_in_it() -> None:
    alone, crowded = MetaData(), MetaData()
    people(alone)
    people(crowded)
    Table("moods", crowded, Column("a", Enum("x", name="other_mood")))

    assert stated(alone)["people"] == stated(crowded)["people"]


def test_a_listener_of_the_metadata_counts_for_the_table_that_it_names() -> None:
    plain, heard = MetaData(), MetaData()
    for metadata in (plain, heard):
        people(metadata)
        invoices(metadata)
    event.listen(heard, "after_create", ddl("GRANT SELECT ON invoices TO reader"))
    event.listen(heard, "before_create", ddl("CREATE EXTENSION citext"))

    before, after = stated(plain), stated(heard)

    assert before["people"] == after["people"]
    assert meant(after["invoices"]) - meant(before["invoices"]) == {
        ("statement", "public.invoices", "")
    }


def test_a_listener_of_the_table_counts_however_it_is_indented() -> None:
    def heard(statement: str) -> StatedTable:
        metadata = MetaData()
        event.listen(people(metadata), "after_create", ddl(statement))
        return stated(metadata)["people"]

    assert heard("GRANT SELECT\n  ON people TO a") == heard("GRANT SELECT\n    ON people TO a")
    assert heard("GRANT SELECT ON people TO a") != heard("GRANT SELECT ON people TO b")


def listening(to: Callable[[MetaData, Table], Any]) -> dict[str, StatedTable]:
    metadata = MetaData()
    table = people(metadata)
    Table("other", metadata, Column("id", Integer))

    def ask(_target: Any, connection: Any, **_: Any) -> None:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1

    event.listen(to(metadata, table), "before_create", ask)
    return stated(metadata)


def test_a_listener_that_asks_the_database_leaves_a_table_without_statements() -> None:
    found = listening(lambda _, table: table)

    assert found["people"].parts is None
    assert "scalar_one" in str(found["people"].reason)
    assert found["other"].parts


def test_one_of_the_metadata_leaves_all_of_them_without() -> None:
    found = listening(lambda metadata, _: metadata)

    assert found["people"].parts is None
    assert found["other"].parts is None
