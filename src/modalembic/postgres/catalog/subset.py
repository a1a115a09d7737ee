"""A part of a catalog."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from modalembic.errors import SchemaMissing
from modalembic.postgres.catalog.model import Catalog


def of_schemas(catalog: Catalog, schemas: Collection[str]) -> Catalog:
    """What is in `schemas`, and the extensions. Raises SchemaMissing."""
    there = {schema.name for schema in catalog.schemas}
    for name in sorted(schemas):
        if name not in there:
            raise SchemaMissing(
                f"the dump has no schema {name!r}",
                hint=f"it has {', '.join(sorted(there)) or 'none'}",
            )

    def kept(objects: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(each for each in objects if each.schema in schemas)

    return replace(
        catalog,
        schemas=tuple(schema for schema in catalog.schemas if schema.name in schemas),
        enums=kept(catalog.enums),
        domains=kept(catalog.domains),
        composites=kept(catalog.composites),
        ranges=kept(catalog.ranges),
        sequences=kept(catalog.sequences),
        tables=kept(catalog.tables),
        views=kept(catalog.views),
        routines=kept(catalog.routines),
        others=kept(catalog.others),
    )
