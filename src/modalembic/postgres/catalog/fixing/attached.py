"""Fixes of triggers, rules and policies."""

from __future__ import annotations

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.clauses import commented
from modalembic.postgres.catalog.fixing.proposal import Proposal
from modalembic.postgres.catalog.fixing.sides import Relation, Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import Step, drop, made, make, rename
from modalembic.postgres.catalog.model import Policy, Trigger
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.attached import (
    STATES,
    policy_unit,
    rule_units,
    trigger_units,
)
from modalembic.postgres.catalog.writing.options import comment
from modalembic.postgres.catalog.writing.units import Rank


def of_trigger(sides: Sides, each: Difference) -> Proposal:
    """A trigger."""
    ours, theirs = sides.mine(each), sides.other(each)
    found = ours or theirs
    assert found is not None
    name, trigger = quote(found.value.name), found.value
    on = relation_name(found.of)
    if theirs is None:
        return Proposal((*made(trigger_units(on, trigger)), *_states(sides, on, trigger)))
    there = quote(theirs.value.name)
    if ours is None:
        if theirs.value.inherited:
            return Proposal((_copy(sides, found.of, trigger),))
        return Proposal((_drop("TRIGGER", there, on),))
    match each.part:
        case "name":
            statement = f"ALTER TRIGGER {there} ON {on} RENAME TO {name}"
            return Proposal((rename(each.name, statement),))
        case "comment":
            return Proposal((commented("TRIGGER", f"{name} ON {on}", ours.value.comment),))
        case "enabled":
            state = _state(on, name, ours.value.enabled)
            return Proposal((state, *_states(sides, on, trigger)))
    again = made(trigger_units(on, ours.value))
    return Proposal((_drop("TRIGGER", there, on), *again, *_states(sides, on, trigger)))


def _drop(kind: str, name: str, on: str) -> Step:
    return drop(Rank[kind], f"{on}.{name}", f"DROP {kind} {name} ON {on}")


def _state(on: str, name: str, state: str) -> Step:
    statement = f"ALTER TABLE {on} {STATES[state]} TRIGGER {name}"
    return make(Rank.TRIGGER_STATE, f"0 {on}.{name}", statement)


def _states(sides: Sides, on: str, trigger: Trigger) -> tuple[Step, ...]:
    """The states of a trigger's copies in partitions, which are made with it."""
    found: tuple[Step, ...] = ()
    for child in sides.children.get(on, ()):
        for other in sides.tables[child].triggers:
            if other.name == trigger.name and other.inherited:
                found += made(trigger_units(child, other))
        found += _states(sides, child, trigger)
    return found


def _copy(sides: Sides, table: Relation, trigger: Trigger) -> Step:
    """What gives a partition's copy of a trigger the state of the original, or drops it with that,
    or with being a partition."""
    on, name = relation_name(table), quote(trigger.name)
    above = getattr(table, "partition_of", None) or ""
    while above in sides.actual_tables:
        parent = sides.actual_tables[above]
        expected = sides.ours.get(("trigger", f"{above}.{name}"))
        if expected is not None:
            return _state(on, name, expected.value.enabled)
        if any(other.name == trigger.name and not other.inherited for other in parent.triggers):
            return _drop("TRIGGER", name, above)
        above = parent.partition_of or ""
    return _state(on, name, "origin")


def of_rule(sides: Sides, each: Difference) -> Proposal:
    """A rule."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        return Proposal(made(rule_units(relation_name(ours.of), ours.value)))
    on, there = relation_name(theirs.of), quote(theirs.value.name)
    if ours is None:
        return Proposal((_drop("RULE", there, on),))
    match each.part:
        case "name":
            statement = f"ALTER RULE {there} ON {on} RENAME TO {quote(ours.value.name)}"
            return Proposal((rename(each.name, statement),))
        case "comment":
            return Proposal(
                (commented("RULE", f"{quote(ours.value.name)} ON {on}", ours.value.comment),)
            )
        case "enabled":
            statement = (
                f"ALTER TABLE {on} {STATES[ours.value.enabled]} RULE {quote(ours.value.name)}"
            )
            return Proposal((make(Rank.TRIGGER_STATE, each.name, statement),))
    return Proposal((_drop("RULE", there, on), *made(rule_units(on, ours.value))))


def of_policy(sides: Sides, each: Difference) -> Proposal:
    """A policy."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        return Proposal(_policy(relation_name(ours.of), ours.value))
    on, there = relation_name(theirs.of), quote(theirs.value.name)
    if ours is None:
        return Proposal((_drop("POLICY", there, on),))
    match each.part:
        case "name":
            statement = f"ALTER POLICY {there} ON {on} RENAME TO {quote(ours.value.name)}"
            return Proposal((rename(each.name, statement),))
        case "comment":
            return Proposal(
                (commented("POLICY", f"{quote(ours.value.name)} ON {on}", ours.value.comment),)
            )
    return Proposal((_drop("POLICY", there, on), *_policy(on, ours.value)))


def _policy(on: str, policy: Policy) -> tuple[Step, ...]:
    units = [policy_unit(on, policy)]
    return made([*units, *comment("POLICY", f"{quote(policy.name)} ON {on}", policy.comment)])
