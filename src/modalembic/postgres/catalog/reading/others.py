"""Objects that a catalog knows by name only, so that none is overlooked in silence."""

from __future__ import annotations

from modalembic.postgres.catalog.model import Other
from modalembic.postgres.catalog.reading.snapshot import Snapshot

KINDS = (
    ("collation", "pg_collation", "coll", "o.collname::text"),
    (
        "operator",
        "pg_operator",
        "opr",
        "o.oprname || '(' || pg_catalog.format_type(NULLIF(o.oprleft, 0), NULL) || ', '"
        " || pg_catalog.format_type(o.oprright, NULL) || ')'",
    ),
    ("operator class", "pg_opclass", "opc", "o.opcname::text"),
    ("text search configuration", "pg_ts_config", "cfg", "o.cfgname::text"),
    ("text search dictionary", "pg_ts_dict", "dict", "o.dictname::text"),
    ("text search parser", "pg_ts_parser", "prs", "o.prsname::text"),
    ("statistics", "pg_statistic_ext", "stx", "o.stxname::text"),
    ("conversion", "pg_conversion", "con", "o.conname::text"),
)
BASE_TYPES = """
SELECT 'base type' AS kind, o.typnamespace AS namespace, o.typname::text AS name,
       1247::pg_catalog.oid AS catalog, o.oid
  FROM pg_catalog.pg_type AS o
 WHERE o.typnamespace IN ($namespaces) AND o.typtype = 'b' AND o.typcategory <> 'A'
"""
OTHERS = " UNION ALL ".join(
    [
        BASE_TYPES,
        *(
            f"SELECT '{kind}', o.{prefix}namespace, {name}, 'pg_catalog.{catalog}'::regclass, o.oid"
            f" FROM pg_catalog.{catalog} AS o WHERE o.{prefix}namespace IN ($namespaces)"
            for kind, catalog, prefix, name in KINDS
        ),
    ]
)
QUERY = f"""
SELECT a.kind, a.namespace, a.name FROM ({OTHERS}) AS a
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS m
                    WHERE m.classid = a.catalog AND m.objid = a.oid AND m.deptype = 'e')
"""


def read_others(snapshot: Snapshot) -> tuple[Other, ...]:
    """All of them, by kind, schema and name."""
    found = [
        Other(kind, snapshot.namespaces[schema], name)
        for kind, schema, name in snapshot.rows(QUERY)
    ]
    return tuple(sorted(found, key=lambda other: (other.kind, other.schema, other.name)))
