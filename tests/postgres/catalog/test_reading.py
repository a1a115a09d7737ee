from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg.errors
import pytest

from modalembic.errors import SchemaMissing
from modalembic.postgres.catalog import Catalog, Connection, read_catalog
from modalembic.postgres.catalog.model import Attribute, IndexKey
from modalembic.postgres.catalog.reading.session import reading
from tests.postgres.catalog.conftest import read

if TYPE_CHECKING:
    from modalembic.postgres.catalog.model import Column, Table


class Counting(Connection):
    """Counts statements."""

    number = 0

    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        self.number += 1
        return super().fetch(statement)


def table(catalog: Catalog, name: str) -> Table:
    return next(table for table in catalog.tables if table.name == name)


def column(catalog: Catalog, of: str, name: str) -> Column:
    return next(column for column in table(catalog, of).columns if column.name == name)


def test_the_number_of_queries_does_not_grow(
    everything: psycopg.Connection[Any], empty: psycopg.Connection[Any]
) -> None:
    many, few = Counting(everything), Counting(empty)
    read_catalog(many)
    read_catalog(few)

    assert many.number == few.number < 40


def test_everything_that_was_created_is_there(everything_catalog: Catalog) -> None:
    catalog = everything_catalog
    assert [each.name for each in catalog.schemas] == ['Odd "schema" ünïcode', "public", "shop"]
    assert [each.name for each in catalog.extensions] == ["btree_gist", "citext", "hstore"]
    assert [each.name for each in catalog.domains] == ["email", "work_email"]
    assert {each.name for each in catalog.views} >= {"rich", "a_richest", "counted", "totals"}
    assert {each.kind for each in catalog.tables} == {"table", "partitioned table"}
    assert {each.kind for each in catalog.routines} == {"function", "procedure", "aggregate"}
    assert {(each.kind, each.name) for each in catalog.others} == {
        ("collation", "german"),
        ("statistics", "together"),
    }


def test_members_of_extensions_are_not(everything_catalog: Catalog) -> None:
    assert not {each.name for each in everything_catalog.routines} & {"hstore", "citext_eq"}


def test_parts_are_in_words(everything_catalog: Catalog) -> None:
    (composite,) = everything_catalog.composites
    assert composite.attributes == (
        Attribute("street", "text", 'pg_catalog."C"'),
        Attribute("zip", "character varying(10)", comment="as printed"),
        Attribute("feeling", "shop.mood"),
    )
    people = table(everything_catalog, "people")
    index = next(index for index in people.indexes if index.name == "people_name")
    assert index.keys == (
        IndexKey("lower((name)::text)", "text_pattern_ops", '"C"', descending=True),
        IndexKey("number", "int8_ops"),
    )
    assert people.replica_identity == "index people_number"
    assert column(everything_catalog, "people", "id").identity == "always"
    assert column(everything_catalog, "people", "number").requires == (
        "routine shop.next_number()",
    )
    orders = next(each for each in everything_catalog.sequences if each.name == "orders_id_seq")
    assert (orders.owned_by, orders.identity) == ("shop.orders.id", False)


def test_hostile_names_stay_as_they_are(everything_catalog: Catalog) -> None:
    odd = table(everything_catalog, "Table; DROP")
    assert [each.name for each in odd.columns] == ["select", 'a "quoted" name', "ключ"]
    assert {each.name for each in odd.constraints} >= {" USING btree ("}
    assert [each.definition for each in odd.indexes] == ['USING btree ("select")']


def test_a_partitions_columns_keep_their_own_order(everything_catalog: Catalog) -> None:
    partition = table(everything_catalog, "events_2024")
    assert [each.name for each in partition.columns] == ["kind", "id", "person", "at"]
    assert partition.partition_of == "shop.events"
    assert partition.partition_bound == "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"


def test_only_the_schemas_that_are_named_are_read(everything: psycopg.Connection[Any]) -> None:
    catalog = read(everything, schemas=["public"])
    assert ([each.name for each in catalog.schemas], catalog.tables) == (["public"], ())
    with pytest.raises(SchemaMissing, match="no schema 'nowhere'"):
        read(everything, schemas=["nowhere"])


def test_an_ignored_table_takes_its_sequences_along(empty: psycopg.Connection[Any]) -> None:
    empty.execute("CREATE TABLE mine (id serial); CREATE TABLE theirs (id serial)")

    catalog = read_catalog(Connection(empty), ignore_tables=["theirs"])

    assert [each.name for each in catalog.tables] == ["mine"]
    assert [each.name for each in catalog.sequences] == ["mine_id_seq"]


def test_nothing_can_be_written_while_a_catalog_is_read(empty: psycopg.Connection[Any]) -> None:
    session = Connection(empty)

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading(session):
        session.run("CREATE TABLE t ()")


def test_a_changed_search_path_changes_nothing(everything: psycopg.Connection[Any]) -> None:
    before = read(everything)
    everything.execute("SET search_path = shop, public")
    everything.execute("SET quote_all_identifiers = on")
    try:
        assert read(everything) == before
    finally:
        everything.execute("RESET search_path; RESET quote_all_identifiers")
