"""An object's parts, as far as they are compared one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from modalembic.postgres.catalog.comparing.difference import part_name
from modalembic.postgres.catalog.model import (
    Column,
    Constraint,
    Extension,
    Index,
    Routine,
    Rule,
    Trigger,
    View,
)

# Names pair objects; members are compared by themselves; what is required follows from the rest.
_NEVER = frozenset(
    {
        "schema",
        "name",
        "relocatable",
        "requires",
        "columns",
        "constraints",
        "indexes",
        "triggers",
        "rules",
        "policies",
    }
)
# The whole in one text: it speaks where the parts say nothing.
_WHOLE: dict[type, str] = {Constraint: "definition", Index: "definition", Trigger: "definition"}
# The parts of which the whole says nothing.
_BESIDES: dict[type, frozenset[str]] = {
    Constraint: frozenset(
        {"attached", "clustered", "comment", "inherited", "options", "tablespace"}
    ),
    Index: frozenset({"attached", "clustered", "comment", "tablespace", "valid"}),
    Trigger: frozenset({"comment", "enabled", "inherited"}),
}
_NAMED_BY_COLUMNS = (Constraint, Trigger)  # whose `columns` are names, not members


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """The parts of `value` that are compared, by name. An index's keys make four."""
    kind: type = type(value)
    for field in _compared(kind):
        item = getattr(value, field)
        if isinstance(value, Index) and field == "keys":
            yield "columns", tuple(key.expression for key in item)
            yield "operator-classes", tuple(key.opclass for key in item)
            yield "collations", tuple(key.collation for key in item)
            yield "order", tuple(_order(key.descending, key.nulls_first) for key in item)
        elif field == "parent":
            yield "attached", item is not None
        else:
            yield part_name(field), item


def _order(descending: bool, nulls_first: bool) -> str:
    direction = "desc" if descending else "asc"
    usual = descending == nulls_first
    return direction if usual else f"{direction} nulls {'first' if nulls_first else 'last'}"


def differing(expected: Any, actual: Any) -> list[tuple[str, Any, Any]]:
    """The parts in which two objects of a kind differ."""
    found = [
        (name, ours, theirs)
        for (name, ours), (_, theirs) in zip(parts(expected), parts(actual), strict=True)
        if ours != theirs
    ]
    kind = type(expected)
    whole = _WHOLE.get(kind)
    if whole is not None and all(part in _BESIDES[kind] for part, *_ in found):
        ours, theirs = getattr(expected, whole), getattr(actual, whole)
        if ours != theirs:
            found.append((whole, ours, theirs))
    return found


def definition(value: Any) -> tuple[Any, ...]:
    """What makes an object the same thing under another name."""
    return tuple(item for name, item in parts(value) if name not in {"comment", "not-null-name"})


def described(value: Any) -> str:
    """An object in a few words, for one that is missing or too much."""
    match value:
        case Column():
            return value.type + (" not null" if value.not_null else "")
        case Constraint() | Index() | Trigger() | Rule():
            return str(value.definition)
        case View():
            return value.kind
        case Routine():
            return f"{value.kind} returning {value.returns}" if value.returns else value.kind
        case _:
            type_ = getattr(value, "type", None) or getattr(value, "expression", None)
            return str(type_ or getattr(value, "kind", None) or type(value).__name__.lower())


@cache
def _compared(kind: type) -> tuple[str, ...]:
    never = set(_NEVER) | ({_WHOLE[kind]} if kind in _WHOLE else set())
    if kind in _NAMED_BY_COLUMNS:
        never.discard("columns")
    if kind is Extension:
        never.discard("schema")
    return tuple(field.name for field in fields(kind) if field.name not in never)
