"""Fixes of tables as a whole; their parts are differences of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.access import grants, owner
from modalembic.postgres.catalog.fixing.added import added_table
from modalembic.postgres.catalog.fixing.clauses import (
    commented,
    foreign_options_words,
    options_words,
)
from modalembic.postgres.catalog.fixing.descent import detached, inheritance, partition
from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import (
    Found,
    Sides,
    keys_of,
    members,
    relation_name,
    relation_of,
)
from modalembic.postgres.catalog.fixing.steps import Stage, Step, drop, make, remove, rename
from modalembic.postgres.catalog.keys import column_key, index_key, relation_key
from modalembic.postgres.catalog.model import Table
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.units import Rank

_SINCE_ACCESS_METHOD = 15
# Of a name, so that more fits behind it even if every letter takes four bytes.
_ASIDE = 12


def of_table(sides: Sides, each: Difference) -> Proposal:
    """A table."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        return added_table(sides, ours.value)
    if ours is None:
        return _removed(sides, each, theirs.value)
    if each.part in {"partition-of", "partition-bound"}:
        return partition(sides, ours.value, theirs.value)
    if each.part == "inherits":
        return inheritance(sides, ours.value, theirs.value)
    return _part(sides, str(each.part), ours.value, theirs.value)


def _removed(sides: Sides, each: Difference, table: Table) -> Proposal:
    kind = "FOREIGN TABLE" if table.kind == "foreign table" else "TABLE"
    key = relation_key(table.schema, table.name)
    parents = [
        relation_key(parent.schema, parent.name)
        for name in (*table.inherits, table.partition_of)
        if (parent := sides.actual_tables.get(name or "")) is not None
    ]
    step = remove(
        Rank.TABLE,
        each.name,
        f"DROP {kind} {each.name}",
        key=key,
        requires=(*table.requires, *parents),
        note=None if kind == "FOREIGN TABLE" else "drops the table with all its rows",
    )
    keys = keys_of(("table", each.name), Found(table))
    keys |= {f"constraint {each.name}.{quote(constraint.name)}" for constraint in table.constraints}
    keys |= {index_key(table.schema, index.name) for index in table.indexes}
    own = {("table", each.name), *(named for named, _ in members(table))}
    if sides.clashes(each.name):
        step = replace(step, stage=Stage.DROP)
    steps = (*_foreign_keys(sides, table), *_put_aside(sides, table), step)
    if table.partition_of in sides.tables:
        # Another partition may take over its bounds.
        steps = (*detached(table), *steps)
    return Proposal(steps, holders=sides.holders(keys, *own), drops=step.stage is Stage.DROP)


def _foreign_keys(sides: Sides, table: Table) -> tuple[Step, ...]:
    """Drops the foreign keys to tables that go or change as well, in a circle maybe."""
    name = relation_name(table)
    changed = {each.table for each in sides.differences} - {name}
    return tuple(
        drop(
            Rank.FOREIGN_KEY,
            f"{name}.{constraint.name}",
            f"ALTER TABLE {name} DROP CONSTRAINT {quote(constraint.name)}",
        )
        for constraint in table.constraints
        if constraint.references is not None and constraint.references in changed
    )


def _put_aside(sides: Sides, table: Table) -> Iterator[Step]:
    """Renames what has a name that is expected of something else: a table that was renamed has the
    indexes of the one that is missing, and goes last."""
    name = relation_name(table)
    for named, found in members(table):
        taken = relation_of(named, found)
        if taken is None or not sides.clashes(taken):
            continue
        mark = hashlib.sha256(taken.encode()).hexdigest()[:8]
        aside = quote(f"{found.value.name[:_ASIDE]}_aside_{mark}")
        statement = (
            f"ALTER TABLE {name} RENAME CONSTRAINT {quote(found.value.name)} TO {aside}"
            if named[0] == "constraint"
            else f"ALTER INDEX {taken} RENAME TO {aside}"
        )
        yield rename(f"{taken} aside", statement)


def _part(sides: Sides, part: str, ours: Table, theirs: Table) -> Proposal:
    name = relation_name(ours)
    kind = "FOREIGN TABLE" if ours.kind == "foreign table" else "TABLE"
    match part:
        case "comment":
            return Proposal((commented(kind, name, ours.comment),))
        case "owner":
            return owner(kind, name, ours)
        case "grants":
            return grants(kind, name, ours, theirs)
        case "column-order":
            return refusal("column-order")
        case "kind" | "partition-key" | "server":
            return refusal("partitioning")
        case "persistence":
            return _persistence(sides, ours)
        case "access-method" if sides.actual.major < _SINCE_ACCESS_METHOD:
            return refusal("server-version", version=str(sides.actual.major))
        case "of-type":
            word = "NOT OF" if ours.of_type is None else f"OF {ours.of_type}"
            columns = [column_key(ours.schema, ours.name, column.name) for column in ours.columns]
            columns += [f"dropped {key.removeprefix('column ')}" for key in columns]
            rank = Rank.TABLE if ours.of_type is None else Rank.ATTACH
            requires = columns if ours.of_type is not None else ()
            step = make(rank, f"{name} of", f"ALTER TABLE {name} {word}", requires=requires)
            return Proposal((step,))
    alter = f"ALTER {kind} {'ONLY ' if part == 'replica-identity' else ''}{name}"
    statements = [f"{alter} {word}" for word in _words(part, ours, theirs)]
    return Proposal((make(Rank.SETTING, f"{name} {part}", *statements),))


def _words(part: str, ours: Table, theirs: Table) -> list[str]:
    match part:
        case "options":
            return options_words(ours.options, theirs.options)
        case "foreign-options":
            return [foreign_options_words(ours.foreign_options, theirs.foreign_options)]
        case "row-security":
            return [f"{'ENABLE' if ours.row_security else 'DISABLE'} ROW LEVEL SECURITY"]
        case "force-row-security":
            return [f"{'FORCE' if ours.force_row_security else 'NO FORCE'} ROW LEVEL SECURITY"]
        case "replica-identity":
            kind, _, index = ours.replica_identity.partition(" ")
            return [f"REPLICA IDENTITY {f'USING INDEX {quote(index)}' if index else kind.upper()}"]
        case "access-method":
            return [f"SET ACCESS METHOD {quote(ours.access_method or 'heap')}"]
        case "tablespace":
            return [f"SET TABLESPACE {quote(ours.tablespace or 'pg_default')}"]
    raise AssertionError(part)


def _persistence(sides: Sides, ours: Table) -> Proposal:
    """Foreign keys go from unlogged to permanent tables only, so the one that others refer to is
    made permanent before them, and unlogged after them."""
    name = relation_name(ours)
    logged = ours.persistence != "unlogged"
    referred = {c.references for c in ours.constraints if c.references and c.references != name}
    referring = {
        of
        for of, table in sides.tables.items()
        if of != name and any(c.references == name for c in table.constraints)
    }
    before = sorted(referred if logged else referring)
    step = make(
        Rank.TABLE,
        f"{name} persistence",
        f"ALTER TABLE {name} SET {'LOGGED' if logged else 'UNLOGGED'}",
        key=f"persistence of {name}",
        requires=[f"persistence of {other}" for other in before],
    )
    return Proposal((step,))
