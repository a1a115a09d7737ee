"""What Postgres says of the public schema, as rows that can be compared; the tables of Alembic and
modalembic left out.

Written without modalembic's own catalog on purpose: whatever uses this is what that is tested with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

OUR_SCHEMA = "'public'::regnamespace"
NOT_OURS = "!~ '^(alembic_version|modalembic_history)'"

QUERIES = {
    "tables": f"""
        SELECT relname, relkind, relpersistence, obj_description(oid, 'pg_class')
        FROM pg_class
        WHERE relnamespace = {OUR_SCHEMA} AND relkind IN ('r', 'v', 'm', 'p')
          AND relname {NOT_OURS}
    """,
    # Positions are counted anew: dropped columns leave gaps.
    "columns": f"""
        SELECT
            relname,
            row_number() OVER (PARTITION BY attrelid ORDER BY attnum),
            attname,
            format_type(atttypid, atttypmod),
            attnotnull,
            attidentity,
            attgenerated,
            attcollation::regcollation::text,
            pg_get_expr(adbin, adrelid),
            col_description(attrelid, attnum)
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = {OUR_SCHEMA} AND relkind IN ('r', 'v', 'm', 'p')
          AND relname {NOT_OURS} AND attnum > 0 AND NOT attisdropped
    """,
    "constraints": f"""
        SELECT relname, conname, contype, convalidated, pg_get_constraintdef(pg_constraint.oid)
        FROM pg_constraint
        JOIN pg_class ON pg_class.oid = conrelid
        WHERE relnamespace = {OUR_SCHEMA} AND relname {NOT_OURS}
    """,
    "indexes": f"""
        SELECT relname, indisunique, indisvalid, pg_get_indexdef(indexrelid)
        FROM pg_index
        JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = {OUR_SCHEMA} AND relname {NOT_OURS}
    """,
    "enums": f"""
        SELECT typname, array_agg(enumlabel ORDER BY enumsortorder)
        FROM pg_enum
        JOIN pg_type ON pg_type.oid = enumtypid
        WHERE typnamespace = {OUR_SCHEMA}
        GROUP BY typname
    """,
    "collations": f"""
        SELECT collname, collprovider, collisdeterministic
        FROM pg_collation
        WHERE collnamespace = {OUR_SCHEMA}
    """,
    "sequences": f"""
        SELECT sequencename, data_type::text, start_value, min_value, max_value, increment_by, cycle
        FROM pg_sequences
        WHERE schemaname = 'public' AND sequencename {NOT_OURS}
    """,
    "functions": f"""
        SELECT oid::regprocedure::text, prokind,
               CASE WHEN prokind <> 'a' THEN pg_get_functiondef(oid) END,
               obj_description(oid, 'pg_proc')
        FROM pg_proc
        WHERE pronamespace = {OUR_SCHEMA} AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE objid = pg_proc.oid AND classid = 'pg_proc'::regclass AND deptype = 'e'
        )
    """,
    "triggers": f"""
        SELECT relname, tgname, tgenabled, pg_get_triggerdef(pg_trigger.oid)
        FROM pg_trigger
        JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = {OUR_SCHEMA} AND NOT tgisinternal
    """,
    "views": """
        SELECT viewname, definition
        FROM pg_views
        WHERE schemaname = 'public'
    """,
    "materialised views": """
        SELECT matviewname, definition
        FROM pg_matviews
        WHERE schemaname = 'public'
    """,
    "rules": """
        SELECT tablename, rulename, definition
        FROM pg_rules
        WHERE schemaname = 'public'
    """,
    "policies": """
        SELECT tablename, policyname, permissive, roles, cmd, qual, with_check
        FROM pg_policies
        WHERE schemaname = 'public'
    """,
    "extensions": """
        SELECT extname
        FROM pg_extension
        WHERE extname <> 'plpgsql'
    """,
    "domains": f"""
        SELECT typname, format_type(typbasetype, typtypmod), typnotnull, typdefault,
               pg_get_constraintdef(pg_constraint.oid)
        FROM pg_type
        LEFT JOIN pg_constraint ON contypid = pg_type.oid
        WHERE typnamespace = {OUR_SCHEMA} AND typtype = 'd'
    """,
    "composite types": f"""
        SELECT relname, attnum, attname, format_type(atttypid, atttypmod)
        FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = {OUR_SCHEMA} AND relkind = 'c' AND NOT attisdropped
    """,
    "ranges": f"""
        SELECT typname, format_type(rngsubtype, NULL), obj_description(pg_type.oid, 'pg_type')
        FROM pg_range
        JOIN pg_type ON pg_type.oid = rngtypid
        WHERE typnamespace = {OUR_SCHEMA}
    """,
    "statistics": f"""
        SELECT stxname, pg_get_statisticsobjdef(oid)
        FROM pg_statistic_ext
        WHERE stxnamespace = {OUR_SCHEMA}
    """,
    "partitions": """
        SELECT inhparent::regclass::text, inhrelid::regclass::text,
               pg_get_expr(relpartbound, pg_class.oid)
        FROM pg_inherits
        JOIN pg_class ON pg_class.oid = inhrelid
        WHERE relkind IN ('r', 'p')
    """,
}


def read(connection: psycopg.Connection[Any]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        kind: sorted(connection.execute(query).fetchall(), key=repr)
        for kind, query in QUERIES.items()
    }
