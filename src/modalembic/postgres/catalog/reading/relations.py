"""Tables and views, put together from their parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from modalembic.postgres.catalog.model import Policy, Rule, Table, Trigger, View
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.reading import constraints as constraints_
from modalembic.postgres.catalog.reading import indexes as indexes_
from modalembic.postgres.catalog.reading.columns import Columns
from modalembic.postgres.catalog.reading.snapshot import (
    PG_CLASS,
    Snapshot,
    by_name,
    grouped,
    not_member,
    texts,
)

RELATIONS = f"""
SELECT c.oid, c.relnamespace, c.relname::text, c.relkind::text, c.relpersistence::text,
       c.reloptions, o.reloptions, am.amname::text, s.spcname::text,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident::text, c.relispartition,
       CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid),
       CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END,
       fs.srvname::text, ft.ftoptions,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
       CASE WHEN c.relreplident = 'i' THEN (
           SELECT x.relname::text FROM pg_catalog.pg_index AS i
             JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
            WHERE i.indrelid = c.oid AND i.indisreplident) END
  FROM pg_catalog.pg_class AS c
  LEFT JOIN pg_catalog.pg_class AS o ON o.oid = c.reltoastrelid
  LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
  LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = c.reltablespace
  LEFT JOIN pg_catalog.pg_foreign_table AS ft ON ft.ftrelid = c.oid
  LEFT JOIN pg_catalog.pg_foreign_server AS fs ON fs.oid = ft.ftserver
 WHERE c.relnamespace IN ($namespaces) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
   AND {not_member(PG_CLASS, "c.oid")}
"""
PARENTS = """
SELECT h.inhrelid, n.nspname::text, p.relname::text
  FROM pg_catalog.pg_inherits AS h
  JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid
  JOIN pg_catalog.pg_class AS p ON p.oid = h.inhparent
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.relnamespace
 WHERE c.relnamespace IN ($namespaces) AND c.relkind IN ('r', 'p', 'f')
 ORDER BY h.inhrelid, h.inhseqno
"""
TABLE_KINDS: Final = {"r": "table", "p": "partitioned table", "f": "foreign table"}
PERSISTENCE: Final = {"p": "permanent", "u": "unlogged", "t": "temporary"}
REPLICA_IDENTITY: Final = {"d": "default", "n": "nothing", "f": "full"}
DEFAULT_ACCESS_METHOD = "heap"


@dataclass(frozen=True)
class Parts:
    """What tables and views consist of, by the object id of the table or view."""

    columns: Columns
    constraints: dict[int, list[constraints_.Found]]
    indexes: dict[int, list[indexes_.Found]]
    triggers: dict[int, list[Trigger]]
    rules: dict[int, list[Rule]]
    policies: dict[int, list[Policy]]


def relation_rows(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    """A row for each table and view; the first three columns are object id, schema's, name."""
    return snapshot.rows(RELATIONS)


def read_relations(
    snapshot: Snapshot, rows: list[tuple[Any, ...]], parts: Parts
) -> tuple[tuple[Table, ...], tuple[View, ...]]:
    """The tables and views of `rows`."""
    parents = grouped(
        (oid, qualified(schema, name)) for oid, schema, name in snapshot.rows(PARENTS)
    )
    tables = [
        _table(snapshot, row, parts, tuple(parents.get(row[0], ())))
        for row in rows
        if row[3] in TABLE_KINDS
    ]
    views = [_view(snapshot, row, parts) for row in rows if row[3] not in TABLE_KINDS]
    return tuple(tables), tuple(views)


def _table(
    snapshot: Snapshot, row: tuple[Any, ...], parts: Parts, parents: tuple[str, ...]
) -> Table:
    oid, namespace, name, kind, persistence, options, toast, method, tablespace = row[:9]
    security, forced, identity, partition, key, bound, of_type, server, foreign = row[9:18]
    return Table(
        schema=snapshot.namespaces[namespace],
        name=name,
        kind=TABLE_KINDS[kind],  # type: ignore[arg-type]
        persistence=PERSISTENCE[persistence],  # type: ignore[arg-type]
        columns=parts.columns.of.get(oid, ()),
        constraints=by_name(found.constraint for found in parts.constraints.get(oid, ())),
        indexes=_indexes(parts, oid),
        triggers=by_name(parts.triggers.get(oid, ())),
        rules=by_name(parts.rules.get(oid, ())),
        policies=by_name(parts.policies.get(oid, ())),
        inherits=() if partition else parents,
        partition_key=key,
        partition_of=parents[0] if partition else None,
        partition_bound=bound,
        of_type=of_type,
        row_security=security,
        force_row_security=forced,
        replica_identity="default" if kind == "f" else _replica_identity(identity, row[19]),
        options=_options(options, toast),
        access_method=_access_method(method),
        tablespace=tablespace,
        server=server,
        foreign_options=texts(foreign),
        requires=snapshot.required(PG_CLASS, oid),
        **snapshot.common(PG_CLASS, oid),
    )


def _view(snapshot: Snapshot, row: tuple[Any, ...], parts: Parts) -> View:
    oid, namespace, name, kind, _, options, toast, method, tablespace = row[:9]
    return View(
        schema=snapshot.namespaces[namespace],
        name=name,
        kind="materialized view" if kind == "m" else "view",
        definition=row[18].rstrip(";"),
        columns=tuple(replace(column, not_null=False) for column in parts.columns.of.get(oid, ())),
        indexes=_indexes(parts, oid),
        triggers=by_name(parts.triggers.get(oid, ())),
        rules=by_name(parts.rules.get(oid, ())),
        options=_options(options, toast),
        access_method=_access_method(method),
        tablespace=tablespace,
        requires=tuple(
            key
            for key in snapshot.required(PG_CLASS, oid)
            if key != f"relation {qualified(snapshot.namespaces[namespace], name)}"
        ),
        **snapshot.common(PG_CLASS, oid),
    )


def _replica_identity(identity: str, index: str | None) -> str:
    return REPLICA_IDENTITY.get(identity) or f"index {index}"


def _indexes(parts: Parts, oid: int) -> tuple[Any, ...]:
    return by_name(found.index for found in parts.indexes.get(oid, ()))


def _options(options: list[str] | None, toast: list[str] | None) -> tuple[str, ...]:
    return tuple(sorted([*(options or ()), *(f"toast.{option}" for option in toast or ())]))


def _access_method(method: str | None) -> str | None:
    return None if method == DEFAULT_ACCESS_METHOD else method
