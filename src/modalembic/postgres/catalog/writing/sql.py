"""A whole catalog as SQL."""

from __future__ import annotations

from collections import defaultdict

from modalembic.postgres.catalog.model import Catalog, Column, Extension, Other, Schema, Table
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.options import access, comment
from modalembic.postgres.catalog.writing.routines import routine_units
from modalembic.postgres.catalog.writing.sequences import sequence_units
from modalembic.postgres.catalog.writing.tables import table_units
from modalembic.postgres.catalog.writing.types import (
    composite_units,
    domain_units,
    enum_units,
    range_units,
)
from modalembic.postgres.catalog.writing.units import Rank, Unit, ordered
from modalembic.postgres.catalog.writing.views import view_units


def to_sql(catalog: Catalog) -> str:
    """A script for psql that creates what is in `catalog` in an empty database.

    What the catalog knows by name only is not in it; comments at its top say what. Roles,
    tablespaces and foreign servers have to be there.
    """
    left_out = "".join(
        f"-- not included: {other.kind} {qualified(other.schema, other.name)}\n".replace("\r", " ")
        for other in catalog.others
        if other.definition is None and "\n" not in other.schema + other.name
    )
    return left_out + "".join(f"{statement};\n\n" for statement in statements(catalog))


def statements(catalog: Catalog) -> tuple[str, ...]:
    """The statements of the script, in an order in which each finds what it needs."""
    path = ", ".join(["pg_catalog", *(quote(schema.name) for schema in catalog.schemas)])
    settings = (
        # Bodies of functions are taken on trust, and find what their authors meant.
        "SET check_function_bodies = false",
        f"SET search_path = {path}",
    )
    return (*settings, *(statement for unit in units(catalog) for statement in unit.statements))


def units(catalog: Catalog) -> list[Unit]:
    """The statements of the script by what they create, in their order."""
    return ordered(_units(catalog))


def _units(catalog: Catalog) -> list[Unit]:
    tables = {qualified(table.schema, table.name): table for table in catalog.tables}
    columns: dict[str, tuple[Table, Column]] = {
        f"{name}.{quote(column.name)}": (table, column)
        for name, table in tables.items()
        for column in table.columns
    }
    children: defaultdict[str, list[str]] = defaultdict(list)
    for name, table in tables.items():
        for parent in (*table.inherits, table.partition_of):
            if parent is not None:
                children[parent].append(name)
    known = {schema.name for schema in catalog.schemas}
    units = [unit for schema in catalog.schemas for unit in schema_units(schema)]
    units += [
        unit for extension in catalog.extensions for unit in extension_units(extension, known)
    ]
    units += [unit for enum in catalog.enums for unit in enum_units(enum)]
    units += [unit for composite in catalog.composites for unit in composite_units(composite)]
    units += [unit for range_ in catalog.ranges for unit in range_units(range_)]
    units += [unit for domain in catalog.domains for unit in domain_units(domain)]
    units += [unit for s in catalog.sequences for unit in sequence_units(s, columns)]
    units += [unit for routine in catalog.routines for unit in routine_units(routine)]
    units += [other_unit(other) for other in catalog.others if other.definition is not None]
    units += [unit for t in catalog.tables for unit in table_units(t, tables, children)]
    return units + [unit for view in catalog.views for unit in view_units(view)]


def other_unit(other: Other) -> Unit:
    """A collation or extended statistics."""
    assert other.definition is not None
    rank = Rank.COLLATION if other.kind == "collation" else Rank.INDEX
    return Unit(rank, qualified(other.schema, other.name), (other.definition,))


def schema_units(schema: Schema) -> list[Unit]:
    """A schema."""
    name = quote(schema.name)
    there = "IF NOT EXISTS " if schema.name == "public" else ""
    return [
        Unit(Rank.SCHEMA, name, (f"CREATE SCHEMA {there}{name}",)),
        *comment("SCHEMA", name, schema.comment),
        *access("SCHEMA", name, schema.owner, schema.grants),
    ]


def extension_units(extension: Extension, known: set[str]) -> list[Unit]:
    """An extension, and its schema where that is none of those that are `known`."""
    name, schema = quote(extension.name), quote(extension.schema)
    statements = []
    if extension.schema not in known and extension.schema != "pg_catalog":
        statements.append(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    statements.append(f"CREATE EXTENSION IF NOT EXISTS {name} WITH SCHEMA {schema}")
    return [
        Unit(Rank.EXTENSION, name, tuple(statements)),
        *comment("EXTENSION", name, extension.comment),
    ]
