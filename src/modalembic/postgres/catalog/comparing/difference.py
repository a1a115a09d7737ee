"""One difference, and how grave it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from modalembic.postgres.catalog.model import Grant, IndexKey

Severity = Literal["error", "warning", "info"]

# The same thing, kept or explained another way.
_WARNINGS = frozenset(
    {
        "name",
        "comment",
        "options",
        "storage",
        "compression",
        "statistics",
        "access-method",
        "tablespace",
        "clustered",
    }
)
# What a view's options change is what it shows, and to whom.
_MEANT_OPTIONS = ("check_option", "security_barrier", "security_invoker")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which `actual` is not as `expected`.

    `object` is a kind ("column"), `name` its qualified name, `table` that of the table or view to
    which it belongs (or which it is), `part` what of it. A whole object that is missing or too much
    has part None, and its description as `expected` or `actual`, the other being None.
    """

    object: str
    name: str
    part: str | None
    expected: str | None
    actual: str | None
    severity: Severity
    table: str | None = None


def part_name(field: str) -> str:
    """`not-null` for `not_null`."""
    return field.replace("_", "-")


def severity_of(kind: str, part: str, expected: Any, actual: Any) -> Severity:
    """How grave a differing part of an object is. What is not known to be harmless is an error."""
    if kind == "extension" and part == "version":
        return "info"  # which one there is, is the server's business
    if kind in {"view", "materialized view"} and part == "options":
        changed = set(expected) ^ set(actual)
        return "error" if any(o.startswith(_MEANT_OPTIONS) for o in changed) else "warning"
    return "warning" if part in _WARNINGS else "error"


def shown(value: Any) -> str | None:
    """A part's value for people; None where there is none."""
    match value:
        case None | ():
            return None
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(str(shown(item)) for item in value)
        case Grant():
            return f"{value.privilege} to {value.grantee}" + ("*" if value.grantable else "")
        case IndexKey():
            return value.expression
        case _:
            return str(value)
