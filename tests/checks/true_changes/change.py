"""A true change and what is to be found of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Expected:
    """A finding: how grave, which object, what of it, whose, and the revision (or the file of the
    model) that it leads to; None for what somebody made beside the migrations. Older versions of
    Postgres than `since` have nothing of the kind."""

    severity: str
    object: str
    name: str
    part: str | None
    module: str | None
    place: str | None
    since: int = field(default=14, compare=False)


@dataclass(frozen=True)
class TrueChange:
    """SQL that changes the marketplace's database from version `since` of Postgres on."""

    about: str
    sql: str
    found: tuple[Expected, ...]
    since: int = 14

    def __str__(self) -> str:
        return self.about


def change(about: str, sql: str, *found: Expected, since: int = 14) -> TrueChange:
    """`about` is a kind of object and what of it."""
    return TrueChange(about, sql, found, since)


def error(
    kind: str,
    name: str,
    part: str | None,
    module: str | None,
    place: str | None,
    *,
    since: int = 14,
) -> Expected:
    """An error."""
    return Expected("error", kind, name, part, module, place, since)


def warning(
    kind: str, name: str, part: str | None, module: str | None, place: str | None
) -> Expected:
    """A warning."""
    return Expected("warning", kind, name, part, module, place)


def info(kind: str, name: str, part: str | None, module: str | None, place: str | None) -> Expected:
    """An info."""
    return Expected("info", kind, name, part, module, place)
