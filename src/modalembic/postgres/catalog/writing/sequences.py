"""CREATE SEQUENCE and identity columns."""

from __future__ import annotations

from modalembic.postgres.catalog.keys import relation_key
from modalembic.postgres.catalog.model import Column, Sequence, Table
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.options import access, comment
from modalembic.postgres.catalog.writing.units import Rank, Unit


def sequence_units(sequence: Sequence, columns: dict[str, tuple[Table, Column]]) -> list[Unit]:
    """A sequence, or the identity that it serves. `columns` are all columns of tables by the
    spelling of `owned_by`; a sequence of a column that is not there becomes a free one."""
    name = qualified(sequence.schema, sequence.name)
    key = relation_key(sequence.schema, sequence.name)
    owner = columns.get(sequence.owned_by or "")
    rest = [
        *comment("SEQUENCE", name, sequence.comment),
        *access("SEQUENCE", name, None if sequence.identity else sequence.owner, sequence.grants),
    ]
    if sequence.identity and owner is not None:
        table, column = owner
        always = "ALWAYS" if column.identity == "always" else "BY DEFAULT"
        statement = (
            f"ALTER TABLE {qualified(table.schema, table.name)} ALTER COLUMN {quote(column.name)} "
            f"ADD GENERATED {always} AS IDENTITY (SEQUENCE NAME {name} {_options(sequence)})"
        )
        requires = (relation_key(table.schema, table.name),)
        return [Unit(Rank.DEFAULT, name, (statement,), key, requires), *rest]
    unlogged = "UNLOGGED " if sequence.persistence == "unlogged" else ""
    create = f"CREATE {unlogged}SEQUENCE {name} AS {sequence.type} {_options(sequence)}"
    units = [Unit(Rank.SEQUENCE, name, (create,), key), *rest]
    if owner is not None:
        statement = f"ALTER SEQUENCE {name} OWNED BY {sequence.owned_by}"
        units.append(Unit(Rank.OWNERSHIP, name, (statement,)))
    return units


def _options(sequence: Sequence) -> str:
    return (
        f"START WITH {sequence.start} INCREMENT BY {sequence.increment} "
        f"MINVALUE {sequence.minimum} MAXVALUE {sequence.maximum} CACHE {sequence.cache}"
        + (" CYCLE" if sequence.cycle else "")
    )
