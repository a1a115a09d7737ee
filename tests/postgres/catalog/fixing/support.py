"""Mending one schema into another, and what is left then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modalembic.postgres.catalog import (
    Catalog,
    Difference,
    Fix,
    Normaliser,
    compare,
    fixes,
    read_catalog,
)
from tests.postgres.catalog.conftest import InTransaction

if TYPE_CHECKING:
    import psycopg

Name = tuple[str, str, str | None]

# What a fix brings with it that no statement can: a column that is added is the last one, and one
# that was there before its table had a parent is the table's own.
CONSEQUENCES = frozenset({"column-order", "inherited"})


def named(each: Difference) -> Name:
    """What a difference is about."""
    return (each.object, each.name, each.part)


def inside(script: str) -> bytes:
    """A script without its transactions, to be run in one that is undone."""
    return script.replace("BEGIN;\n", "").replace("COMMIT;\n", "").encode()


def catalog_of(connection: psycopg.Connection[Any]) -> Catalog:
    """The catalog as it is in the open transaction."""
    return read_catalog(InTransaction(connection), ignore_tables=["alembic_version"])


@contextmanager
def changed(connection: psycopg.Connection[Any], sql: str) -> Iterator[Catalog]:
    """A catalog after `sql`, which is undone at the end."""
    with connection.transaction(force_rollback=True):
        connection.execute(sql.encode())
        yield catalog_of(connection)


def without_fix(found: tuple[Difference, ...], given: tuple[Fix, ...]) -> set[Name]:
    """The differences that have no fix."""
    return {named(each) for each, fix in zip(found, given, strict=True) if fix.sql is None}


def assert_mended(
    connection: psycopg.Connection[Any],
    expected: Catalog,
    normaliser: Normaliser,
) -> tuple[Fix, ...]:
    """Mend the database in its open transaction; exactly what has no fix is left. Returns the
    fixes."""
    actual = catalog_of(connection)
    found = compare(expected, actual)
    given = fixes(expected, actual, found)
    for fix in given.of:
        assert (fix.sql is None) is (fix.reason is not None)
        assert fix.sql != ""
        assert "CASCADE;" not in (fix.sql or "")
    connection.execute(inside(given.script))
    after = catalog_of(connection)
    wanted = without_fix(found, given.of)
    left = compare(expected, after)
    if {named(each) for each in left} != wanted:
        left = compare(expected, after, normaliser=normaliser)
        left = tuple(e for e in left if e.severity != "info" or named(e) in wanted)
    remaining = {named(each) for each in left}
    assert {
        name for name in remaining if name[2] not in CONSEQUENCES or name in wanted
    } == wanted, given.script
    return given.of
