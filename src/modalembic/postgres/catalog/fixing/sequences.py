"""Fixes of sequences, and of identity columns, which have one."""

from __future__ import annotations

from dataclasses import replace

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.access import grants, owner
from modalembic.postgres.catalog.fixing.clauses import commented
from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import Stage, Step, made, make, remove, rename
from modalembic.postgres.catalog.keys import column_key, relation_key
from modalembic.postgres.catalog.model import Column, Sequence, Table
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.sequences import sequence_units
from modalembic.postgres.catalog.writing.units import Rank, Unit

_OPTIONS = ("type", "start", "increment", "minimum", "maximum", "cache", "cycle")
_SINCE_PERSISTENCE = 15


def of_sequence(sides: Sides, each: Difference) -> Proposal:
    """A sequence."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        return Proposal(made(sequence_units(ours.value, sides.columns)))
    there = relation_name(theirs.value)
    if ours is None:
        key = relation_key(theirs.value.schema, theirs.value.name)
        step = remove(Rank.SEQUENCE, there, f"DROP SEQUENCE {there}", key=key)
        if sides.clashes(there):
            step = replace(step, stage=Stage.DROP)
        return Proposal((step,), holders=sides.holders([key]))
    if ours.value.identity is not theirs.value.identity:
        return _of_column(sides, ours.value, theirs.value)
    return _part(sides, each, ours.value, theirs.value)


def _part(sides: Sides, each: Difference, ours: Sequence, theirs: Sequence) -> Proposal:
    there = relation_name(ours)
    alter = f"ALTER SEQUENCE {there}"
    match each.part:
        case "name" if ours.schema != theirs.schema:
            return refusal("in-another-schema")
        case "name":
            statement = f"ALTER SEQUENCE {relation_name(theirs)} RENAME TO {quote(ours.name)}"
            return Proposal((rename(there, statement),))
        case "comment":
            return Proposal((commented("SEQUENCE", there, ours.comment),))
        case "owner":
            return owner("SEQUENCE", there, ours)
        case "grants":
            return grants("SEQUENCE", there, ours, theirs)
        case "owned-by":
            step = make(Rank.OWNERSHIP, there, f"{alter} OWNED BY {ours.owned_by or 'NONE'}")
            return Proposal((step,))
        case "persistence":
            if sides.actual.major < _SINCE_PERSISTENCE:
                return refusal("server-version", version=str(sides.actual.major))
            word = "UNLOGGED" if ours.persistence == "unlogged" else "LOGGED"
            return Proposal((make(Rank.SETTING, there, f"{alter} SET {word}"),))
    return Proposal((make(Rank.DEFAULT, there, f"{alter} {_options(ours, theirs)}"),))


def _options(ours: Sequence, theirs: Sequence) -> str:
    """All options in which the two differ, since each may be valid with the others only."""
    differ = {name for name in _OPTIONS if getattr(ours, name) != getattr(theirs, name)}
    differ |= {"minimum", "maximum"} if "type" in differ else set()
    words = {
        "type": f"AS {ours.type}",
        "start": f"START WITH {ours.start}",
        "increment": f"INCREMENT BY {ours.increment}",
        "minimum": f"MINVALUE {ours.minimum}",
        "maximum": f"MAXVALUE {ours.maximum}",
        "cache": f"CACHE {ours.cache}",
        "cycle": "CYCLE" if ours.cycle else "NO CYCLE",
    }
    return " ".join(words[name] for name in _OPTIONS if name in differ)


def _of_column(sides: Sides, ours: Sequence, theirs: Sequence) -> Proposal:
    """A sequence that serves an identity on one side only: the column's fix makes it anew."""
    owned = ours.owned_by or theirs.owned_by or ""
    table, column = sides.columns.get(owned, (None, None))
    there = sides.theirs.get(("column", owned))
    if table is None or column is None or there is None:
        return refusal("in-another-schema")
    return Proposal(identity_steps(sides, table, column, there.value))


def sequences_of(sides: Sides, table: Table, column: Column | None = None) -> list[Sequence]:
    """The sequences that are expected to belong to `table`, or to its `column`, and to come with
    it."""
    name = relation_name(table)
    columns = table.columns if column is None else (column,)
    owned = {f"{name}.{quote(each.name)}" for each in columns}
    return [
        sequence
        for sequence in sides.expected.sequences
        if sequence.owned_by in owned and ("sequence", relation_name(sequence)) not in sides.theirs
    ]


def identity_steps(sides: Sides, table: Table, column: Column, there: Column) -> tuple[Step, ...]:
    """What makes an identity column of one that is none (or has a sequence for a default), the
    other way round, or an identity of the other kind. The count goes on from the rows."""
    name = relation_name(table)
    full = f"{name}.{quote(column.name)}"
    alter = f"ALTER TABLE {name} ALTER COLUMN {quote(column.name)}"
    key = column_key(table.schema, table.name, column.name)
    if column.identity is not None and there.identity is not None:
        step = make(Rank.DEFAULT, full, f"{alter} SET GENERATED {column.identity.upper()}")
        return (step,)
    mine = [each for each in sides.expected.sequences if each.owned_by == full]
    old = [each for each in sides.whole.sequences if each.owned_by == full]
    statements = []
    if there.default is not None:
        statements.append(f"ALTER TABLE ONLY {name} ALTER COLUMN {quote(column.name)} DROP DEFAULT")
    if there.identity is not None:
        statements.append(f"{alter} DROP IDENTITY")
    else:
        statements += [f"DROP SEQUENCE {relation_name(each)}" for each in old if mine]
    if column.identity is not None and not column.inherited and not there.not_null:
        statements.append(f"{alter} SET NOT NULL")
    for sequence in mine:
        units = sequence_units(sequence, sides.columns)
        if column.identity is None and column.default is not None:
            units.append(_default(table, column))
        statements += [s for unit in sorted(units, key=_by_rank) for s in unit.statements]
        least = "min" if sequence.increment < 0 else "max"
        counter = qualified(sequence.schema, sequence.name).replace("'", "''")
        statements.append(
            f"SELECT pg_catalog.setval('{counter}', {least}({quote(column.name)})) FROM {name}"
        )
    return (make(Rank.DEFAULT, full, *statements, requires=[key]),)


def _default(table: Table, column: Column) -> Unit:
    statement = (
        f"ALTER TABLE ONLY {relation_name(table)} ALTER COLUMN {quote(column.name)} "
        f"SET DEFAULT {column.default}"
    )
    return Unit(Rank.DEFAULT, column.name, (statement,))


def _by_rank(unit: Unit) -> Rank:
    return unit.rank
