"""Sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modalembic.postgres.catalog.model.access import Grant

Persistence = Literal["permanent", "unlogged", "temporary"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence. `owned_by` is table and column, by name (numbers differ between databases that
    are the same); `identity` says that the column is an identity column."""

    schema: str
    name: str
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int = 1
    cycle: bool = False
    persistence: Persistence = "permanent"
    owned_by: str | None = None
    identity: bool = False
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
