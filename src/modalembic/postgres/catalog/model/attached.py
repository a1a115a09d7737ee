"""Triggers, rules and policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modalembic.postgres.catalog.model.keys import Timing

FiringState = Literal["origin", "replica", "always", "disabled"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger. `definition` is `pg_get_triggerdef`'s from after the name on. `inherited`: a
    partition's copy, which is recorded only where its state is not the original's."""

    name: str
    definition: str
    timing: Literal["before", "after", "instead of"]
    events: tuple[str, ...]
    level: Literal["row", "statement"]
    function: str
    columns: tuple[str, ...] = ()
    condition: str | None = None
    constraint: bool = False
    deferral: Timing = "immediate"
    enabled: FiringState = "origin"
    inherited: bool = False
    comment: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rewrite rule. `definition` is `pg_get_ruledef`'s from after the name on."""

    name: str
    definition: str
    enabled: FiringState = "origin"
    comment: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A row security policy; `roles` is `("public",)` for everybody."""

    name: str
    command: Literal["all", "select", "insert", "update", "delete"]
    permissive: bool = True
    roles: tuple[str, ...] = ("public",)
    using: str | None = None
    check: str | None = None
    comment: str | None = None
    requires: tuple[str, ...] = ()
