"""Enums, domains, composite types and ranges."""

from __future__ import annotations

from typing import Any

from modalembic.postgres.catalog.model import (
    Attribute,
    Composite,
    Domain,
    DomainConstraint,
    Enum,
    Range,
)
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.reading.snapshot import (
    PG_CLASS,
    PG_CONSTRAINT,
    PG_TYPE,
    Snapshot,
    grouped,
    not_member,
    texts,
)

ENUMS = f"""
SELECT t.oid, t.typnamespace, t.typname::text,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum AS e
              WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
  FROM pg_catalog.pg_type AS t
 WHERE t.typnamespace IN ($namespaces) AND t.typtype = 'e' AND {not_member(PG_TYPE, "t.oid")}
"""
DOMAINS = f"""
SELECT t.oid, t.typnamespace, t.typname::text,
       pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull,
       pg_catalog.pg_get_expr(t.typdefaultbin, 0), n.nspname::text, co.collname::text
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
  LEFT JOIN pg_catalog.pg_collation AS co
         ON co.oid = t.typcollation AND t.typcollation <> b.typcollation
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = co.collnamespace
 WHERE t.typnamespace IN ($namespaces) AND t.typtype = 'd' AND {not_member(PG_TYPE, "t.oid")}
"""
DOMAIN_CONSTRAINTS = """
SELECT k.contypid, k.oid, k.conname::text, pg_catalog.pg_get_expr(k.conbin, 0), k.convalidated
  FROM pg_catalog.pg_constraint AS k
 WHERE k.connamespace IN ($namespaces) AND k.contypid <> 0 AND k.contype = 'c'
 ORDER BY k.contypid, k.conname
"""
COMPOSITES = f"""
SELECT t.oid, t.typrelid, t.typnamespace, t.typname::text
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
 WHERE t.typnamespace IN ($namespaces) AND c.relkind = 'c' AND {not_member(PG_TYPE, "t.oid")}
"""
RANGES = f"""
SELECT t.oid, t.typnamespace, t.typname::text, pg_catalog.format_type(r.rngsubtype, NULL),
       m.typname::text, onsp.nspname::text, o.opcname::text, cn.nspname::text, co.collname::text,
       NULLIF(r.rngcanonical, 0)::pg_catalog.regproc::text,
       NULLIF(r.rngsubdiff, 0)::pg_catalog.regproc::text
  FROM pg_catalog.pg_range AS r
  JOIN pg_catalog.pg_type AS t ON t.oid = r.rngtypid
  JOIN pg_catalog.pg_type AS m ON m.oid = r.rngmultitypid
  JOIN pg_catalog.pg_type AS s ON s.oid = r.rngsubtype
  JOIN pg_catalog.pg_opclass AS o ON o.oid = r.rngsubopc
  JOIN pg_catalog.pg_namespace AS onsp ON onsp.oid = o.opcnamespace
  LEFT JOIN pg_catalog.pg_collation AS co
         ON co.oid = r.rngcollation AND r.rngcollation <> s.typcollation
  LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
 WHERE t.typnamespace IN ($namespaces) AND {not_member(PG_TYPE, "t.oid")}
"""


def read_enums(snapshot: Snapshot) -> tuple[Enum, ...]:
    """The enums."""
    return tuple(
        Enum(snapshot.namespaces[schema], name, tuple(labels), **snapshot.common(PG_TYPE, oid))
        for oid, schema, name, labels in snapshot.rows(ENUMS)
    )


def read_domains(snapshot: Snapshot) -> tuple[Domain, ...]:
    """The domains with their CHECKs."""
    rows = snapshot.rows(DOMAIN_CONSTRAINTS)
    constraints = grouped(
        (domain, DomainConstraint(name, text, valid, snapshot.comment(PG_CONSTRAINT, oid)))
        for domain, oid, name, text, valid in rows
    )
    required = grouped(
        (domain, key) for domain, oid, *_ in rows for key in snapshot.required(PG_CONSTRAINT, oid)
    )
    return tuple(
        Domain(
            schema=snapshot.namespaces[namespace],
            name=name,
            type=type_,
            not_null=not_null,
            default=default,
            collation=qualified(schema, collation) if collation else None,
            constraints=tuple(constraints.get(oid, ())),
            requires=texts({*snapshot.required(PG_TYPE, oid), *required.get(oid, ())}),
            **snapshot.common(PG_TYPE, oid),
        )
        for oid, namespace, name, type_, not_null, default, schema, collation in snapshot.rows(
            DOMAINS
        )
    )


def composite_rows(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    """Type, relation, schema (all by object id) and name of each composite type."""
    return snapshot.rows(COMPOSITES)


def read_composites(
    snapshot: Snapshot, rows: list[tuple[Any, ...]], attributes: dict[int, tuple[Attribute, ...]]
) -> tuple[Composite, ...]:
    """The composite types of `rows`."""
    return tuple(
        Composite(
            schema=snapshot.namespaces[namespace],
            name=name,
            attributes=attributes.get(relation, ()),
            requires=snapshot.required(PG_CLASS, relation),
            **snapshot.common(PG_TYPE, oid),
        )
        for oid, relation, namespace, name in rows
    )


def read_ranges(snapshot: Snapshot) -> tuple[Range, ...]:
    """The range types."""
    found = []
    for row in snapshot.rows(RANGES):
        oid, namespace, name, subtype, multirange, opclass_schema, opclass = row[:7]
        schema, collation, canonical, difference = row[7:]
        found.append(
            Range(
                schema=snapshot.namespaces[namespace],
                name=name,
                subtype=subtype,
                multirange=multirange,
                opclass=qualified(opclass_schema, opclass),
                collation=qualified(schema, collation) if collation else None,
                canonical=canonical,
                difference=difference,
                requires=snapshot.required(PG_TYPE, oid),
                **snapshot.common(PG_TYPE, oid),
            )
        )
    return tuple(found)
