"""Fixes of schemas, extensions, and of what a catalog does not take apart."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.access import grants, owner
from modalembic.postgres.catalog.fixing.clauses import commented
from modalembic.postgres.catalog.fixing.proposal import Holder, Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import Sides
from modalembic.postgres.catalog.fixing.steps import Stage, Step, drop, made, make, remove
from modalembic.postgres.catalog.model import Catalog, Other, Table, View
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.sql import extension_units, other_unit, schema_units
from modalembic.postgres.catalog.writing.units import Rank, Unit

# What DROP needs besides the name, where the name is not enough.
_DROPPED_BY_NAME = frozenset(
    {
        "collation",
        "conversion",
        "statistics",
        "text search configuration",
        "text search dictionary",
        "text search parser",
    }
)


def of_schema(sides: Sides, each: Difference) -> Proposal:
    """A schema."""
    ours, theirs = sides.mine(each), sides.other(each)
    if ours is None:
        return refusal("info-schema")
    if theirs is None:
        return Proposal(made(schema_units(ours.value)))
    match each.part:
        case "owner":
            return owner("SCHEMA", each.name, ours.value)
        case "grants":
            return grants("SCHEMA", each.name, ours.value, theirs.value)
    return Proposal((commented("SCHEMA", each.name, ours.value.comment),))


def of_extension(sides: Sides, each: Difference) -> Proposal:
    """An extension."""
    ours, theirs = sides.mine(each), sides.other(each)
    if ours is None or each.part == "version":
        return refusal("info-extension")
    if theirs is None:
        known = {schema.name for schema in sides.expected.schemas}
        return Proposal(made(extension_units(ours.value, known)))
    if each.part == "comment":
        return Proposal((commented("EXTENSION", each.name, ours.value.comment),))
    if not theirs.value.relocatable:
        return refusal("extension-schema")
    statement = f"ALTER EXTENSION {each.name} SET SCHEMA {quote(ours.value.schema)}"
    return Proposal((make(Rank.EXTENSION, each.name, statement),))


def of_other(sides: Sides, each: Difference) -> Proposal:
    """Collations and extended statistics, and what is known by name only."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        if ours.value.definition is None:
            return refusal("name-only")
        return Proposal(made([other_unit(ours.value)]))
    if each.object not in _DROPPED_BY_NAME:
        return refusal("name-only")
    if ours is None:
        return Proposal((_remove(theirs.value),), holders=_users(sides, theirs.value))
    steps = (_drop(theirs.value), *made([other_unit(ours.value)]))
    return Proposal(steps, holders=_users(sides, theirs.value), drops=True)


def _statement(other: Other) -> str:
    return f"DROP {other.kind.upper()} {qualified(other.schema, other.name)}"


def _drop(other: Other) -> Step:
    return drop(other_unit(other).rank, qualified(other.schema, other.name), _statement(other))


def _remove(other: Other) -> Step:
    # Statistics go with the columns that they are about.
    if other.kind == "statistics":
        name = qualified(other.schema, other.name)
        return Step(Stage.DROP, Unit(Rank.INDEX, name, (_statement(other),)))
    return remove(Rank.COLLATION, qualified(other.schema, other.name), _statement(other))


def _users(sides: Sides, other: Other) -> tuple[Holder, ...]:
    """Who sorts by a collation."""
    if other.kind != "collation":
        return ()
    name = qualified(other.schema, other.name)
    return tuple(Holder(("table", of), of) for of in sorted(set(_sorted_by(sides.whole, name))))


def _sorted_by(catalog: Catalog, collation: str) -> Iterator[str]:
    relations: tuple[Table | View, ...] = (*catalog.tables, *catalog.views)
    for relation in relations:
        name = qualified(relation.schema, relation.name)
        if any(column.collation == collation for column in relation.columns):
            yield f"{'table' if isinstance(relation, Table) else relation.kind} {name}"
        for index in relation.indexes:
            if any(key.collation == collation for key in index.keys):
                yield f"index {qualified(relation.schema, index.name)}"
    for domain in catalog.domains:
        if domain.collation == collation:
            yield f"domain {qualified(domain.schema, domain.name)}"
