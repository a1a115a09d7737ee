"""What downgrades leave behind: types that served the module's tables alone.

A table that is dropped leaves its enums, and most downgrades do not drop them; the next `install`
would stop at "type already exists". A type that nothing uses holds no data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modalembic.postgres.catalog.names import qualified
from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.rights import quoted
from modalembic.runtime.uninstall.makers import Makers
from modalembic.runtime.uninstall.preview import AffectedTable

_USED = """
SELECT DISTINCT t.oid::bigint, n.nspname::text, t.typname::text, t.typtype = 'd'
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS u ON u.oid = a.atttypid
  JOIN pg_catalog.pg_type AS t
    ON t.oid = CASE WHEN u.typcategory = 'A' AND u.typelem <> 0 THEN u.typelem ELSE u.oid END
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE a.attrelid IN (SELECT to_regclass(name)
                        FROM unnest(CAST(%(tables)s AS text[])) AS name)
   AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype IN ('d', 'e')
   AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS m
                    WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid
                      AND m.deptype = 'e')
 ORDER BY 2, 3
"""
_IDLE = """
SELECT t.oid::bigint
  FROM pg_catalog.pg_type AS t
 WHERE t.oid = ANY(CAST(%(types)s AS bigint[])::oid[])
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.refclassid = 'pg_catalog.pg_type'::regclass
                      AND d.refobjid IN (t.oid, t.typarray) AND d.deptype = 'n')
"""


@dataclass(frozen=True)
class ServingType:
    """An enum or a domain that columns of the module's tables have."""

    oid: int
    schema: str
    name: str
    is_domain: bool


def serving_types(session: Session, tables: Sequence[AffectedTable]) -> tuple[ServingType, ...]:
    """The types that columns of `tables` have, of those that somebody made."""
    if not tables:
        return ()
    names = [quoted(table.schema, table.name) for table in tables]
    return tuple(ServingType(*row) for row in session.fetch(_USED, {"tables": names}))


def drop_leftovers(
    session: Session, types: Sequence[ServingType], makers: Makers
) -> tuple[str, ...]:
    """Drop those of `types` that nothing uses any more, that the module's upgrades speak of and
    those of no other module; gives their names."""
    if not types:
        return ()
    rows = session.fetch(_IDLE, {"types": [each.oid for each in types]})
    idle = {row[0] for row in rows}
    dropped = []
    for each in types:
        if each.oid in idle and makers.alone_mentions(each.name):
            kind = "DOMAIN" if each.is_domain else "TYPE"
            session.run(f"DROP {kind} {quoted(each.schema, each.name)}")
            dropped.append(qualified(each.schema, each.name))
    return tuple(dropped)
