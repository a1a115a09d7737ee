"""Fixes of partitions and of tables that inherit."""

from __future__ import annotations

from modalembic.postgres.catalog.fixing.added import own_keys
from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import Stage, Step, made, make
from modalembic.postgres.catalog.keys import column_key, relation_key
from modalembic.postgres.catalog.model import Table
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.attached import trigger_units
from modalembic.postgres.catalog.writing.units import Rank, Unit


def partition(sides: Sides, ours: Table, theirs: Table) -> Proposal:
    """DETACH and ATTACH PARTITION."""
    name = relation_name(ours)
    if ours.partition_of is not None and ours.partition_of == theirs.partition_of:
        return Proposal(_rebound(ours))
    steps = detached(theirs) if theirs.partition_of is not None else ()
    if ours.partition_of is None:
        return Proposal(steps)
    if theirs.inherits:
        return refusal("partitioning")
    statement = (
        f"ALTER TABLE ONLY {ours.partition_of} ATTACH PARTITION {name} {ours.partition_bound}"
    )
    attach = make(
        Rank.ATTACH,
        name,
        statement,
        key=f"attached {name}",
        requires=[*_settled(ours, theirs), *_parents(sides, ours)],
        note=_BOUNDS,
    )
    return Proposal((*steps, attach, *_states(ours)))


_BOUNDS = "fails while a row of it is not within its bounds"


def detached(table: Table) -> tuple[Step, ...]:
    """What makes a partition a table of its own."""
    name = relation_name(table)
    statement = f"ALTER TABLE {table.partition_of} DETACH PARTITION {name}"
    return (Step(Stage.DETACH, Unit(Rank.ATTACH, name, (statement,))),)


def _rebound(ours: Table) -> tuple[Step, ...]:
    """A partition with other bounds. All of them are detached before one is attached again, and
    nothing else in between, so that they miss nothing that comes to their parent."""
    name = relation_name(ours)
    detach = detached(ours)[0].unit.statements
    attach = f"ALTER TABLE ONLY {ours.partition_of} ATTACH PARTITION {name} {ours.partition_bound}"
    return (
        make(Rank.ATTACH, f"!{name}", *detach),
        make(Rank.ATTACH, name, attach, key=f"attached {name}", note=_BOUNDS),
        *_states(ours),
    )


def _states(ours: Table) -> tuple[Step, ...]:
    """The states of a partition's copies of triggers, which are made when it is attached."""
    name = relation_name(ours)
    return made(
        unit
        for trigger in ours.triggers
        if trigger.inherited
        for unit in trigger_units(name, trigger)
    )


def inheritance(sides: Sides, ours: Table, theirs: Table) -> Proposal:
    """NO INHERIT and INHERIT. The order of several parents is that in which they came."""
    name = relation_name(ours)
    gone = [parent for parent in theirs.inherits if parent not in ours.inherits]
    new = [parent for parent in ours.inherits if parent not in theirs.inherits]
    if [*(p for p in theirs.inherits if p not in gone), *new] != list(ours.inherits):
        gone, new = list(theirs.inherits), list(ours.inherits)
    steps = [
        Step(Stage.DETACH, Unit(Rank.ATTACH, f"{name} {parent}", (_alter(name, "NO ", parent),)))
        for parent in gone
    ]
    settled = [*_settled(ours, theirs), *_parents(sides, ours)]
    for number, parent in enumerate(new):
        where = f"{name} {number:03}"
        key = f"attached {name}" if number + 1 == len(new) else None
        steps.append(make(Rank.INDEX, where, _alter(name, "", parent), key=key, requires=settled))
    return Proposal(tuple(steps))


def _alter(name: str, no: str, parent: str) -> str:
    return f"ALTER TABLE {name} {no}INHERIT {parent}"


def _settled(ours: Table, theirs: Table) -> list[str]:
    """The keys of what has to be as it is expected before a table can be attached."""
    name = relation_name(ours)
    columns = {column.name for column in (*ours.columns, *theirs.columns)}
    keys = [column_key(ours.schema, ours.name, column) for column in sorted(columns)]
    keys += [f"nullability of {key}" for key in keys]
    keys += [f"dropped {name}.{quote(column)}" for column in sorted(columns)]
    return [*keys, *own_keys(ours), relation_key(ours.schema, ours.name)]


def _parents(sides: Sides, ours: Table) -> list[str]:
    """The keys of its parents, of theirs, and of their columns."""
    keys = []
    for name in (*ours.inherits, ours.partition_of):
        parent = sides.tables.get(name or "")
        if parent is not None:
            keys.append(relation_key(parent.schema, parent.name))
            there = sides.actual_tables.get(name or "", parent)
            keys += [column_key(parent.schema, parent.name, c.name) for c in parent.columns]
            keys += [f"dropped {name}.{quote(column.name)}" for column in there.columns]
            keys += _parents(sides, parent)
    return keys
