"""The whole, and what stands in it by itself."""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.postgres.catalog.model.access import Grant
from modalembic.postgres.catalog.model.relations import Table, View
from modalembic.postgres.catalog.model.routines import Routine
from modalembic.postgres.catalog.model.sequences import Sequence
from modalembic.postgres.catalog.model.types import Composite, Domain, Enum, Range


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema. Like all objects it has an owner and grants only where they were asked for."""

    name: str
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension; its members are never in a catalog. Only a relocatable one can be moved to
    another schema."""

    name: str
    schema: str
    version: str
    comment: str | None = None
    relocatable: bool = True


@dataclass(frozen=True, slots=True)
class Other:
    """An object of a kind that a catalog does not take apart. `definition` is the statement that
    creates it (collations, extended statistics), None where only the name is known (an operator, a
    text search configuration …)."""

    kind: str
    schema: str
    name: str
    definition: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """A database's schema. `server_version` is `server_version_num` (180001)."""

    server_version: int
    schemas: tuple[Schema, ...] = ()
    extensions: tuple[Extension, ...] = ()
    enums: tuple[Enum, ...] = ()
    domains: tuple[Domain, ...] = ()
    composites: tuple[Composite, ...] = ()
    ranges: tuple[Range, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    routines: tuple[Routine, ...] = ()
    others: tuple[Other, ...] = ()
    access: bool = False
    """Whether owners and grants were asked for."""

    @property
    def major(self) -> int:
        """The major version of the server."""
        return self.server_version // 10000
