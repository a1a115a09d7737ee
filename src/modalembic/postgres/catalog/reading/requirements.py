"""What an object requires, from `pg_depend`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from modalembic.postgres.catalog.keys import (
    constraint_key,
    index_key,
    relation_key,
    routine_key,
    type_key,
)
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.reading.snapshot import (
    FIRST_USER_OID,
    PG_ATTRDEF,
    PG_CLASS,
    PG_CONSTRAINT,
    PG_POLICY,
    PG_PROC,
    PG_REWRITE,
    PG_TRIGGER,
    PG_TYPE,
    Snapshot,
    not_member,
)

# What a table's own parts have to do with it is known without asking; what remains is what types,
# functions, expressions, views, triggers and policies refer to, and the index that a foreign key
# relies on. A view depends through its rule. What refers to a column refers to its table, too.
# Before Postgres 15 a generated column depends by itself, and not through its expression.
# https://www.postgresql.org/docs/current/catalog-pg-depend.html
DEPENDENCIES = f"""
SELECT DISTINCT CASE WHEN w.oid IS NOT NULL THEN {PG_CLASS}
                     WHEN g.oid IS NOT NULL THEN {PG_ATTRDEF} ELSE d.classid END,
       COALESCE(w.ev_class, g.oid, d.objid), d.refclassid, d.refobjid,
       CASE WHEN d.classid <> {PG_CONSTRAINT} THEN a.attname::text END
  FROM pg_catalog.pg_depend AS d
  LEFT JOIN pg_catalog.pg_rewrite AS w
         ON d.classid = {PG_REWRITE} AND w.oid = d.objid AND w.rulename = '_RETURN'
  LEFT JOIN pg_catalog.pg_attrdef AS g
         ON d.classid = {PG_CLASS} AND d.objsubid > 0 AND d.refobjsubid > 0
        AND g.adrelid = d.objid AND g.adnum = d.objsubid
  LEFT JOIN pg_catalog.pg_attribute AS a
         ON d.refclassid = {PG_CLASS} AND a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        AND d.refobjsubid > 0
 WHERE d.deptype IN ('n', 'a') AND d.objid >= {FIRST_USER_OID} AND d.refobjid >= {FIRST_USER_OID}
   AND d.classid IN ({PG_TYPE}, {PG_PROC}, {PG_CLASS}, {PG_CONSTRAINT}, {PG_ATTRDEF}, {PG_REWRITE},
                     {PG_TRIGGER}, {PG_POLICY})
   AND (d.refclassid IN ({PG_TYPE}, {PG_PROC})
        OR d.refclassid = {PG_CLASS} AND (
               d.classid IN ({PG_PROC}, {PG_REWRITE}, {PG_TYPE}, {PG_TRIGGER}, {PG_POLICY})
               OR g.oid IS NOT NULL
               OR d.classid = {PG_ATTRDEF} AND (d.refobjsubid > 0 AND d.deptype = 'n' OR EXISTS (
                      SELECT FROM pg_catalog.pg_sequence AS s WHERE s.seqrelid = d.refobjid))
               OR d.classid = {PG_CONSTRAINT} AND EXISTS (
                      SELECT FROM pg_catalog.pg_index AS i WHERE i.indexrelid = d.refobjid))
        OR d.refclassid = {PG_CONSTRAINT} AND d.classid = {PG_REWRITE})
"""
RELATIONS = """
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relnamespace IN ($namespaces)
   AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c', 'i', 'I')
"""
# An array stands for its elements, a multirange for its range, a row for its table.
TYPES = """
SELECT t.oid, n.nspname::text, t.typname::text, t.typrelid,
       CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE r.rngtypid END
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_range AS r ON r.rngmultitypid = t.oid
 WHERE t.typnamespace IN ($namespaces)
   AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.refclassid = 1247 AND d.refobjid = t.oid AND d.deptype IN ('n', 'a', 'i'))
"""
ROUTINES = f"""
SELECT p.oid, n.nspname::text, p.proname::text,
       ARRAY(SELECT pg_catalog.format_type(u.type, NULL)
               FROM pg_catalog.unnest(p.proargtypes::pg_catalog.oid[])
                    WITH ORDINALITY AS u (type, place) ORDER BY u.place)
  FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE p.pronamespace IN ($namespaces) AND {not_member(PG_PROC, "p.oid")}
"""
CONSTRAINTS = """
SELECT k.oid, n.nspname::text, c.relname::text, k.conname::text, k.conindid
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE k.connamespace IN ($namespaces) AND k.contype IN ('p', 'u', 'x')
"""

Keys = Mapping[tuple[int, int], str]


def read_requirements(snapshot: Snapshot) -> dict[tuple[int, int], tuple[str, ...]]:
    """The keys of what each object (by catalog and object id) requires. What is in no schema that
    is read, and members of extensions, have no key."""
    keys = _keys(snapshot)
    found: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for catalog, oid, other_catalog, other, column in snapshot.rows(DEPENDENCIES):
        key = keys.get((other_catalog, other))
        if key is None or key == keys.get((catalog, oid)):
            continue
        found[catalog, oid].add(key)
        if column is not None:
            found[catalog, oid].add(f"column {key.removeprefix('relation ')}.{quote(column)}")
    return {of: tuple(sorted(required)) for of, required in found.items()}


def _keys(snapshot: Snapshot) -> Keys:
    keys: dict[tuple[int, int], str] = {}
    for oid, schema, name, kind in snapshot.rows(RELATIONS):
        key = {"c": type_key, "i": index_key, "I": index_key}.get(kind, relation_key)
        keys[PG_CLASS, oid] = key(schema, name)
    types: dict[int, tuple[Any, ...]] = {row[0]: row for row in snapshot.rows(TYPES)}
    for oid in types:
        resolved = _type(types, oid)
        if resolved is None:
            continue
        _, schema, name, relation, _ = resolved
        keys[PG_TYPE, oid] = keys[PG_CLASS, relation] if relation else type_key(schema, name)
    for oid, schema, name, signature in snapshot.rows(ROUTINES):
        keys[PG_PROC, oid] = routine_key(schema, name, ", ".join(signature))
    for oid, schema, table, name, index in snapshot.rows(CONSTRAINTS):
        keys[PG_CONSTRAINT, oid] = keys[PG_CLASS, index] = constraint_key(schema, table, name)
    return keys


def _type(types: dict[int, tuple[Any, ...]], oid: int) -> tuple[Any, ...] | None:
    """The row of a type, or of what it is an array or a multirange of."""
    row = types.get(oid)
    while row is not None and row[4]:
        row = types.get(row[4])
    return row
