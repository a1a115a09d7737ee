"""CREATE TRIGGER, RULE and POLICY."""

from __future__ import annotations

from typing import Final

from modalembic.postgres.catalog.model import Policy, Rule, Trigger
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.options import comment
from modalembic.postgres.catalog.writing.units import Rank, Unit

STATES: Final = {
    "origin": "ENABLE",
    "disabled": "DISABLE",
    "replica": "ENABLE REPLICA",
    "always": "ENABLE ALWAYS",
}


def trigger_units(relation: str, trigger: Trigger) -> list[Unit]:
    """A trigger of the table or view `relation`, and its state."""
    name = quote(trigger.name)
    units = []
    if not trigger.inherited:
        constraint = "CONSTRAINT " if trigger.constraint else ""
        statement = f"CREATE {constraint}TRIGGER {name} {trigger.definition}"
        where = f"{relation}.{trigger.name}"
        units.append(Unit(Rank.TRIGGER, where, (statement,), None, trigger.requires))
        units += comment("TRIGGER", f"{name} ON {relation}", trigger.comment)
    if trigger.inherited or trigger.enabled != "origin":
        statement = f"ALTER TABLE {relation} {STATES[trigger.enabled]} TRIGGER {name}"
        # A partitioned table passes its state on; a partition's own comes after that.
        where = f"{int(trigger.inherited)} {relation}.{trigger.name}"
        units.append(Unit(Rank.TRIGGER_STATE, where, (statement,)))
    return units


def rule_units(relation: str, rule: Rule) -> list[Unit]:
    """A rule of the table or view `relation`."""
    name = quote(rule.name)
    statements = [f"CREATE RULE {name} {rule.definition.rstrip(';')}"]
    if rule.enabled != "origin":
        statements.append(f"ALTER TABLE {relation} {STATES[rule.enabled]} RULE {name}")
    return [
        Unit(Rank.RULE, f"{relation}.{rule.name}", tuple(statements), None, rule.requires),
        *comment("RULE", f"{name} ON {relation}", rule.comment),
    ]


def policy_unit(relation: str, policy: Policy) -> Unit:
    """A policy of the table `relation`."""
    roles = ", ".join("PUBLIC" if role == "public" else quote(role) for role in policy.roles)
    kind = "PERMISSIVE" if policy.permissive else "RESTRICTIVE"
    words = [
        f"CREATE POLICY {quote(policy.name)} ON {relation} AS {kind}",
        f"FOR {policy.command.upper()} TO {roles}",
    ]
    words += [f"USING ({policy.using})"] if policy.using is not None else []
    words += [f"WITH CHECK ({policy.check})"] if policy.check is not None else []
    where = f"{relation}.{policy.name}"
    return Unit(Rank.POLICY, where, (" ".join(words),), None, policy.requires)
