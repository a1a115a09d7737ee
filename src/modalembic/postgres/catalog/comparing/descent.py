"""What follows from a parent: a table's partitions and children say nothing new by repeating it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.model import Table
from modalembic.postgres.catalog.names import qualified, quote

# What Postgres changes in the members when a table is attached, detached or inherits no more.
_FOLLOWS_DESCENT = frozenset({"inherited", "attached"})
# What may be an own matter of a partition or child.
_OWN = {
    "column": frozenset(
        {
            "comment",
            "compression",
            "default",
            "grants",
            "identity",
            "inherited",
            "not-null",
            "not-null-name",
            "options",
            "statistics",
            "storage",
        }
    ),
    "constraint": frozenset({"attached", "clustered", "comment", "inherited", "options"}),
    "index": frozenset({"attached", "clustered", "comment", "name", "options"}),
}


Known = Mapping[str, tuple[Table, Table]]


def without_repetition(
    found: Iterable[Difference], ours: Table, theirs: Table, known: Known
) -> Iterator[Difference]:
    """The differences between members of a table, without those that its parents have too. `known`
    are the tables that are on both sides, by name."""
    parents = _parents(ours)
    if parents != _parents(theirs):
        copied = _copied(ours, theirs, known)
        for each in found:
            follows = each.part is None and (each.object, each.name) in copied
            if each.part not in _FOLLOWS_DESCENT and not follows:
                yield each
        return
    if not parents or not known.keys() >= set(parents):
        yield from found
        return
    expected, actual = _derived(ours), _derived(theirs)
    for each in found:
        member = (each.object, each.name)
        if each.part is None:
            repeated = member in (actual if each.expected is None else expected)
        else:
            own = each.part in _OWN.get(each.object, frozenset())
            repeated = not own and member in expected and _renamed(each, member) in actual
        if not repeated:
            yield each


def _parents(table: Table) -> tuple[str, ...]:
    return table.inherits if table.partition_of is None else (table.partition_of,)


def _copied(ours: Table, theirs: Table, known: Known) -> set[tuple[str, str]]:
    """The foreign keys that a partition has by itself on the side where it is detached: Postgres
    leaves it those of its parents."""
    name = qualified(ours.schema, ours.name)
    return {
        ("constraint", f"{name}.{quote(key.name)}")
        for detached, attached, side in ((theirs, ours, 0), (ours, theirs, 1))
        for key in detached.constraints
        if key.kind == "foreign key"
        and (key.name, key.definition) in _keys_above(attached, known, side)
    }


def _keys_above(table: Table, known: Known, side: int) -> set[tuple[str, str]]:
    """The foreign keys of the tables of which this one is a partition, on one side, by name and
    definition."""
    found: set[tuple[str, str]] = set()
    while table.partition_of is not None and table.partition_of in known:
        table = known[table.partition_of][side]
        found |= {(c.name, c.definition) for c in table.constraints if c.kind == "foreign key"}
    return found


def _renamed(each: Difference, member: tuple[str, str]) -> tuple[str, str]:
    """The member under its other name, if that is how it differs."""
    if each.part != "name" or each.expected is None or each.actual is None:
        return member
    return (each.object, f"{each.table}.{quote(each.actual)}")


def _derived(table: Table) -> set[tuple[str, str]]:
    """The members that come from the parents alone."""
    name = qualified(table.schema, table.name)
    return {
        *(("column", f"{name}.{quote(c.name)}") for c in table.columns if c.inherited),
        *(
            ("constraint", f"{name}.{quote(c.name)}")
            for c in table.constraints
            if c.inherited or c.parent is not None
        ),
        *(("index", f"{name}.{quote(i.name)}") for i in table.indexes if i.parent is not None),
    }
