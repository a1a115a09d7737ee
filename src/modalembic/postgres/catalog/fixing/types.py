"""Fixes of enums, ranges, composite types and their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.access import grants, owner
from modalembic.postgres.catalog.fixing.clauses import commented
from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import Sides
from modalembic.postgres.catalog.fixing.steps import Stage, Step, drop, made, make, remove
from modalembic.postgres.catalog.keys import type_key
from modalembic.postgres.catalog.model import Attribute, Composite
from modalembic.postgres.catalog.names import literal, qualified, quote
from modalembic.postgres.catalog.writing.types import composite_units, enum_units, range_units
from modalembic.postgres.catalog.writing.units import Rank, Unit

Units = Callable[[Any], list[Unit]]


def of_enum(sides: Sides, each: Difference) -> Proposal:
    """An enum."""
    if each.part != "labels":
        return of_type(sides, each, "TYPE", enum_units)
    ours, theirs = _both(sides, each)
    return _labels(each.name, ours.labels, theirs.labels)


def of_range(sides: Sides, each: Difference) -> Proposal:
    """A range."""
    return of_type(sides, each, "TYPE", range_units)


def of_composite(sides: Sides, each: Difference) -> Proposal:
    """A composite type; its fields are differences of their own."""
    if each.part == "attribute-order":
        return refusal("composite-order")
    return of_type(sides, each, "TYPE", composite_units)


def of_type(sides: Sides, each: Difference, kind: str, units: Units) -> Proposal:
    """What all types share: missing, too much, comment, owner, grants; else it is made anew."""
    if each.part is None and each.actual is None:
        return Proposal(made(units(sides.ours[each.object, each.name].value)))
    ours = sides.mine(each)
    if each.part is None or ours is None:
        return _removed(sides, each, kind)
    theirs = sides.theirs[each.object, each.name].value
    match each.part:
        case "comment":
            return Proposal((commented(kind, each.name, ours.value.comment),))
        case "owner":
            return owner(kind, each.name, ours.value)
        case "grants":
            return grants(kind, each.name, ours.value, theirs)
    key = type_key(theirs.schema, theirs.name)
    return Proposal(
        (
            drop(Rank.TYPE, each.name, f"DROP {kind} {each.name}", requires=theirs.requires),
            *made(units(ours.value)),
        ),
        holders=sides.holders([key], (each.object, each.name)),
        held="type-used",
        drops=True,
    )


def _removed(sides: Sides, each: Difference, kind: str) -> Proposal:
    theirs = sides.theirs[each.object, each.name].value
    key = type_key(theirs.schema, theirs.name)
    step = remove(
        Rank.TYPE,
        each.name,
        f"DROP {kind} {each.name}",
        key=key,
        requires=getattr(theirs, "requires", ()),
    )
    return Proposal((step,), holders=sides.holders([key]))


def _both(sides: Sides, each: Difference) -> tuple[Any, Any]:
    named = (each.object, each.name)
    return sides.ours[named].value, sides.theirs[named].value


def _labels(name: str, expected: tuple[str, ...], actual: tuple[str, ...]) -> Proposal:
    missing = [label for label in expected if label not in actual]
    extra = [label for label in actual if label not in expected]
    if missing and extra:
        shown = {"old": literal(extra[0]).strip(), "new": literal(missing[0]).strip()}
        return refusal("enum-renamed", name=name, **shown)
    if extra:
        return refusal("enum-removed")
    if [label for label in expected if label in actual] != list(actual):
        return refusal("enum-order")
    return Proposal(tuple(_added(name, expected, actual)))


def _added(name: str, expected: tuple[str, ...], actual: tuple[str, ...]) -> Iterator[Step]:
    """Each behind the one in front of it, which is there by then."""
    for number, label in enumerate(expected):
        if label in actual:
            continue
        place = ""
        if number:
            place = f" AFTER {literal(expected[number - 1]).strip()}"
        elif actual:
            place = f" BEFORE {literal(actual[0]).strip()}"
        statement = f"ALTER TYPE {name} ADD VALUE {literal(label).strip()}{place}"
        yield Step(Stage.LABELS, Unit(Rank.TYPE, f"{name} {number:05}", (statement,)))


def of_attribute(sides: Sides, each: Difference) -> Proposal:
    """A field of a composite type."""
    found = sides.mine(each) or sides.other(each)
    assert found is not None
    type_: Composite = found.of
    name = qualified(type_.schema, type_.name)
    field = quote(found.value.name)
    if each.part == "comment":
        return Proposal((commented("COLUMN", each.name, found.value.comment),))
    ours = sides.ours["composite type", name].value
    theirs = sides.theirs["composite type", name].value
    key = type_key(type_.schema, type_.name)
    if each.part is not None:
        words = f"ALTER ATTRIBUTE {field} TYPE {_type(found.value)}"
        holders = sides.holders([key], ("composite type", name))
        step = make(Rank.TYPE, f"{name} fields", f"ALTER TYPE {name} {words}", key=key)
        return Proposal((step,), holders=holders, held="attribute-type", drops=True)
    if each.actual is None:
        return _unless_typed(sides, name, _field_added(ours, theirs, found.value, name))
    words = f"ALTER TYPE {name} DROP ATTRIBUTE {field}"
    dropped = Proposal((make(Rank.TYPE, f"{name} a {field}", words),))
    return _unless_typed(sides, name, dropped)


def _field_added(ours: Composite, theirs: Composite, added: Attribute, name: str) -> Proposal:
    known = {field.name for field in theirs.attributes}
    names = [field.name for field in ours.attributes]
    place = names.index(added.name)
    if any(later in known for later in names[place:]):
        return refusal("attribute-place")
    statement = f"ALTER TYPE {name} ADD ATTRIBUTE {quote(added.name)} {_type(added)}"
    key = type_key(ours.schema, ours.name)
    where = f"{name} b {place:05}"
    steps = [make(Rank.TYPE, where, statement, key=key, requires=ours.requires)]
    if added.comment is not None:
        steps.append(commented("COLUMN", f"{name}.{quote(added.name)}", added.comment))
    return Proposal(tuple(steps))


def _unless_typed(sides: Sides, name: str, proposal: Proposal) -> Proposal:
    typed = [of for of, table in sorted(sides.actual_tables.items()) if table.of_type == name]
    return refusal("typed-attribute", holders=", ".join(typed)) if typed else proposal


def _type(attribute: Attribute) -> str:
    collation = f" COLLATE {attribute.collation}" if attribute.collation else ""
    return f"{attribute.type}{collation}"
