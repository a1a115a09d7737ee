"""Whether a column may be null."""

from __future__ import annotations

from modalembic.postgres.catalog.fixing.proposal import Holder, Proposal
from modalembic.postgres.catalog.fixing.sides import Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import Step, make, rename
from modalembic.postgres.catalog.keys import column_key
from modalembic.postgres.catalog.model import Column, Table
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.units import Rank

FAILS = "fails while a row has null there"
_SINCE_CONSTRAINT = 18


def not_null(sides: Sides, table: Table, ours: Column, theirs: Column, part: str) -> Proposal:
    """NOT NULL, which is a constraint with a name since Postgres 18."""
    name, column = relation_name(table), quote(ours.name)
    there = quote(ours.not_null_name or _usual(table, ours))
    if part == "not-null" and not ours.not_null:
        return _dropped(sides, table, ours)
    if part == "not-null":
        return Proposal((_added(sides, table, ours),))
    if part == "not-null-name":
        old = quote(theirs.not_null_name or _usual(table, ours))
        statement = f"ALTER TABLE {name} RENAME CONSTRAINT {old} TO {there}"
        return Proposal((rename(f"{name}.{ours.name}", statement),))
    if part == "not-null-valid" and ours.not_null_valid:
        statement = f"ALTER TABLE {name} VALIDATE CONSTRAINT {there}"
        return Proposal((make(Rank.CHECK, f"{name}.{ours.name}", statement),))
    if part == "not-null-inherits" and ours.not_null_valid is theirs.not_null_valid:
        word = "INHERIT" if ours.not_null_inherits else "NO INHERIT"
        statement = f"ALTER TABLE {name} ALTER CONSTRAINT {there} {word}"
        return Proposal((make(Rank.CHECK, f"{name}.{ours.name}", statement),))
    again = _added(sides, table, ours)
    statements = (f"ALTER TABLE {name} ALTER COLUMN {column} DROP NOT NULL",)
    unit = again.unit
    step = make(unit.rank, unit.name, *statements, *unit.statements, requires=unit.requires)
    return Proposal((step,))


def _usual(table: Table, column: Column) -> str:
    return f"{table.name}_{column.name}_not_null"


def _key(schema: str, table: str, column: str) -> str:
    return f"nullability of {column_key(schema, table, column)}"


def _of_parents(sides: Sides, table: Table, column: Column) -> tuple[str, ...]:
    """What is said of a child comes after what is said of its parents."""
    parents = (sides.tables.get(p or "") for p in (*table.inherits, table.partition_of))
    return tuple(_key(p.schema, p.name, column.name) for p in parents if p is not None)


def _added(sides: Sides, table: Table, column: Column) -> Step:
    name, quoted = relation_name(table), quote(column.name)
    named = column.not_null_name if column.not_null_name != _usual(table, column) else None
    special = named or not column.not_null_valid or not column.not_null_inherits
    statement = f"ALTER TABLE {name} ALTER COLUMN {quoted} SET NOT NULL"
    if special and sides.actual.major >= _SINCE_CONSTRAINT:
        words = [f"NOT NULL {quoted}"]
        words += [] if column.not_null_inherits else ["NO INHERIT"]
        words += [] if column.not_null_valid else ["NOT VALID"]
        constraint = quote(column.not_null_name or _usual(table, column))
        statement = f"ALTER TABLE {name} ADD CONSTRAINT {constraint} {' '.join(words)}"
    return make(
        Rank.DEFAULT,
        f"{name}.{column.name}",
        statement,
        key=_key(table.schema, table.name, column.name),
        requires=_of_parents(sides, table, column),
        note=FAILS if column.not_null_valid else None,
    )


def _dropped(sides: Sides, table: Table, column: Column) -> Proposal:
    name = relation_name(table)
    there = sides.actual_tables[name]
    step = make(
        Rank.DEFAULT,
        f"{name}.{column.name}",
        f"ALTER TABLE {name} ALTER COLUMN {quote(column.name)} DROP NOT NULL",
        key=_key(table.schema, table.name, column.name),
        requires=_of_parents(sides, table, column),
    )
    holders = tuple(
        Holder(
            ("constraint", f"{name}.{quote(key.name)}"),
            f"primary key {quote(key.name)}",
        )
        for key in there.constraints
        if key.kind == "primary key" and column.name in key.columns
    )
    return Proposal((step,), holders=holders, drops=True)
