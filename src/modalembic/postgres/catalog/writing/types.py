"""CREATE TYPE and CREATE DOMAIN."""

from __future__ import annotations

from modalembic.postgres.catalog.keys import type_key
from modalembic.postgres.catalog.model import Attribute, Composite, Domain, Enum, Range
from modalembic.postgres.catalog.names import literal, qualified, quote
from modalembic.postgres.catalog.writing.options import access, comment
from modalembic.postgres.catalog.writing.units import Rank, Unit


def enum_units(enum: Enum) -> list[Unit]:
    """An enum."""
    labels = ", ".join(literal(label).strip() for label in enum.labels)
    return _type(enum, "TYPE", [f"AS ENUM ({labels})"])


def composite_units(composite: Composite) -> list[Unit]:
    """A composite type and the comments on its fields."""
    name = qualified(composite.schema, composite.name)
    fields = ",\n    ".join(map(_attribute, composite.attributes))
    units = _type(composite, "TYPE", [f"AS (\n    {fields}\n)" if fields else "AS ()"])
    for attribute in composite.attributes:
        units += comment("COLUMN", f"{name}.{quote(attribute.name)}", attribute.comment)
    return units


def _attribute(attribute: Attribute) -> str:
    collation = f" COLLATE {attribute.collation}" if attribute.collation else ""
    return f"{quote(attribute.name)} {attribute.type}{collation}"


def range_units(range_: Range) -> list[Unit]:
    """A range type with its multirange."""
    words = [
        f"SUBTYPE = {range_.subtype}",
        f"SUBTYPE_OPCLASS = {range_.opclass}",
        f"MULTIRANGE_TYPE_NAME = {qualified(range_.schema, range_.multirange)}",
        f"COLLATION = {range_.collation}" if range_.collation else "",
        f"CANONICAL = {range_.canonical}" if range_.canonical else "",
        f"SUBTYPE_DIFF = {range_.difference}" if range_.difference else "",
    ]
    return _type(range_, "TYPE", [f"AS RANGE ({', '.join(filter(None, words))})"])


def domain_units(domain: Domain) -> list[Unit]:
    """A domain with its CHECKs; those that are not valid are added later."""
    name = qualified(domain.schema, domain.name)
    words = [f"AS {domain.type}"]
    words += [f"COLLATE {domain.collation}"] if domain.collation else []
    words += [f"DEFAULT {domain.default}"] if domain.default is not None else []
    words += ["NOT NULL"] if domain.not_null else []
    words += [
        f"CONSTRAINT {quote(check.name)} CHECK ({check.expression})"
        for check in domain.constraints
        if check.valid
    ]
    units = _type(domain, "DOMAIN", words)
    for check in domain.constraints:
        if not check.valid:
            statement = (
                f"ALTER DOMAIN {name} ADD CONSTRAINT {quote(check.name)} "
                f"CHECK ({check.expression}) NOT VALID"
            )
            key = (type_key(domain.schema, domain.name),)
            units.append(Unit(Rank.CHECK, f"{name}.{check.name}", (statement,), None, key))
        units += comment("CONSTRAINT", f"{quote(check.name)} ON DOMAIN {name}", check.comment)
    return units


def _type(type_: Enum | Composite | Range | Domain, kind: str, words: list[str]) -> list[Unit]:
    name = qualified(type_.schema, type_.name)
    create = Unit(
        Rank.TYPE,
        name,
        (" ".join([f"CREATE {kind} {name}", *words]),),
        type_key(type_.schema, type_.name),
        () if isinstance(type_, Enum) else type_.requires,
    )
    return [
        create,
        *comment(kind, name, type_.comment),
        *access(kind, name, type_.owner, type_.grants),
    ]
