"""What a database says after a step of the state machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from modalembic.postgres.catalog import Connection, read_catalog, to_document
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.crash.endings import OWN

if TYPE_CHECKING:
    import psycopg

Run = tuple[str, str]  # a revision, and `upgrade` or `downgrade`
RAN = "SELECT revision, direction FROM witness.ran ORDER BY id"
HISTORY = """
SELECT revision, direction FROM modalembic_history
 WHERE direction IN ('upgrade', 'downgrade') AND state = 'done'
 ORDER BY id
"""
RECORDED = """
SELECT revision FROM (
    SELECT DISTINCT ON (revision) revision, direction FROM modalembic_history
     WHERE direction <> 'repair' AND state = 'done' ORDER BY revision, id DESC) AS last
 WHERE direction <> 'downgrade'
"""
# Of each revision the last row counts.
HALF = """
SELECT revision FROM (
    SELECT DISTINCT ON (revision) revision, state, details FROM modalembic_history
     WHERE direction <> 'repair' ORDER BY revision, id DESC) AS last
 WHERE state <> 'done' AND details ->> 'open' = 'true'
 ORDER BY revision
"""
UNINSTALLED = "SELECT module FROM modalembic_modules WHERE state = 'uninstalled'"


@dataclass(frozen=True)
class Look:
    """Version rows; what ran by the word of the revisions themselves (`ran`); what the history
    table says of that, and of which it says that they are applied (`recorded`); which revisions
    are half done; which modules were uninstalled; and the catalog."""

    versions: tuple[str, ...]
    ran: tuple[Run, ...]
    history: tuple[Run, ...]
    recorded: frozenset[str]
    half: tuple[str, ...]
    uninstalled: frozenset[str]
    catalog: str

    @cached_property
    def directions(self) -> dict[str, list[str]]:
        """What became of each revision, in order."""
        found: dict[str, list[str]] = {}
        for revision, direction in self.ran:
            found.setdefault(revision, []).append(direction)
        return found

    @cached_property
    def applied(self) -> set[str]:
        """The revisions that ran last upwards."""
        return {id_ for id_, directions in self.directions.items() if directions[-1] == "upgrade"}


def look(url: str) -> Look:
    """What the database says now."""
    with connect(DatabaseURL.parse(url)) as connection:
        versions = _rows(connection, "alembic_version", "SELECT version_num FROM alembic_version")
        return Look(
            versions=tuple(sorted(row[0] for row in versions)),
            ran=tuple((row[0], row[1]) for row in connection.execute(RAN)),
            history=tuple(
                (row[0], row[1]) for row in _rows(connection, "modalembic_history", HISTORY)
            ),
            recorded=frozenset(row[0] for row in _rows(connection, "modalembic_history", RECORDED)),
            half=tuple(row[0] for row in _rows(connection, "modalembic_history", HALF)),
            uninstalled=frozenset(
                row[0] for row in _rows(connection, "modalembic_modules", UNINSTALLED)
            ),
            catalog=catalog_of(connection),
        )


def catalog_of(connection: psycopg.Connection[Any]) -> str:
    """The catalog of `public`, as one text."""
    catalog = read_catalog(Connection(connection), schemas=["public"], ignore_tables=OWN)
    return json.dumps(to_document(catalog), sort_keys=True)


def _rows(connection: psycopg.Connection[Any], table: str, statement: str) -> list[tuple[Any, ...]]:
    there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return connection.execute(statement.encode()).fetchall() if there == (True,) else []
