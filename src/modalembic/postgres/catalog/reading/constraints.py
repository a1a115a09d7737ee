"""Constraints of tables. Those of domains are read with the domains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from modalembic.postgres.catalog.model import Constraint
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.reading.columns import Columns
from modalembic.postgres.catalog.reading.snapshot import PG_CONSTRAINT, Snapshot, texts

# A partition's copies of foreign keys are left out: they are what the original is, under names that
# Postgres chooses.
CONSTRAINTS = """
SELECT k.oid, k.conrelid, k.conname::text, k.contype::text,
       pg_catalog.pg_get_constraintdef(k.oid), k.conkey,
       CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END,
       fn.nspname::text, f.relname::text,
       CASE WHEN k.contype = 'f' THEN ARRAY(
           SELECT a.attname::text
             FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (number, place)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number
            ORDER BY u.place) END,
       k.confmatchtype::text, k.confupdtype::text, k.confdeltype::text, $set_columns,
       k.condeferrable, k.condeferred, k.convalidated, $enforced, k.connoinherit, $period,
       k.contype = 'c' AND k.coninhcount > 0 AND NOT k.conislocal,
       i.indexrelid, $nulls_not_distinct, i.indnkeyatts, i.indkey::text, x.reloptions,
       s.spcname::text, i.indisclustered, p.conname::text
  FROM pg_catalog.pg_constraint AS k
  LEFT JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid
  LEFT JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i
         ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
  LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = x.reltablespace
  LEFT JOIN pg_catalog.pg_constraint AS p
         ON p.oid = k.conparentid AND k.contype IN ('p', 'u', 'x')
 WHERE k.connamespace IN ($namespaces) AND k.conrelid <> 0
   AND (k.contype IN ('p', 'u', 'c', 'x') OR k.contype = 'f' AND k.conparentid = 0)
 ORDER BY k.conrelid, k.conname
"""
KINDS: Final = {
    "p": "primary key",
    "u": "unique",
    "c": "check",
    "f": "foreign key",
    "x": "exclusion",
}
ACTIONS: Final = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}
MATCHES: Final = {"s": "simple", "f": "full", "p": "partial"}


@dataclass(frozen=True)
class Found:
    """A constraint, its table, and its index if it has one."""

    table: int
    index: int | None
    constraint: Constraint


def read_constraints(snapshot: Snapshot, columns: Columns) -> tuple[Found, ...]:
    """All constraints, by table and name."""
    rows = snapshot.rows(
        CONSTRAINTS,
        set_columns=snapshot.since(15, "k.confdelsetcols", "NULL"),
        enforced=snapshot.since(18, "k.conenforced", "true"),
        period=snapshot.since(18, "k.conperiod", "false"),
        nulls_not_distinct=snapshot.since(15, "i.indnullsnotdistinct", "false"),
    )
    return tuple(_found(snapshot, columns, row) for row in rows)


def _found(snapshot: Snapshot, columns: Columns, row: tuple[Any, ...]) -> Found:
    oid, table, name, kind, definition, numbers, expression, schema, other, referenced = row[:10]
    match, update, delete, set_numbers, deferrable, deferred, valid, enforced = row[10:18]
    no_inherit, period, inherited, index, nulls, keys, places, options = row[18:26]
    tablespace, clustered, parent = row[26:]
    foreign = kind == "f"

    def named(attribute_numbers: list[int] | None) -> tuple[str, ...]:
        return tuple(
            columns.names[table, number] for number in attribute_numbers or () if number > 0
        )

    included = [int(place) for place in places.split()[keys:]] if index else []
    fields: dict[str, Any] = {}
    if foreign:
        fields = {
            "references": qualified(schema, other),
            "referenced_columns": tuple(referenced),
            "match": MATCHES[match],
            "on_update": ACTIONS[update],
            "on_delete": ACTIONS[delete],
            "on_delete_columns": named(set_numbers),
        }
    constraint = Constraint(
        name=name,
        kind=KINDS[kind],  # type: ignore[arg-type]
        definition=definition,
        # The order of a CHECK's columns is that of their mention.
        columns=tuple(sorted(named(numbers))) if kind == "c" else named(numbers),
        expression=expression,
        deferral="initially deferred" if deferred else "deferrable" if deferrable else "immediate",
        valid=valid,
        enforced=enforced,
        inherits=kind != "c" or not no_inherit,
        nulls_not_distinct=bool(nulls),
        without_overlaps=period,
        include=named(included),
        options=texts(options),
        tablespace=tablespace,
        clustered=bool(clustered),
        inherited=inherited,
        parent=parent,
        comment=snapshot.comment(PG_CONSTRAINT, oid),
        requires=snapshot.required(PG_CONSTRAINT, oid),
        **fields,
    )
    return Found(table, index, constraint)
