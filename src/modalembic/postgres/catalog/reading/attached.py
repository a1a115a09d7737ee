"""What is attached to tables and views: triggers, rules, policies."""

from __future__ import annotations

from typing import Any, Final

from modalembic.postgres.catalog.model import Policy, Rule, Trigger
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.reading.columns import Columns
from modalembic.postgres.catalog.reading.snapshot import (
    PG_POLICY,
    PG_REWRITE,
    PG_TRIGGER,
    Snapshot,
    grouped,
)

# A partition's copy of a trigger is kept only if it was enabled or disabled by itself.
TRIGGERS = """
SELECT t.tgrelid, t.oid, t.tgname::text, t.tgtype::int, t.tgattr::text, t.tgenabled::text,
       t.tgconstraint <> 0, t.tgdeferrable, t.tginitdeferred, t.tgparentid <> 0,
       fn.nspname::text, f.proname::text,
       pg_catalog.substr(pg_catalog.pg_get_triggerdef(t.oid), 1 + pg_catalog.length(
           'CREATE ' || CASE WHEN t.tgconstraint <> 0 THEN 'CONSTRAINT ' ELSE '' END
           || 'TRIGGER ' || pg_catalog.quote_ident(t.tgname) || ' ')),
       t.tgqual IS NOT NULL
  FROM pg_catalog.pg_trigger AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
  JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.pronamespace
  LEFT JOIN pg_catalog.pg_trigger AS p ON p.oid = t.tgparentid
 WHERE c.relnamespace IN ($namespaces) AND NOT t.tgisinternal
   AND (p.oid IS NULL OR p.tgenabled <> t.tgenabled)
 ORDER BY t.tgrelid, t.tgname
"""
RULES = """
SELECT r.ev_class, r.oid, r.rulename::text, r.ev_enabled::text,
       pg_catalog.substr(pg_catalog.pg_get_ruledef(r.oid), 1 + pg_catalog.length(
           'CREATE RULE ' || pg_catalog.quote_ident(r.rulename) || ' '))
  FROM pg_catalog.pg_rewrite AS r
  JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class
 WHERE c.relnamespace IN ($namespaces) AND r.rulename <> '_RETURN'
 ORDER BY r.ev_class, r.rulename
"""
POLICIES = """
SELECT p.polrelid, p.oid, p.polname::text, p.polcmd::text, p.polpermissive,
       CASE WHEN p.polroles = '{0}' THEN ARRAY['public']
            ELSE ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles AS r
                        WHERE r.oid = ANY (p.polroles)) END,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid),
       pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
  FROM pg_catalog.pg_policy AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
 WHERE c.relnamespace IN ($namespaces)
 ORDER BY p.polrelid, p.polname
"""
STATES: Final = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
COMMANDS: Final = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
# Bits of tgtype: src/include/catalog/pg_trigger.h
ROW, BEFORE, INSTEAD = 1, 2, 64
EVENTS = ((4, "insert"), (16, "update"), (8, "delete"), (32, "truncate"))


def read_triggers(snapshot: Snapshot, columns: Columns) -> dict[int, list[Trigger]]:
    """The triggers of each table or view."""
    return grouped((row[0], _trigger(snapshot, columns, row)) for row in snapshot.rows(TRIGGERS))


def _trigger(snapshot: Snapshot, columns: Columns, row: tuple[Any, ...]) -> Trigger:
    table, oid, name, bits, places, enabled, constraint, deferrable, deferred = row[:9]
    inherited, schema, function, definition, has_condition = row[9:]
    return Trigger(
        name=name,
        definition=definition,
        timing="before" if bits & BEFORE else "instead of" if bits & INSTEAD else "after",
        events=tuple(event for bit, event in EVENTS if bits & bit),
        level="row" if bits & ROW else "statement",
        function=qualified(schema, function),
        columns=tuple(columns.names[table, int(place)] for place in places.split()),
        condition=_condition(definition) if has_condition else None,
        constraint=constraint,
        deferral="initially deferred" if deferred else "deferrable" if deferrable else "immediate",
        enabled=STATES[enabled],  # type: ignore[arg-type]
        inherited=inherited,
        comment=snapshot.comment(PG_TRIGGER, oid),
        requires=snapshot.required(PG_TRIGGER, oid),
    )


def _condition(definition: str) -> str:
    """The condition in a trigger's definition; `pg_get_expr` does not print what names OLD and NEW
    together."""
    after = definition.partition(" WHEN (")[2]
    return after.rpartition(") EXECUTE ")[0]


def read_rules(snapshot: Snapshot) -> dict[int, list[Rule]]:
    """The rules of each table or view, but for those that make views."""
    return grouped(
        (
            relation,
            Rule(
                name,
                definition,
                STATES[enabled],  # type: ignore[arg-type]
                snapshot.comment(PG_REWRITE, oid),
                snapshot.required(PG_REWRITE, oid),
            ),
        )
        for relation, oid, name, enabled, definition in snapshot.rows(RULES)
    )


def read_policies(snapshot: Snapshot) -> dict[int, list[Policy]]:
    """The policies of each table."""
    return grouped(
        (
            table,
            Policy(
                name,
                COMMANDS[command],  # type: ignore[arg-type]
                permissive,
                tuple(sorted(roles)),
                using,
                check,
                snapshot.comment(PG_POLICY, oid),
                snapshot.required(PG_POLICY, oid),
            ),
        )
        for table, oid, name, command, permissive, roles, using, check in snapshot.rows(POLICIES)
    )
