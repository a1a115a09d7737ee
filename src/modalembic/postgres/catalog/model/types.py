"""Enums, domains, composite types and ranges."""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.postgres.catalog.model.access import Grant


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum with its labels in their order."""

    schema: str
    name: str
    labels: tuple[str, ...]
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainConstraint:
    """A CHECK of a domain."""

    name: str
    expression: str
    valid: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain; `collation` is None where it is its base type's."""

    schema: str
    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    collation: str | None = None
    constraints: tuple[DomainConstraint, ...] = ()
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of a composite type."""

    name: str
    type: str
    collation: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Composite:
    """A free-standing composite type."""

    schema: str
    name: str
    attributes: tuple[Attribute, ...]
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """A range type with the name of its multirange type (in the same schema)."""

    schema: str
    name: str
    subtype: str
    multirange: str
    opclass: str
    collation: str | None = None
    canonical: str | None = None
    difference: str | None = None
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()
