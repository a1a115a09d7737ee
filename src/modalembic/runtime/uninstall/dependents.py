"""What a database itself says of a module's tables: which there are, and what depends on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from modalembic.runtime.connection.session import Session

# More are not counted one by one.
MOST_COUNTED = 1_000_000

_TABLES = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text,
       pg_catalog.pg_table_is_visible(c.oid),
       c.reltuples::bigint,
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
       AND NOT pg_catalog.row_security_active(c.oid),
       ARRAY(SELECT i.inhparent::bigint FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid)
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'f', 'S') AND left(n.nspname, 3) <> 'pg_'
   AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS m
                    WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid
                      AND (m.deptype = 'e' OR (c.relkind = 'S' AND m.deptype IN ('a', 'i'))))
 ORDER BY n.nspname, c.relname
"""

_FOREIGN_KEYS = """
SELECT k.conname::text, n.nspname::text, c.relname::text, t.relname::text
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class AS t ON t.oid = k.confrelid
 WHERE k.contype = 'f' AND k.conparentid = 0
   AND k.confrelid = ANY(CAST(%(tables)s AS bigint[]))
   AND k.conrelid <> ALL(CAST(%(tables)s AS bigint[]))
 ORDER BY 2, 3, 1
"""

# Views on the tables, views on these, and then all else that needs one of them or its row type.
_DEPENDENTS = """
WITH RECURSIVE relations(oid) AS (
    SELECT unnest(CAST(%(tables)s AS bigint[]))::oid
    UNION
    SELECT r.ev_class
      FROM relations AS b
      JOIN pg_catalog.pg_depend AS d
        ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = b.oid
       AND d.classid = 'pg_catalog.pg_rewrite'::regclass
      JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
), views AS (
    SELECT c.oid, c.relkind, n.nspname::text AS schema, c.relname::text AS name
      FROM relations AS v
      JOIN pg_catalog.pg_class AS c ON c.oid = v.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid <> ALL(CAST(%(tables)s AS bigint[])::oid[])
), needing AS (
    SELECT DISTINCT d.classid, d.objid
      FROM relations AS b
      JOIN pg_catalog.pg_class AS c ON c.oid = b.oid
      LEFT JOIN pg_catalog.pg_type AS t ON t.oid = c.reltype
      JOIN pg_catalog.pg_depend AS d
        ON (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid)
        OR (d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray))
     WHERE d.deptype = 'n'
)
SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'rule of table' END,
       schema, name
  FROM views
UNION
SELECT 'function', n.nspname::text, p.proname::text
  FROM needing AS d
  JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE d.classid = 'pg_catalog.pg_proc'::regclass
UNION
SELECT 'policy of table', n.nspname::text, c.relname::text
  FROM needing AS d
  JOIN pg_catalog.pg_policy AS p ON p.oid = d.objid
  JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_catalog.pg_policy'::regclass
   AND c.oid <> ALL(CAST(%(tables)s AS bigint[])::oid[])
UNION
SELECT 'default of a column of table', n.nspname::text, c.relname::text
  FROM needing AS d
  JOIN pg_catalog.pg_attrdef AS a ON a.oid = d.objid
  JOIN pg_catalog.pg_class AS c ON c.oid = a.adrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass
   AND c.oid <> ALL(CAST(%(tables)s AS bigint[])::oid[])
UNION
SELECT 'domain', n.nspname::text, y.typname::text
  FROM needing AS d
  JOIN pg_catalog.pg_type AS y ON y.oid = d.objid AND y.typtype = 'd'
  JOIN pg_catalog.pg_namespace AS n ON n.oid = y.typnamespace
 WHERE d.classid = 'pg_catalog.pg_type'::regclass
UNION
SELECT CASE c.relkind WHEN 'c' THEN 'attribute of type' ELSE 'column of table' END,
       n.nspname::text, c.relname::text
  FROM needing AS d
  JOIN pg_catalog.pg_class AS c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'f', 'c')
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_catalog.pg_class'::regclass
   AND c.oid <> ALL(CAST(%(tables)s AS bigint[])::oid[])
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid)
 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class LiveTable:
    """A table of a database, or a sequence that belongs to none. `kind` is `r`, `p` (partitioned),
    `f` (foreign) or `S` (a sequence); `visible` says that the search path leads to it; `may_read`
    that the role sees all of its rows; `parents` are those that it inherits from or is a partition
    of."""

    oid: int
    schema: str
    name: str
    kind: str
    visible: bool
    estimate: int
    may_read: bool
    parents: tuple[int, ...]


@dataclass(frozen=True)
class Dependent:
    """Something else in the database that needs one of a module's tables. `own`: the module's own
    revisions speak of it. `module` owns the table that it belongs to, if that is known."""

    type: str
    schema: str
    name: str
    on: str | None = None
    own: bool = False
    module: str | None = None


def live_tables(session: Session, ignored: Collection[str]) -> tuple[LiveTable, ...]:
    """The tables and the free sequences of the database, but for the system's, those of extensions
    and `ignored` ones."""
    rows = session.fetch(_TABLES)
    return tuple(
        LiveTable(oid, schema, name, kind, visible, estimate, may_read, tuple(parents))
        for oid, schema, name, kind, visible, estimate, may_read, parents in rows
        if name not in ignored
    )


def row_count(session: Session, table: LiveTable) -> tuple[int | None, bool]:
    """How many rows a table has itself, and whether that is an estimate: counting goes no further
    than a million. None where they may not all be read, or are elsewhere."""
    from modalembic.runtime.tables.version import quoted

    if not table.may_read or table.kind != "r":
        return None, False
    name = quoted(table.schema, table.name)
    ((count,),) = session.fetch(
        f"SELECT count(*) FROM (SELECT FROM ONLY {name} LIMIT {MOST_COUNTED + 1}) AS counted"
    )
    if count <= MOST_COUNTED:
        return count, False
    return max(count, table.estimate), True


def dependents_of(session: Session, tables: Sequence[LiveTable]) -> tuple[Dependent, ...]:
    """What needs one of `tables` and does not belong to them, as Postgres knows it."""
    if not tables:
        return ()
    given = {"tables": [table.oid for table in tables]}
    keys = [
        Dependent(f"foreign key {key} of table", schema, name, on=on)
        for key, schema, name, on in session.fetch(_FOREIGN_KEYS, given)
    ]
    others = [Dependent(*row) for row in session.fetch(_DEPENDENTS, given)]
    return (*keys, *others)
