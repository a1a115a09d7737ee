"""Objects that a catalog does not take apart, so that none is overlooked in silence."""

from __future__ import annotations

from modalembic.postgres.catalog.model import Other
from modalembic.postgres.catalog.reading.snapshot import Snapshot

OPERATOR_NAME = (
    "o.oprname || '('"
    " || COALESCE(pg_catalog.format_type(NULLIF(o.oprleft, 0), NULL), 'NONE') || ', '"
    " || pg_catalog.format_type(o.oprright, NULL) || ')'"
)
# The column for the locale of a collation that is not libc's had three names so far.
COLLATION = """
'CREATE COLLATION ' || pg_catalog.quote_ident(n.nspname) || '.'
    || pg_catalog.quote_ident(o.collname)
    || CASE o.collprovider WHEN 'c'
       THEN ' (PROVIDER = libc, LC_COLLATE = ' || pg_catalog.quote_literal(o.collcollate)
            || ', LC_CTYPE = ' || pg_catalog.quote_literal(o.collctype)
       ELSE ' (PROVIDER = ' || CASE o.collprovider WHEN 'i' THEN 'icu' ELSE 'builtin' END
            || ', LOCALE = ' || pg_catalog.quote_literal($locale) END
    || CASE WHEN o.collisdeterministic THEN ')' ELSE ', DETERMINISTIC = false)' END
"""
KINDS = (
    ("collation", "pg_collation", "coll", "o.collname::text"),
    ("operator", "pg_operator", "opr", OPERATOR_NAME),
    ("operator class", "pg_opclass", "opc", "o.opcname::text"),
    ("text search configuration", "pg_ts_config", "cfg", "o.cfgname::text"),
    ("text search dictionary", "pg_ts_dict", "dict", "o.dictname::text"),
    ("text search parser", "pg_ts_parser", "prs", "o.prsname::text"),
    ("statistics", "pg_statistic_ext", "stx", "o.stxname::text"),
    ("conversion", "pg_conversion", "con", "o.conname::text"),
)
DEFINITIONS = {
    "collation": COLLATION,
    "statistics": "pg_catalog.pg_get_statisticsobjdef(o.oid)",
}
BASE_TYPES = """
SELECT 'base type' AS kind, o.typnamespace AS namespace, o.typname::text AS name,
       NULL::text AS definition, 1247::pg_catalog.oid AS catalog, o.oid
  FROM pg_catalog.pg_type AS o
 WHERE o.typnamespace IN ($namespaces) AND o.typtype = 'b' AND o.typcategory <> 'A'
"""
OTHERS = " UNION ALL ".join(
    [
        BASE_TYPES,
        *(
            f"SELECT '{kind}', o.{prefix}namespace, {name}, {DEFINITIONS.get(kind, 'NULL')},"
            f" 'pg_catalog.{catalog}'::regclass, o.oid FROM pg_catalog.{catalog} AS o"
            f" JOIN pg_catalog.pg_namespace AS n ON n.oid = o.{prefix}namespace"
            f" WHERE o.{prefix}namespace IN ($namespaces)"
            for kind, catalog, prefix, name in KINDS
        ),
    ]
)
QUERY = f"""
SELECT a.kind, a.namespace, a.name, a.definition FROM ({OTHERS}) AS a
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS m
                    WHERE m.classid = a.catalog AND m.objid = a.oid AND m.deptype = 'e')
"""


def read_others(snapshot: Snapshot) -> tuple[Other, ...]:
    """All of them, by kind, schema and name."""
    locale = snapshot.since(15, "COALESCE(o.colliculocale, o.collcollate)", "o.collcollate")
    locale = snapshot.since(17, "COALESCE(o.colllocale, o.collcollate)", locale)
    found = [
        Other(kind, snapshot.namespaces[schema], name, definition)
        for kind, schema, name, definition in snapshot.rows(QUERY, locale=locale)
    ]
    return tuple(sorted(found, key=lambda other: (other.kind, other.schema, other.name)))
