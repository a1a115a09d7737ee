"""Expressions: what Postgres may print in another way without meaning anything else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.model import (
    Catalog,
    Column,
    Constraint,
    Domain,
    DomainConstraint,
    Index,
    Policy,
    Routine,
    Rule,
    Table,
    Trigger,
    View,
)

# The fields that hold expressions, or texts with expressions in them.
EXPRESSIONS: Final[dict[type, tuple[str, ...]]] = {
    Column: ("default", "generated"),
    Constraint: ("expression", "definition"),
    Domain: ("default",),
    DomainConstraint: ("expression",),
    Index: ("keys", "predicate", "definition"),
    Policy: ("using", "check"),
    Routine: ("arguments",),
    Rule: ("definition",),
    Table: ("partition_key", "partition_bound"),
    Trigger: ("condition", "definition"),
    View: ("definition",),
}
_PARTS = frozenset(
    {
        "arguments",
        "body",
        "check",
        "columns",
        "condition",
        "default",
        "definition",
        "expression",
        "generated",
        "partition-bound",
        "partition-key",
        "predicate",
        "using",
    }
)
# Under another name and in another spelling, an object of these kinds is missing and too much.
_RENAMED = frozenset({"constraint", "index", "trigger", "rule", "policy", "domain constraint"})


def may_be_spelling(found: Iterable[Difference]) -> bool:
    """Whether any of the differences may be one of spelling alone."""
    missing: set[tuple[str, str | None]] = set()
    extra: set[tuple[str, str | None]] = set()
    for each in found:
        if each.part in _PARTS:
            return True
        if each.part is None and each.object in _RENAMED:
            (missing if each.actual is None else extra).add((each.object, each.table))
    return not missing.isdisjoint(extra)


def respelled(catalog: Catalog, rebuilt: Catalog) -> Catalog:
    """`catalog` with its expressions as they are spelled in `rebuilt`. All else stays, what could
    not be rebuilt (an index that is not valid, say) too."""
    changed: dict[str, Any] = {
        field.name: _members(getattr(catalog, field.name), getattr(rebuilt, field.name))
        for field in fields(catalog)
        if isinstance(getattr(catalog, field.name), tuple)
    }
    return replace(catalog, **changed)


def _members(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    if not ours or not is_dataclass(ours[0]) or not hasattr(ours[0], "name"):
        return ours
    found = {_identity(item): item for item in theirs}
    return tuple(
        _object(item, found[_identity(item)]) if _identity(item) in found else item for item in ours
    )


def _identity(item: Any) -> tuple[str, ...]:
    own = (getattr(item, "schema", ""), item.name, getattr(item, "signature", ""))
    return (type(item).__name__, *own)


def _object(ours: Any, theirs: Any) -> Any:
    if ours == theirs:
        return ours
    changed: dict[str, Any] = {}
    texts = EXPRESSIONS.get(type(ours), ())
    if isinstance(ours, Routine) and ours.standard_body and theirs.standard_body:
        texts = (*texts, "body")
    for field in fields(ours):
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        if field.name in texts and mine is not None and other is not None:
            changed[field.name] = other
        elif isinstance(mine, tuple) and field.name not in texts:
            changed[field.name] = _members(mine, other)
    return replace(ours, **changed)
