"""Owners and grants, which are read on request only."""

from __future__ import annotations

from collections import defaultdict

from modalembic.postgres.catalog.model import Grant
from modalembic.postgres.catalog.reading.snapshot import (
    PG_CLASS,
    PG_NAMESPACE,
    PG_PROC,
    PG_TYPE,
    Snapshot,
)

# NULL stands for the defaults of a kind, which `acldefault` spells out. Columns have none.
OBJECTS = f"""
SELECT {PG_CLASS} AS catalog, c.oid, 0 AS part, c.relowner AS owner,
       COALESCE(c.relacl, pg_catalog.acldefault(
           CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner)) AS acl
  FROM pg_catalog.pg_class AS c
 WHERE c.relnamespace IN ($namespaces) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
 UNION ALL
SELECT {PG_CLASS}, a.attrelid, a.attnum, c.relowner, a.attacl
  FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
 WHERE c.relnamespace IN ($namespaces) AND a.attacl IS NOT NULL AND NOT a.attisdropped
 UNION ALL
SELECT {PG_PROC}, p.oid, 0, p.proowner,
       COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))
  FROM pg_catalog.pg_proc AS p WHERE p.pronamespace IN ($namespaces)
 UNION ALL
SELECT {PG_TYPE}, t.oid, 0, t.typowner,
       COALESCE(t.typacl, pg_catalog.acldefault('T', t.typowner))
  FROM pg_catalog.pg_type AS t
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
 WHERE t.typnamespace IN ($namespaces)
   AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
 UNION ALL
SELECT {PG_NAMESPACE}, n.oid, 0, n.nspowner,
       COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
  FROM pg_catalog.pg_namespace AS n WHERE n.oid IN ($namespaces)
"""
OWNERS = f"""
SELECT o.catalog, o.oid, pg_catalog.pg_get_userbyid(o.owner)::text FROM ({OBJECTS}) AS o
 WHERE o.part = 0
"""
GRANTS = f"""
SELECT o.catalog, o.oid, o.part,
       CASE WHEN g.grantee = 0 THEN 'PUBLIC'
            ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END,
       g.privilege_type, g.is_grantable
  FROM ({OBJECTS}) AS o, pg_catalog.aclexplode(o.acl) AS g
"""

Owners = dict[tuple[int, int], str]
Grants = dict[tuple[int, int, int], tuple[Grant, ...]]


def read_access(snapshot: Snapshot) -> tuple[Owners, Grants]:
    """The owner of each object, and its grants, those of its owner included."""
    owners = {(catalog, oid): owner for catalog, oid, owner in snapshot.rows(OWNERS)}
    found: defaultdict[tuple[int, int, int], set[Grant]] = defaultdict(set)
    for catalog, oid, part, grantee, privilege, grantable in snapshot.rows(GRANTS):
        found[catalog, oid, part].add(Grant(grantee, privilege, grantable))
    return owners, {
        of: tuple(sorted(grants, key=lambda grant: (grant.grantee, grant.privilege)))
        for of, grants in found.items()
    }
