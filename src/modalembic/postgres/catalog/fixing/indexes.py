"""Fixes of indexes that no constraint made."""

from __future__ import annotations

from dataclasses import replace

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.clauses import commented, options_words
from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import Relation, Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import Step, drop, made, make, rename
from modalembic.postgres.catalog.keys import column_key, index_key
from modalembic.postgres.catalog.model import Index, Table, View
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.tables import index_units
from modalembic.postgres.catalog.writing.units import Rank, Unit


def of_index(sides: Sides, each: Difference) -> Proposal:
    """An index."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        if _broken(ours.of, ours.value):
            return refusal("index-invalid")
        return Proposal(_added(sides, ours.of, ours.value))
    if ours is None:
        return _dropped(sides, theirs.of, theirs.value)
    return _part(sides, each, ours.of, ours.value, theirs.value)


def _part(
    sides: Sides, each: Difference, relation: Relation, ours: Index, theirs: Index
) -> Proposal:
    there = qualified(relation.schema, ours.name)
    alter = f"ALTER INDEX {there}"
    match each.part:
        case "name":
            old = qualified(relation.schema, theirs.name)
            statement = f"ALTER INDEX {old} RENAME TO {quote(ours.name)}"
            return Proposal((rename(there, statement),))
        case "comment":
            return Proposal((commented("INDEX", there, ours.comment),))
        case "options":
            return _setting(there, *(f"{alter} {w}" for w in options_words(
                ours.options, theirs.options)))  # fmt: skip
        case "tablespace":
            return _setting(there, f"{alter} SET TABLESPACE {quote(ours.tablespace or _SPACE)}")
        case "clustered":
            kind = relation.kind.upper() if isinstance(relation, View) else "TABLE"
            word = f"CLUSTER ON {quote(ours.name)}" if ours.clustered else "SET WITHOUT CLUSTER"
            return _setting(there, f"ALTER {kind} {relation_name(relation)} {word}")
        case "attached":
            return attach(sides, relation, there, ours.parent)
        case "valid" if not ours.valid:
            return refusal("index-invalid")
        case "valid" if isinstance(relation, View) or relation.kind != "partitioned table":
            return _setting(there, f"REINDEX INDEX {there}")
    if _broken(relation, ours):
        return refusal("index-invalid")
    dropped = _dropped(sides, relation, theirs)
    steps = (*dropped.steps, *_added(sides, relation, ours))
    return Proposal(steps, holders=dropped.holders, held=dropped.held, drops=True)


_SPACE = "pg_default"


def _broken(relation: Relation, index: Index) -> bool:
    """Whether an index is expected not to be valid, which a partitioned table's is as long as a
    partition has none."""
    return not index.valid and relation.kind != "partitioned table"


def _setting(index: str, *statements: str) -> Proposal:
    return Proposal((make(Rank.SETTING, index, *statements),))


def attach(sides: Sides, relation: Relation, index: str, parent: str | None) -> Proposal:
    """An index of a partition, attached to the parent's, which cannot be undone."""
    of = sides.tables.get(getattr(relation, "partition_of", None) or "")
    if parent is None or of is None:
        return refusal("detach-index")
    statement = f"ALTER INDEX {qualified(of.schema, parent)} ATTACH PARTITION {index}"
    return Proposal((make(Rank.ATTACH_INDEX, index, statement),))


def _added(sides: Sides, relation: Relation, index: Index) -> tuple[Step, ...]:
    """An index; that of a partitioned table with those of its partitions."""
    return (*made(_units(sides, relation, index)), *restored(relation, index.name))


def _units(sides: Sides, relation: Relation, index: Index) -> list[Unit]:
    name = relation_name(relation)
    parent = sides.tables.get(getattr(relation, "partition_of", None) or "")
    columns = (*(key.expression for key in index.keys), *index.include)
    needed = tuple(column_key(relation.schema, relation.name, column) for column in columns)
    units = [
        replace(unit, requires=(*unit.requires, *_also(unit, name, needed)))
        for unit in index_units(relation.schema, relation.name, relation.kind, index, parent)
    ]
    for child in sides.children.get(name, ()):
        for other in sides.tables[child].indexes:
            if other.parent == index.name:
                stays = alone(sides, "index", child, other.name)
                found = _units(sides, sides.tables[child], other)
                units += [u for u in found if u.rank is Rank.ATTACH_INDEX] if stays else found
    return units


def alone(sides: Sides, kind: str, table: str, name: str) -> bool:
    """Whether an index or constraint of a partition is there, and will not go with its parent's."""
    found = sides.theirs.get((kind, f"{table}.{quote(name)}"))
    return found is not None and found.value.parent is None


def _also(unit: Unit, table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """What a unit waits for besides: an index for its columns, its place below the parent's for
    the partition's."""
    if unit.rank is Rank.INDEX:
        return columns
    return (f"attached {table}",) if unit.rank is Rank.ATTACH_INDEX else ()


def restored(relation: Relation, index: str) -> tuple[Step, ...]:
    """What is said of an index at its table, and is lost with it."""
    if not isinstance(relation, Table) or relation.replica_identity != f"index {index}":
        return ()
    name = relation_name(relation)
    statement = f"ALTER TABLE {name} REPLICA IDENTITY USING INDEX {quote(index)}"
    return (make(Rank.SETTING, name, statement),)


def _dropped(sides: Sides, relation: Relation, index: Index) -> Proposal:
    name = qualified(relation.schema, index.name)
    key = index_key(relation.schema, index.name)
    holders = sides.holders([key])
    step = drop(Rank.INDEX, name, f"DROP INDEX {name}")
    return Proposal((step,), holders=holders, held="held-foreign-key", drops=True)
