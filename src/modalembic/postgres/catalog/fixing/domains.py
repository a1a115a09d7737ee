"""Fixes of domains and their CHECKs."""

from __future__ import annotations

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.clauses import commented
from modalembic.postgres.catalog.fixing.proposal import Holder, Proposal
from modalembic.postgres.catalog.fixing.sides import Sides
from modalembic.postgres.catalog.fixing.steps import Step, drop, make, rename
from modalembic.postgres.catalog.fixing.types import of_type
from modalembic.postgres.catalog.model import Domain, DomainConstraint
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.types import domain_units
from modalembic.postgres.catalog.writing.units import Rank


def of_domain(sides: Sides, each: Difference) -> Proposal:
    """A domain; its CHECKs are differences of their own."""
    found = sides.mine(each)
    if each.part not in {"not-null", "default"} or found is None:
        return of_type(sides, each, "DOMAIN", domain_units)
    domain: Domain = found.value
    alter = f"ALTER DOMAIN {each.name}"
    key = f"{each.part} of {each.name}"
    if each.part == "default":
        word = "DROP DEFAULT" if domain.default is None else f"SET DEFAULT {domain.default}"
        step = make(Rank.DEFAULT, each.name, f"{alter} {word}", key=key, requires=domain.requires)
        return Proposal((step,))
    if not domain.not_null:
        return Proposal((make(Rank.CHECK, each.name, f"{alter} DROP NOT NULL"),))
    note = "fails while a row has null there"
    step = make(Rank.CHECK, each.name, f"{alter} SET NOT NULL", note=note)
    return Proposal((step,), holders=_containers(sides, domain), held="domain-inside", drops=True)


def of_check(sides: Sides, each: Difference) -> Proposal:
    """A CHECK of a domain."""
    ours, theirs = sides.mine(each), sides.other(each)
    found = ours or theirs
    assert found is not None
    name = qualified(found.of.schema, found.of.name)
    alter = f"ALTER DOMAIN {name}"
    if ours is None or theirs is None:
        if theirs is not None:
            statement = f"{alter} DROP CONSTRAINT {quote(theirs.value.name)}"
            return Proposal((drop(Rank.CHECK, each.name, statement),))
        assert ours is not None
        return _added(sides, ours.of, ours.value, ())
    old, new = quote(theirs.value.name), quote(ours.value.name)
    match each.part:
        case "name":
            return Proposal((rename(each.name, f"{alter} RENAME CONSTRAINT {old} TO {new}"),))
        case "comment":
            on = f"{new} ON DOMAIN {name}"
            return Proposal((commented("CONSTRAINT", on, ours.value.comment),))
        case "valid" if ours.value.valid:
            statement = f"{alter} VALIDATE CONSTRAINT {new}"
            return Proposal((make(Rank.CHECK, each.name, statement),))
    dropped = drop(Rank.CHECK, each.name, f"{alter} DROP CONSTRAINT {old}")
    return _added(sides, ours.of, ours.value, (dropped,))


def _added(
    sides: Sides, domain: Domain, check: DomainConstraint, before: tuple[Step, ...]
) -> Proposal:
    name = qualified(domain.schema, domain.name)
    state = "" if check.valid else " NOT VALID"
    statement = (
        f"ALTER DOMAIN {name} ADD CONSTRAINT {quote(check.name)} CHECK ({check.expression}){state}"
    )
    where = f"{name}.{check.name}"
    steps = [*before, make(Rank.CHECK, where, statement, requires=domain.requires)]
    if check.comment is not None:
        steps.append(
            commented("CONSTRAINT", f"{quote(check.name)} ON DOMAIN {name}", check.comment)
        )
    held = _containers(sides, domain) if check.valid else ()
    return Proposal(tuple(steps), holders=held, held="domain-inside", drops=True)


def _containers(sides: Sides, domain: Domain) -> tuple[Holder, ...]:
    """What has the domain inside of another type in its columns: Postgres does not look there for
    values that break a new CHECK, and refuses it."""
    name = qualified(domain.schema, domain.name)
    inside = {f"{name}[]"}
    inside |= {
        qualified(type_.schema, type_.name)
        for type_ in sides.whole.composites
        if any(field.type.removesuffix("[]") == name for field in type_.attributes)
    }
    inside |= {
        qualified(type_.schema, range_name)
        for type_ in sides.whole.ranges
        for range_name in (type_.name, type_.multirange)
        if type_.subtype == name
    }
    inside |= {f"{type_}[]" for type_ in inside if not type_.endswith("[]")}
    return tuple(
        Holder(("table", of), f"table {of}")
        for of, table in sorted(sides.actual_tables.items())
        if any(column.type in inside for column in table.columns)
    )
