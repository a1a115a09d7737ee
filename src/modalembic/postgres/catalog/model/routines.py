"""Functions, procedures and aggregates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modalembic.postgres.catalog.model.access import Grant

RoutineKind = Literal["function", "procedure", "window function", "aggregate"]


@dataclass(frozen=True, slots=True)
class Routine:
    """A function, procedure, window function or aggregate.

    `signature` are the types of its input arguments, `arguments` the same with modes, names and
    defaults. `body` is the source; for a C function the symbol, with the library in `library`; for
    an SQL-standard body (`standard_body`) the statement; for an aggregate its options.
    """

    schema: str
    name: str
    kind: RoutineKind
    signature: str
    arguments: str
    body: str
    returns: str | None = None
    language: str = "sql"
    standard_body: bool = False
    library: str | None = None
    volatility: Literal["volatile", "stable", "immutable"] = "volatile"
    strict: bool = False
    security_definer: bool = False
    leakproof: bool = False
    parallel: Literal["unsafe", "restricted", "safe"] = "unsafe"
    cost: str | None = None
    rows: str | None = None
    settings: tuple[str, ...] = ()
    support: str | None = None
    transforms: tuple[str, ...] = ()
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()
