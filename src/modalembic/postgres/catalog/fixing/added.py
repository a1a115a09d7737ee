"""Tables and columns that are missing, with all that comes with them."""

from __future__ import annotations

from dataclasses import replace

from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.sequences import sequences_of
from modalembic.postgres.catalog.fixing.sides import Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import Stage, Step, made
from modalembic.postgres.catalog.keys import column_key, constraint_key, index_key, relation_key
from modalembic.postgres.catalog.model import Column, Constraint, Sequence, Table
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.columns import column_clause, column_units
from modalembic.postgres.catalog.writing.sequences import sequence_units
from modalembic.postgres.catalog.writing.tables import table_units
from modalembic.postgres.catalog.writing.units import Rank, Unit

_FAILS = "fails while the table has rows: they need a value"
_ABSENT_NEEDED = frozenset({Rank.COMMENT, Rank.ACCESS, Rank.SETTING})


def added_table(sides: Sides, table: Table) -> Proposal:
    """A table with its parts, and the sequences of its columns."""
    name = relation_name(table)
    units = table_units(table, sides.tables, sides.children)
    for sequence in sequences_of(sides, table):
        units += sequence_units(sequence, sides.columns)
    columns = {column_key(table.schema, table.name, column.name) for column in table.columns}
    units = [_provided(unit, name, columns) for unit in units]
    if (table.partition_of or "") in sides.actual_tables:
        units = attached(table, units)
    return Proposal(made(units))


def _provided(unit: Unit, name: str, columns: set[str]) -> Unit:
    """A unit that does not wait for the columns of its own table: they come with it."""
    wanted = tuple(key for key in unit.requires if key not in columns)
    if unit.rank is not Rank.TABLE:
        wanted = (*wanted, f"relation {name}")
    return replace(unit, requires=wanted)


def attached(table: Table, units: list[Unit]) -> list[Unit]:
    """Units in which a partition is attached to a parent that is there only when it has all that
    the parent has: its CHECKs, and the indexes that Postgres would else make under other names."""
    name = relation_name(table)
    keys = own_keys(table)
    checks = [inherited_check(table, check) for check in table.constraints if check.inherited]
    waiting = [
        replace(unit, requires=(*unit.requires, *keys)) if unit.rank is Rank.ATTACH else unit
        for unit in units
    ]
    late = [
        replace(unit, requires=(*unit.requires, f"attached {name}"))
        if unit.rank in {Rank.TRIGGER_STATE, Rank.FOREIGN_KEY, Rank.ATTACH_INDEX, *_ABSENT_NEEDED}
        else unit
        for unit in waiting
    ]
    return [*late, *checks]


def inherited_check(table: Table, check: Constraint) -> Unit:
    """A CHECK of a parent, which a table has to have before it becomes its child."""
    name = relation_name(table)
    statement = f"ALTER TABLE {name} ADD CONSTRAINT {quote(check.name)} {check.definition}"
    requires = (relation_key(table.schema, table.name), *check.requires)
    return Unit(
        Rank.CHECK, f"{name}.{check.name}", (statement,), f"check {name}.{check.name}", requires
    )


def own_keys(table: Table) -> list[str]:
    """The keys of the constraints and indexes that a partition has before it is attached."""
    keys = [
        constraint_key(table.schema, table.name, constraint.name)
        for constraint in table.constraints
        if constraint.kind != "foreign key"
    ]
    name = relation_name(table)
    keys += [f"check {name}.{c.name}" for c in table.constraints if c.kind == "check"]
    return keys + [index_key(table.schema, index.name) for index in table.indexes]


def added(sides: Sides, table: Table, column: Column) -> Proposal:
    """A column with what is said of it, and its sequence."""
    there = sides.actual_tables[relation_name(table)]
    if table.of_type is not None and there.of_type is not None:
        return refusal("typed-table", type=table.of_type)
    owned = sequences_of(sides, table, column)
    name = relation_name(table)
    key = column_key(table.schema, table.name, column.name)
    statement = f"ALTER TABLE {name} ADD COLUMN {_clause(table, column, owned)}"
    requires = (*table.requires, *column.requires, *_named_alike(sides, there, column))
    unit = Unit(Rank.TABLE, f"{name}.{column.name}", (statement,), key, requires)
    steps = [Step(Stage.MAKE, unit, _note(column))]
    parents = [sides.tables[parent] for parent in table.inherits if parent in sides.tables]
    alone = replace(table, columns=(column,))
    units = [each for each in column_units(alone, parents) if each.rank is not Rank.DEFAULT]
    for sequence in owned:
        units += [
            each
            for each in sequence_units(sequence, sides.columns)
            if not (sequence.identity and each.rank is Rank.DEFAULT)
        ]
    units = [
        each if each.rank is Rank.SEQUENCE else replace(each, requires=(*each.requires, key))
        for each in units
    ]
    return Proposal((*steps, *made(units)))


def _named_alike(sides: Sides, there: Table, column: Column) -> tuple[str, ...]:
    """Columns that go, and whose NOT NULL has the name that this one's is to have."""
    name = relation_name(there)
    return tuple(
        f"dropped {name}.{quote(other.name)}"
        for other in there.columns
        if other.not_null_name is not None
        and other.not_null_name == column.not_null_name
        and ("column", f"{name}.{quote(other.name)}") not in sides.ours
    )


def _clause(table: Table, column: Column, owned: list[Sequence]) -> str:
    """A column in ADD COLUMN, where its default and identity give rows a value at once."""
    clause = column_clause(table, replace(column, requires=()))
    identities = [sequence for sequence in owned if sequence.identity]
    for sequence in identities:
        unit = sequence_units(sequence, {sequence.owned_by or "": (table, column)})[0]
        clause += f" {unit.statements[0].partition(' ADD ')[2]}"
    return clause


def _note(column: Column) -> str | None:
    has_value = column.default is not None or column.identity or column.generated is not None
    return _FAILS if column.not_null and column.not_null_valid and not has_value else None
