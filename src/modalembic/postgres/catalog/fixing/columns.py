"""Fixes of columns of tables and views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.access import grants
from modalembic.postgres.catalog.fixing.added import added
from modalembic.postgres.catalog.fixing.clauses import (
    commented,
    foreign_options_words,
    mentions,
    options_words,
)
from modalembic.postgres.catalog.fixing.nullability import not_null
from modalembic.postgres.catalog.fixing.proposal import Holder, Proposal, refusal
from modalembic.postgres.catalog.fixing.retyped import retyped
from modalembic.postgres.catalog.fixing.sequences import identity_steps
from modalembic.postgres.catalog.fixing.sides import Relation, Sides, relation_name
from modalembic.postgres.catalog.fixing.steps import drop, make
from modalembic.postgres.catalog.keys import column_key, constraint_key
from modalembic.postgres.catalog.model import Catalog, Column, Table, View
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.units import Rank

_NOT_NULLS = {"not-null", "not-null-name", "not-null-valid", "not-null-inherits"}
_SINCE_STORAGE_DEFAULT = 16
_SINCE_SET_EXPRESSION = 17
_MAIN = ("numeric", "inet", "cidr")


@dataclass(frozen=True, slots=True)
class _At:
    """A column on both sides."""

    sides: Sides
    table: Any
    ours: Column
    theirs: Column


def of_column(sides: Sides, each: Difference) -> Proposal:
    """A column."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        if isinstance(ours.of, View):
            return refusal("view-column")
        return added(sides, ours.of, ours.value)
    if ours is None:
        return _removed(sides, theirs.of, theirs.value)
    if isinstance(ours.of, View):
        return _of_view(sides, ours.of, ours.value, theirs.value, each)
    if each.part in _NOT_NULLS:
        return not_null(sides, ours.of, ours.value, theirs.value, str(each.part))
    return _PARTS[str(each.part)](_At(sides, ours.of, ours.value, theirs.value))


def _alter(relation: Relation, column: Column, *, only: bool = True) -> str:
    if isinstance(relation, View):
        kind = relation.kind.upper()
    else:
        kind = "FOREIGN TABLE" if relation.kind == "foreign table" else "TABLE"
        kind = f"{kind} ONLY" if only else kind
    return f"ALTER {kind} {relation_name(relation)} ALTER COLUMN {quote(column.name)}"


def _where(relation: Relation, column: Column) -> str:
    return f"{relation_name(relation)}.{column.name}"


def _full(relation: Relation, column: Column) -> str:
    return f"{relation_name(relation)}.{quote(column.name)}"


def _of_view(sides: Sides, view: View, ours: Column, theirs: Column, each: Difference) -> Proposal:
    match each.part:
        case "comment":
            return Proposal((commented("COLUMN", _full(view, ours), ours.comment),))
        case "grants":
            kind = view.kind.upper()
            return grants(kind, relation_name(view), ours, theirs, quote(ours.name))
        case "default":
            return Proposal((_set_default(view, ours),))
        case "statistics":
            return _statistics(_At(sides, view, ours, theirs))
        case "options":
            return _options(_At(sides, view, ours, theirs))
    return refusal("view-column")


def _set_default(relation: Relation, column: Column) -> Any:
    alter = _alter(relation, column)
    word = "DROP DEFAULT" if column.default is None else f"SET DEFAULT {column.default}"
    needed = (column_key(relation.schema, relation.name, column.name), *column.requires)
    return make(Rank.DEFAULT, _where(relation, column), f"{alter} {word}", requires=needed)


def _default(at: _At) -> Proposal:
    if (at.ours.identity is None) is not (at.theirs.identity is None):
        return _identity(at)
    if at.theirs.default is None or set(at.theirs.requires) <= set(at.ours.requires):
        return Proposal((_set_default(at.table, at.ours),))
    # What the old default needs may have to go.
    where = _where(at.table, at.ours)
    dropped = drop(Rank.DEFAULT, where, f"{_alter(at.table, at.ours)} DROP DEFAULT")
    return Proposal(
        (dropped, *([] if at.ours.default is None else [_set_default(at.table, at.ours)]))
    )


def _identity(at: _At) -> Proposal:
    return Proposal(identity_steps(at.sides, at.table, at.ours, at.theirs))


def _generated(at: _At) -> Proposal:
    if at.theirs.generated is None:
        return refusal("generated")
    alter, where = _alter(at.table, at.ours, only=False), _where(at.table, at.ours)
    if at.ours.generated is None:
        if at.theirs.generated_kind == "virtual":
            return refusal("generated-virtual")
        return Proposal((make(Rank.DEFAULT, where, f"{alter} DROP EXPRESSION"),))
    if at.ours.generated_kind != at.theirs.generated_kind:
        return refusal("generated-kind")
    if at.sides.actual.major < _SINCE_SET_EXPRESSION:
        return refusal("generated-expression")
    there = at.sides.actual_tables[relation_name(at.table)]
    if at.theirs.generated_kind == "virtual" and any(c.kind == "check" for c in there.constraints):
        return refusal("generated-virtual")
    statement = f"{alter} SET EXPRESSION AS ({at.ours.generated})"
    return Proposal((make(Rank.DEFAULT, where, statement, requires=at.ours.requires),))


def _storage(at: _At) -> Proposal:
    word = at.ours.storage or "default"
    if at.ours.storage is None and at.sides.actual.major < _SINCE_STORAGE_DEFAULT:
        word = "main" if at.ours.type.partition("(")[0] in _MAIN else "extended"
    return _setting(at.table, at.ours, f"SET STORAGE {word.upper()}")


def _compression(at: _At) -> Proposal:
    return _setting(at.table, at.ours, f"SET COMPRESSION {at.ours.compression or 'default'}")


def _statistics(at: _At) -> Proposal:
    number = -1 if at.ours.statistics is None else at.ours.statistics
    return _setting(at.table, at.ours, f"SET STATISTICS {number}")


def _options(at: _At) -> Proposal:
    return _setting(at.table, at.ours, *options_words(at.ours.options, at.theirs.options))


def _foreign_options(at: _At) -> Proposal:
    return _setting(
        at.table, at.ours, foreign_options_words(at.ours.foreign_options, at.theirs.foreign_options)
    )


def _setting(relation: Relation, column: Column, *words: str) -> Proposal:
    alter = _alter(relation, column)
    statements = (f"{alter} {word}" for word in words)
    return Proposal((make(Rank.SETTING, _where(relation, column), *statements),))


def _comment(at: _At) -> Proposal:
    return Proposal((commented("COLUMN", _full(at.table, at.ours), at.ours.comment),))


def _grants(at: _At) -> Proposal:
    return grants("TABLE", relation_name(at.table), at.ours, at.theirs, quote(at.ours.name))


def _retyped(at: _At) -> Proposal:
    return retyped(at.sides, at.table, at.ours, at.theirs)


_PARTS: dict[str, Callable[[_At], Proposal]] = {
    "collation": _retyped,
    "comment": _comment,
    "compression": _compression,
    "default": _default,
    "foreign-options": _foreign_options,
    "generated": _generated,
    "generated-kind": _generated,
    "grants": _grants,
    "identity": _identity,
    "inherited": lambda _: refusal("inherited"),
    "options": _options,
    "statistics": _statistics,
    "storage": _storage,
    "type": _retyped,
}


def _removed(sides: Sides, table: Relation, column: Column) -> Proposal:
    if isinstance(table, View):
        return refusal("view-column")
    name = relation_name(table)
    if table.of_type is not None and sides.tables[name].of_type is not None:
        return refusal("typed-table", type=table.of_type)
    if table.partition_key and mentions(table.partition_key, column.name):
        return refusal("partition-key")
    step = make(
        Rank.SETTING,
        _where(table, column),
        f"ALTER TABLE {name} DROP COLUMN {quote(column.name)}",
        key=f"dropped {_full(table, column)}",
        note="drops the column with all its values",
    )
    return Proposal((step,), holders=holders_of(sides, table, column))


def holders_of(sides: Sides, table: Table, column: Column) -> tuple[Holder, ...]:
    """What keeps a column from being dropped, here or in a table that inherits it."""
    found: tuple[Holder, ...] = ()
    for each in (table, *sides.descendants(relation_name(table))):
        keys = [column_key(each.schema, each.name, column.name)]
        keys += [
            constraint_key(each.schema, each.name, constraint.name)
            for constraint in each.constraints
            if column.name in (*constraint.columns, *constraint.include)
        ]
        own = ("column", _full(each, column))
        found += sides.holders(keys, own)
    return found + _sequence_users(sides, sides.whole, table, column)


def _sequence_users(
    sides: Sides, catalog: Catalog, table: Table, column: Column
) -> tuple[Holder, ...]:
    """A sequence goes with the column that owns it; the defaults of others may need it."""
    owned = _full(table, column)
    keys = [
        f"relation {relation_name(each)}" for each in catalog.sequences if each.owned_by == owned
    ]
    return sides.holders(keys, ("column", owned))
