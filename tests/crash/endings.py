"""How a database is left: everything by which two histories that ran can be told apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modalembic.postgres.catalog import Connection, read_catalog, to_document
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg

OWN = ("alembic_version", "modalembic_history", "modalembic_modules")
# What a run that was interrupted may leave otherwise: when, how long, which run, how often.
OF_A_RUN = ("id", "run_id", "started_at", "ms", "who")
OF_AN_ATTEMPT = ("attempts", "locks")
TABLES = """
SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
 WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> ALL (%s)
 ORDER BY 1
"""


@dataclass(frozen=True)
class Ending:
    """The catalog as `modalembic schema dump` has it, version rows, the history table's rows in
    their order without what belongs to a run, and the number of rows (`data`: and their text) of
    every table."""

    catalog: str
    versions: tuple[str, ...]
    history: tuple[str, ...]
    data: tuple[tuple[str, tuple[str, ...]], ...]

    def differences(self, other: Ending) -> list[str]:
        """The names of the parts that differ, with both values where they are short."""
        found = []
        for name in ("catalog", "versions", "history", "data"):
            mine, others = getattr(self, name), getattr(other, name)
            if mine != others:
                found.append(f"{name}: {_only(mine, others)}\n  instead of {_only(others, mine)}")
        return found


def ending_of(url: str, *, mended: bool = False) -> Ending:
    """How the database at `url` is left now. `mended`: of the history only what is done counts,
    without the attempts before it, what repaired them, and the traces that they left."""
    with connect(DatabaseURL.parse(url)) as connection:
        connection.execute("SET search_path = public")
        catalog = read_catalog(Connection(connection), ignore_tables=OWN)
        return Ending(
            catalog=json.dumps(to_document(catalog), sort_keys=True),
            versions=_versions(connection),
            history=_history(connection, mended=mended),
            data=_data(connection),
        )


def _exists(connection: psycopg.Connection[Any], table: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return row == (True,)


def _versions(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    if not _exists(connection, "alembic_version"):
        return ()
    rows = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1")
    return tuple(row[0] for row in rows)


def _history(connection: psycopg.Connection[Any], *, mended: bool) -> tuple[str, ...]:
    if not _exists(connection, "modalembic_history"):
        return ()
    rows = connection.execute("SELECT to_jsonb(h) FROM modalembic_history AS h ORDER BY id")
    found = [row[0] for row in rows]
    if mended:
        found = [
            {**row, "details": None}
            for row in found
            if row["state"] == "done" and row["direction"] != "repair"
        ]
    return tuple(_of_every_run(row) for row in found)


def _of_every_run(row: dict[str, Any]) -> str:
    kept = {name: value for name, value in row.items() if name not in OF_A_RUN}
    details = kept.get("details") or {}
    kept["details"] = {name: value for name, value in details.items() if name not in OF_AN_ATTEMPT}
    return json.dumps(kept, sort_keys=True)


def _data(connection: psycopg.Connection[Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    tables = [row[0] for row in connection.execute(TABLES, [list(OWN)])]
    found = []
    for table in tables:
        rows = connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1".encode())
        found.append((table, tuple(row[0] for row in rows)))
    return tuple(found)


def _only(mine: Any, others: Any) -> str:
    if isinstance(mine, str):
        start = next((i for i, (a, b) in enumerate(zip(mine, others)) if a != b), 0)  # noqa: B905
        return mine[max(0, start - 100) : start + 200]
    return str([each for each in mine if each not in others] or mine)[:1500]
