"""Sequences."""

from __future__ import annotations

from modalembic.postgres.catalog.model import Sequence
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.reading.snapshot import PG_CLASS, Snapshot, not_member

# A sequence depends on the column that owns it automatically (OWNED BY) or internally (identity).
SEQUENCES = f"""
SELECT c.oid, c.relnamespace, c.relname::text, c.relpersistence::text,
       pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
       s.seqcache, s.seqcycle, n.nspname::text, t.relname::text, a.attname::text,
       COALESCE(d.deptype = 'i', false)
  FROM pg_catalog.pg_sequence AS s
  JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
  LEFT JOIN pg_catalog.pg_depend AS d
         ON d.classid = {PG_CLASS} AND d.objid = c.oid AND d.objsubid = 0
        AND d.refclassid = {PG_CLASS} AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_catalog.pg_class AS t ON t.oid = d.refobjid
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
 WHERE c.relnamespace IN ($namespaces) AND {not_member(PG_CLASS, "c.oid")}
"""


def read_sequences(snapshot: Snapshot, ignored: frozenset[str]) -> tuple[Sequence, ...]:
    """The sequences, but for those of tables called as one of `ignored`."""
    found = []
    for row in snapshot.rows(SEQUENCES):
        oid, namespace, name, persistence, type_, start, increment, least, most = row[:9]
        cache, cycle, schema, table, column, identity = row[9:]
        if table in ignored:
            continue
        found.append(
            Sequence(
                schema=snapshot.namespaces[namespace],
                name=name,
                type=type_,
                start=start,
                increment=increment,
                minimum=least,
                maximum=most,
                cache=cache,
                cycle=cycle,
                persistence="unlogged" if persistence == "u" else "permanent",
                owned_by=f"{qualified(schema, table)}.{quote(column)}" if table else None,
                identity=identity,
                **snapshot.common(PG_CLASS, oid),
            )
        )
    return tuple(found)
