"""A whole catalog."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from modalembic.errors import SchemaMissing
from modalembic.postgres.catalog.model import Catalog, Extension, Schema
from modalembic.postgres.catalog.reading.access import read_access
from modalembic.postgres.catalog.reading.attached import read_policies, read_rules, read_triggers
from modalembic.postgres.catalog.reading.columns import read_columns
from modalembic.postgres.catalog.reading.constraints import read_constraints
from modalembic.postgres.catalog.reading.indexes import read_indexes
from modalembic.postgres.catalog.reading.others import read_others
from modalembic.postgres.catalog.reading.relations import Parts, read_relations, relation_rows
from modalembic.postgres.catalog.reading.requirements import read_requirements
from modalembic.postgres.catalog.reading.routines import read_routines
from modalembic.postgres.catalog.reading.sequences import read_sequences
from modalembic.postgres.catalog.reading.session import Session, reading
from modalembic.postgres.catalog.reading.snapshot import (
    PG_EXTENSION,
    PG_NAMESPACE,
    Snapshot,
    grouped,
    not_member,
)
from modalembic.postgres.catalog.reading.types import (
    composite_rows,
    read_composites,
    read_domains,
    read_enums,
    read_ranges,
)

VERSION = "SELECT pg_catalog.current_setting('server_version_num')::int"
SCHEMAS = f"""
SELECT n.oid, n.nspname::text, {not_member(PG_NAMESPACE, "n.oid")}
  FROM pg_catalog.pg_namespace AS n
 WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
 ORDER BY n.nspname
"""
EXTENSIONS = """
SELECT e.oid, e.extname::text, n.nspname::text, e.extversion, e.extrelocatable
  FROM pg_catalog.pg_extension AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
 WHERE e.extname <> 'plpgsql'
 ORDER BY e.extname
"""
COMMENTS = """
SELECT d.classoid, d.objoid, d.objsubid, d.description
  FROM pg_catalog.pg_description AS d
 WHERE d.objoid >= 16384
    OR (d.classoid = 2615 AND d.objoid IN ($namespaces)
        AND d.description <> 'standard public schema')
"""


def read_catalog(
    session: Session,
    *,
    schemas: Collection[str] | None = None,
    ignore_tables: Collection[str] = (),
    access: bool = False,
) -> Catalog:
    """The catalog of `schemas` (None: all but the system's), as of one moment.

    Tables called as one of `ignore_tables`, in any schema, are left out with all that belongs to
    them; owners and grants are read with `access` only. `session` must be in no transaction.
    Raises SchemaMissing.
    """
    with reading(session):
        snapshot = _snapshot(session, schemas, access)
        return _catalog(snapshot, frozenset(ignore_tables), access)


def _snapshot(session: Session, schemas: Collection[str] | None, access: bool) -> Snapshot:
    version = session.fetch(VERSION)[0][0]
    rows = session.fetch(SCHEMAS)
    there = {name for _, name, _ in rows}
    for name in sorted(schemas or ()):
        if name not in there:
            raise SchemaMissing(
                f"the database has no schema {name!r}",
                hint=f"it has {', '.join(sorted(there)) or 'none'}",
            )
    wanted = {oid: name for oid, name, own in rows if (own if schemas is None else name in schemas)}
    snapshot = Snapshot(session.fetch, version, wanted)
    comments = {(row[0], row[1], row[2]): row[3] for row in snapshot.rows(COMMENTS)}
    owners, grants = read_access(snapshot) if access else ({}, {})
    return replace(
        snapshot,
        comments=comments,
        owners=owners,
        grants=grants,
        requires=read_requirements(snapshot),
    )


def _catalog(snapshot: Snapshot, ignored: frozenset[str], access: bool) -> Catalog:
    composites = composite_rows(snapshot)
    columns = read_columns(snapshot, frozenset(row[1] for row in composites))
    parts = Parts(
        columns,
        grouped((found.table, found) for found in read_constraints(snapshot, columns)),
        grouped((found.table, found) for found in read_indexes(snapshot, columns)),
        read_triggers(snapshot, columns),
        read_rules(snapshot),
        read_policies(snapshot),
    )
    rows = [row for row in relation_rows(snapshot) if row[2] not in ignored]
    tables, views = read_relations(snapshot, rows, parts)
    return Catalog(
        server_version=snapshot.version,
        schemas=_schemas(snapshot),
        extensions=_extensions(snapshot),
        enums=_sorted(read_enums(snapshot)),
        domains=_sorted(read_domains(snapshot)),
        composites=_sorted(read_composites(snapshot, composites, columns.attributes)),
        ranges=_sorted(read_ranges(snapshot)),
        sequences=_sorted(read_sequences(snapshot, ignored)),
        tables=_sorted(tables),
        views=_sorted(views),
        routines=tuple(
            sorted(read_routines(snapshot), key=lambda r: (r.schema, r.name, r.signature))
        ),
        others=read_others(snapshot),
        access=access,
    )


def _sorted(objects: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(objects, key=lambda value: (value.schema, value.name)))


def _schemas(snapshot: Snapshot) -> tuple[Schema, ...]:
    return tuple(
        Schema(name, **snapshot.common(PG_NAMESPACE, oid))
        for oid, name in sorted(snapshot.namespaces.items(), key=lambda item: item[1])
    )


def _extensions(snapshot: Snapshot) -> tuple[Extension, ...]:
    return tuple(
        Extension(name, schema, version, snapshot.comment(PG_EXTENSION, oid), relocatable)
        for oid, name, schema, version, relocatable in snapshot.fetch(EXTENSIONS)
    )
