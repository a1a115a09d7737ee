"""Columns of tables and views, and fields of composite types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from modalembic.postgres.catalog.model import Attribute, Column
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.reading.snapshot import (
    PG_ATTRDEF,
    PG_CLASS,
    Snapshot,
    grouped,
    texts,
)

COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname::text,
       pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       d.oid, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
       a.attidentity::text, a.attgenerated::text,
       n.nspname::text, co.collname::text,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
       a.attcompression::text, a.attstattarget, a.attoptions, a.attfdwoptions,
       a.attinhcount > 0 AND NOT a.attislocal
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_catalog.pg_collation AS co
         ON co.oid = a.attcollation AND a.attcollation <> t.typcollation
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = co.collnamespace
 WHERE c.relnamespace IN ($namespaces) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
   AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
"""
# Since Postgres 18 NOT NULL is a constraint, with a name, NOT VALID and NO INHERIT.
NOT_NULLS = """
SELECT k.conrelid, k.conkey[1], k.conname::text, k.convalidated, k.connoinherit
  FROM pg_catalog.pg_constraint AS k
 WHERE k.connamespace IN ($namespaces) AND k.contype = 'n' AND k.conrelid <> 0
"""
IDENTITY: Final = {"a": "always", "d": "by default"}
GENERATED: Final = {"s": "stored", "v": "virtual"}
STORAGE: Final = {"p": "plain", "e": "external", "m": "main", "x": "extended"}
COMPRESSION: Final = {"p": "pglz", "l": "lz4"}


@dataclass(frozen=True)
class Columns:
    """Columns by table; `names` by table and number."""

    of: dict[int, tuple[Column, ...]]
    names: dict[tuple[int, int], str]
    attributes: dict[int, tuple[Attribute, ...]]


def read_columns(snapshot: Snapshot, composites: frozenset[int]) -> Columns:
    """All columns; those of `composites` as attributes."""
    rows = snapshot.rows(COLUMNS)
    not_nulls = {
        (relation, number): (name, valid, not no_inherit)
        for relation, number, name, valid, no_inherit in snapshot.rows(NOT_NULLS)
    }
    columns = grouped(
        (row[0], _column(snapshot, row, not_nulls.get((row[0], row[1]))))
        for row in rows
        if row[0] not in composites
    )
    attributes = grouped(
        (row[0], _attribute(snapshot, row)) for row in rows if row[0] in composites
    )
    return Columns(
        {relation: tuple(found) for relation, found in columns.items()},
        {(row[0], row[1]): row[2] for row in rows},
        {relation: tuple(found) for relation, found in attributes.items()},
    )


def _column(
    snapshot: Snapshot, row: tuple[Any, ...], not_null: tuple[str, bool, bool] | None
) -> Column:
    (relation, number, name, type_, required, default_oid, expression, identity, generated) = row[
        :9
    ]
    schema, collation, storage, compression, statistics, options, foreign, inherited = row[9:]
    constraint, valid, inherits = not_null or (None, True, True)
    kind: Any = GENERATED.get(generated)
    always: Any = IDENTITY.get(identity)
    return Column(
        name=name,
        type=type_,
        not_null=required,
        not_null_name=constraint,
        not_null_valid=valid,
        not_null_inherits=inherits,
        default=None if kind else expression,
        identity=always,
        generated=expression if kind else None,
        generated_kind=kind,
        collation=qualified(schema, collation) if collation else None,
        storage=STORAGE.get(storage),
        compression=COMPRESSION.get(compression),
        statistics=None if statistics in {None, -1} else statistics,
        options=texts(options),
        foreign_options=texts(foreign),
        inherited=inherited,
        comment=snapshot.comments.get((PG_CLASS, relation, number)),
        grants=snapshot.grants.get((PG_CLASS, relation, number), ()),
        requires=() if default_oid is None else snapshot.required(PG_ATTRDEF, default_oid),
    )


def _attribute(snapshot: Snapshot, row: tuple[Any, ...]) -> Attribute:
    schema, collation = row[9:11]
    return Attribute(
        name=row[2],
        type=row[3],
        collation=qualified(schema, collation) if collation else None,
        comment=snapshot.comments.get((PG_CLASS, row[0], row[1])),
    )
