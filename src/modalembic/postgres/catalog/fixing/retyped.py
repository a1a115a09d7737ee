"""A column that has another type or collation."""

from __future__ import annotations

from modalembic.postgres.catalog.fixing.casts import base_of, casts
from modalembic.postgres.catalog.fixing.clauses import mentions
from modalembic.postgres.catalog.fixing.proposal import Holder, Proposal, named, refusal
from modalembic.postgres.catalog.fixing.sides import Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import make
from modalembic.postgres.catalog.keys import column_key
from modalembic.postgres.catalog.model import Column, Table
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.units import Rank


def retyped(sides: Sides, table: Table, ours: Column, theirs: Column) -> Proposal:
    """ALTER COLUMN … TYPE, where nothing forbids it and Postgres knows how to convert."""
    name = relation_name(table)
    there = sides.actual_tables[name]
    refused = _refused(sides, there, table, ours, theirs)
    if refused is not None:
        return refused
    key = column_key(table.schema, table.name, ours.name)
    step = make(
        Rank.TABLE, f"{name}.{ours.name}", *_statements(sides, table, ours, theirs), key=key,
        requires=(*table.requires, *ours.requires),
    )  # fmt: skip
    holders: tuple[Holder, ...] = ()
    for each in (there, *sides.descendants(name)):
        own = ("column", f"{relation_name(each)}.{quote(ours.name)}")
        required = [column_key(each.schema, each.name, ours.name)]
        holders += sides.holders(required, own)
    return Proposal((step,), holders=holders, held="held-type", drops=True)


def _refused(
    sides: Sides, there: Table, table: Table, ours: Column, theirs: Column
) -> Proposal | None:
    if there.of_type is not None and table.of_type is not None:
        return refusal("typed-table", type=there.of_type)
    if theirs.inherited and there.partition_of is None and not there.inherits:
        return refusal("inherited-type")
    if there.partition_key and mentions(there.partition_key, ours.name):
        return refusal("partition-key")
    rows = _rows(sides, there)
    if rows:
        return refusal("row-type", holders=named(rows))
    if not casts(sides.whole, theirs.type, _resolved(sides, ours.type)):
        return refusal(
            "cast",
            old=theirs.type,
            new=ours.type,
            table=relation_name(table),
            column=quote(ours.name),
        )
    return None


def _resolved(sides: Sides, type_: str) -> str:
    """A type that may be a domain which is expected and not there yet."""
    base = base_of(sides.expected, type_)
    return type_ if base == type_ else base


def _rows(sides: Sides, there: Table) -> tuple[Holder, ...]:
    """Columns of other tables that hold rows of this one."""
    name = relation_name(there)
    return tuple(
        Holder(("column", f"{of}.{quote(column.name)}"), f"column {of}.{quote(column.name)}")
        for of, table in sorted(sides.actual_tables.items())
        for column in table.columns
        if column.type.removesuffix("[]") == name
    )


def _statements(sides: Sides, table: Table, ours: Column, theirs: Column) -> list[str]:
    name, column = relation_name(table), quote(ours.name)
    collation = f" COLLATE {ours.collation}" if ours.collation else ""
    change = f"ALTER TABLE {name} ALTER COLUMN {column} TYPE {ours.type}{collation}"
    kept = base_of(sides.whole, theirs.type) == base_of(sides.expected, ours.type)
    counts = theirs.default is not None and theirs.default.startswith("nextval(")
    if kept or counts or theirs.default is None:
        return [change]
    # The old default would be converted, which is another expression than the one that is expected.
    alter = f"ALTER TABLE ONLY {name} ALTER COLUMN {column}"
    default = [] if ours.default is None else [f"{alter} SET DEFAULT {ours.default}"]
    return [f"{alter} DROP DEFAULT", change, *default]
