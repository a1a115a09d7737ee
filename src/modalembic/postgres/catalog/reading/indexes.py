"""Indexes that no constraint made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modalembic.postgres.catalog.model import Index, IndexKey
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.reading.columns import Columns
from modalembic.postgres.catalog.reading.snapshot import PG_CLASS, Snapshot, texts

# `pg_get_indexdef` begins with the names of the index and the table; what is kept begins at USING.
INDEXES = """
SELECT i.indexrelid, i.indrelid, x.relname::text, am.amname::text, i.indisunique, i.indisvalid,
       $nulls_not_distinct, i.indnkeyatts, i.indkey::text, i.indclass::text, i.indcollation::text,
       i.indoption::text,
       CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
           SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false)
             FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k ORDER BY k) END,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid), x.reloptions, s.spcname::text,
       i.indisclustered, p.relname::text,
       pg_catalog.substr(pg_catalog.pg_get_indexdef(i.indexrelid), 1 + pg_catalog.length(
           'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX '
           || pg_catalog.quote_ident(x.relname) || ' ON '
           || CASE WHEN x.relkind = 'I' THEN 'ONLY ' ELSE '' END
           || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
           || ' '))
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_am AS am ON am.oid = x.relam
  LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = x.reltablespace
  LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = i.indexrelid
  LEFT JOIN pg_catalog.pg_class AS p ON p.oid = h.inhparent
 WHERE c.relnamespace IN ($namespaces) AND c.relkind IN ('r', 'p', 'm')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
                    WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid
                      AND k.contype IN ('p', 'u', 'x'))
 ORDER BY i.indrelid, x.relname
"""
# Every operator class, and the collations that indexes use, by object id.
NAMES = """
SELECT 'opclass', o.oid, n.nspname::text, o.opcname::text
  FROM pg_catalog.pg_opclass AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.opcnamespace
 UNION ALL
SELECT 'collation', o.oid, n.nspname::text, o.collname::text
  FROM pg_catalog.pg_collation AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.collnamespace
 WHERE o.collname <> 'default' AND o.oid IN (
       SELECT u FROM pg_catalog.pg_index AS i,
              pg_catalog.unnest(i.indcollation::pg_catalog.oid[]) AS u)
"""
DESCENDING, NULLS_FIRST = 1, 2


@dataclass(frozen=True)
class Found:
    """An index, its object id and its table."""

    table: int
    oid: int
    index: Index


def read_indexes(snapshot: Snapshot, columns: Columns) -> tuple[Found, ...]:
    """All indexes, by table and name."""
    rows = snapshot.rows(
        INDEXES, nulls_not_distinct=snapshot.since(15, "i.indnullsnotdistinct", "false")
    )
    names: dict[tuple[str, int], str] = {
        (kind, oid): quote(name) if schema == "pg_catalog" else qualified(schema, name)
        for kind, oid, schema, name in snapshot.rows(NAMES)
    }
    return tuple(_found(snapshot, columns, names, row) for row in rows)


def _found(
    snapshot: Snapshot,
    columns: Columns,
    names: dict[tuple[str, int], str],
    row: tuple[Any, ...],
) -> Found:
    oid, table, name, method, unique, valid, nulls, count, places, classes, collations = row[:11]
    flags, expressions, predicate, options, tablespace, clustered, parent, definition = row[11:]
    numbers = [int(place) for place in places.split()]
    keys = []
    for place, (number, opclass, collation, flag) in enumerate(
        zip(numbers, classes.split(), collations.split(), map(int, flags.split()), strict=False)
    ):
        keys.append(
            IndexKey(
                columns.names[table, number] if number else expressions[place],
                names["opclass", int(opclass)],
                names.get(("collation", int(collation))),
                bool(flag & DESCENDING),
                bool(flag & NULLS_FIRST),
            )
        )
    index = Index(
        name=name,
        method=method,
        keys=tuple(keys),
        definition=definition,
        unique=unique,
        valid=valid,
        nulls_not_distinct=nulls,
        include=tuple(columns.names[table, number] for number in numbers[count:]),
        predicate=predicate,
        options=texts(options),
        tablespace=tablespace,
        clustered=clustered,
        parent=parent,
        comment=snapshot.comment(PG_CLASS, oid),
        requires=snapshot.required(PG_CLASS, oid),
    )
    return Found(table, oid, index)
