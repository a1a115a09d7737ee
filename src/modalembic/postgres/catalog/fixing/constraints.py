"""Fixes of constraints."""

from __future__ import annotations

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.added import inherited_check
from modalembic.postgres.catalog.fixing.clauses import commented, options_words
from modalembic.postgres.catalog.fixing.descent import partition
from modalembic.postgres.catalog.fixing.indexes import alone, attach, restored
from modalembic.postgres.catalog.fixing.proposal import Holder, Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import Step, drop, made, make, rename
from modalembic.postgres.catalog.keys import column_key, constraint_key
from modalembic.postgres.catalog.model import Constraint, Table
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.writing.tables import constraint_units
from modalembic.postgres.catalog.writing.units import Rank, Unit

_TIMING = {
    "immediate": "NOT DEFERRABLE",
    "deferrable": "DEFERRABLE INITIALLY IMMEDIATE",
    "initially deferred": "DEFERRABLE INITIALLY DEFERRED",
}


def of_constraint(sides: Sides, each: Difference) -> Proposal:
    """A constraint."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        left = _left_by_detaching(sides, ours.of, ours.value)
        return Proposal(_added(sides, ours.of, ours.value)) if left is None else left
    if ours is None:
        return _dropped(sides, theirs.of, theirs.value)
    return _part(sides, each, ours.of, ours.value, theirs.value)


def _left_by_detaching(sides: Sides, table: Table, constraint: Constraint) -> Proposal | None:
    """A partition that is detached keeps its copies of its parent's foreign keys."""
    there = sides.actual_tables[relation_name(table)]
    parent = sides.actual_tables.get(there.partition_of or "")
    if constraint.kind != "foreign key" or there.partition_of == table.partition_of:
        return None
    while parent is not None:
        for other in parent.constraints:
            if other.definition == constraint.definition:
                return _renamed(partition(sides, table, there), table, constraint, other)
        parent = sides.actual_tables.get(parent.partition_of or "")
    return None


def _renamed(
    detached: Proposal, table: Table, constraint: Constraint, original: Constraint
) -> Proposal:
    """The copy has the name of the original."""
    if original.name == constraint.name:
        return detached
    name, old = relation_name(table), quote(original.name)
    statement = f"ALTER TABLE {name} RENAME CONSTRAINT {old} TO {quote(constraint.name)}"
    return Proposal((*detached.steps, rename(f"{name}.{constraint.name}", statement)))


def _part(
    sides: Sides, each: Difference, table: Table, ours: Constraint, theirs: Constraint
) -> Proposal:
    name, there = relation_name(table), quote(ours.name)
    alter = f"ALTER TABLE {name}"
    index = qualified(table.schema, ours.name)
    match each.part:
        case "name":
            statement = f"{alter} RENAME CONSTRAINT {quote(theirs.name)} TO {there}"
            return Proposal((rename(each.name, statement),))
        case "comment":
            return Proposal((commented("CONSTRAINT", f"{there} ON {name}", ours.comment),))
        case "options":
            words = options_words(ours.options, theirs.options)
            return _index_setting(index, *(f"ALTER INDEX {index} {word}" for word in words))
        case "tablespace":
            space = quote(ours.tablespace or "pg_default")
            return _index_setting(index, f"ALTER INDEX {index} SET TABLESPACE {space}")
        case "clustered":
            word = f"CLUSTER ON {there}" if ours.clustered else "SET WITHOUT CLUSTER"
            return _index_setting(index, f"{alter} {word}")
        case "inherited":
            return refusal("inherited")
        case "attached":
            return attach(sides, table, index, ours.parent)
        case "valid" if ours.valid and ours.enforced is theirs.enforced:
            statement = f"{alter} VALIDATE CONSTRAINT {there}"
            step = make(Rank.FOREIGN_KEY, each.name, statement, note="fails while a row breaks it")
            return Proposal((step,))
        case "deferral" if ours.kind == "foreign key" and theirs.kind == "foreign key":
            statement = f"{alter} ALTER CONSTRAINT {there} {_TIMING[ours.deferral]}"
            return Proposal((make(Rank.FOREIGN_KEY, each.name, statement),))
    dropped = _dropped(sides, table, theirs)
    added = _added(sides, table, ours)
    return Proposal(
        (*dropped.steps, *added), holders=dropped.holders, held=dropped.held, drops=True
    )


def _index_setting(index: str, *statements: str) -> Proposal:
    return Proposal((make(Rank.SETTING, index, *statements),))


def _added(sides: Sides, table: Table, constraint: Constraint) -> tuple[Step, ...]:
    """A constraint; that of a partitioned table with those of its partitions that it brings."""
    units = [*_units(sides, table, constraint)]
    return (*made(units), *restored(table, constraint.name))


def _units(sides: Sides, table: Table, constraint: Constraint) -> list[Unit]:
    name = relation_name(table)
    parent = sides.tables.get(table.partition_of or "")
    children = [child for child in sides.children.get(name, ()) if _has(sides, child, constraint)]
    units = constraint_units(table, constraint, parent, children)
    if constraint.inherited:
        units.append(inherited_check(table, constraint))
    columns = (*constraint.columns, *constraint.include)
    needed = tuple(column_key(table.schema, table.name, column) for column in columns)
    if constraint.kind == "check":
        # What is attached after a CHECK has come would lack it.
        needed += tuple(f"attached {child}" for child in sides.children.get(name, ()))
    result = [_needing(name, unit, needed) for unit in units]
    if constraint.kind in {"primary key", "unique", "exclusion"}:
        for child in sides.children.get(name, ()):
            for other in sides.tables[child].constraints:
                if other.parent != constraint.name:
                    continue
                stays = alone(sides, "constraint", child, other.name)
                units = _units(sides, sides.tables[child], other)
                result += [u for u in units if u.rank is Rank.ATTACH_INDEX] if stays else units
    return result


def _has(sides: Sides, child: str, constraint: Constraint) -> bool:
    return any(
        other.name == constraint.name and not other.inherited
        for other in sides.tables[child].constraints
    )


def _needing(table: str, unit: Unit, needed: tuple[str, ...]) -> Unit:
    if unit.rank is Rank.ATTACH_INDEX:
        needed = (f"attached {table}",)
    elif unit.rank not in {Rank.KEY, Rank.CHECK, Rank.FOREIGN_KEY}:
        return unit
    return Unit(unit.rank, unit.name, unit.statements, unit.key, (*unit.requires, *needed))


def _dropped(sides: Sides, table: Table, constraint: Constraint) -> Proposal:
    name = relation_name(table)
    rank = Rank.FOREIGN_KEY if constraint.kind == "foreign key" else Rank.KEY
    statement = f"ALTER TABLE {name} DROP CONSTRAINT {quote(constraint.name)}"
    step = drop(rank, f"{name}.{constraint.name}", statement)
    holders = _holders(sides, table, constraint)
    held = "held-foreign-key" if all(h.of[0] == "constraint" for h in holders) else "held"
    return Proposal((step,), holders=holders, held=held, drops=True)


def _holders(sides: Sides, table: Table, constraint: Constraint) -> tuple[Holder, ...]:
    """Foreign keys that rely on a key, views that group by it; on those of partitions, too."""
    keys = [constraint_key(table.schema, table.name, constraint.name)]
    own = [("constraint", f"{relation_name(table)}.{quote(constraint.name)}")]
    for child in sides.descendants(relation_name(table)):
        keys += [
            constraint_key(child.schema, child.name, other.name)
            for other in child.constraints
            if other.parent is not None
        ]
    return sides.holders(keys, *own)
