"""What mends one difference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fix:
    """The SQL that mends a difference; or none, with the reason for people and its code (a key of
    `reasons.REASONS`)."""

    sql: str | None
    reason: str | None = None
    code: str | None = None
