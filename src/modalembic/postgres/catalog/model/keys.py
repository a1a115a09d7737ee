"""Constraints and indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Timing = Literal["immediate", "deferrable", "initially deferred"]
ConstraintKind = Literal["primary key", "unique", "check", "foreign key", "exclusion"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table. `definition` is `pg_get_constraintdef`'s, from which it can be
    created; the other fields say the same in parts.

    `inherited`: a CHECK that comes from a parent alone. `parent` is the name of the constraint
    (primary key, unique, exclusion) of the partitioned table to whose index this one's is attached.
    """

    name: str
    kind: ConstraintKind
    definition: str
    columns: tuple[str, ...] = ()
    expression: str | None = None
    references: str | None = None
    referenced_columns: tuple[str, ...] = ()
    match: Literal["simple", "full", "partial"] | None = None
    on_update: str | None = None
    on_delete: str | None = None
    on_delete_columns: tuple[str, ...] = ()
    deferral: Timing = "immediate"
    valid: bool = True
    enforced: bool = True
    inherits: bool = True
    nulls_not_distinct: bool = False
    without_overlaps: bool = False
    include: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    tablespace: str | None = None
    clustered: bool = False
    inherited: bool = False
    parent: str | None = None
    comment: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexKey:
    """A column or expression of an index, in its place."""

    expression: str
    opclass: str
    collation: str | None = None
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index that no constraint made. `definition` is `pg_get_indexdef`'s from USING on; `parent`
    the index of the partitioned table that it is attached to."""

    name: str
    method: str
    keys: tuple[IndexKey, ...]
    definition: str
    unique: bool = False
    valid: bool = True
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    predicate: str | None = None
    options: tuple[str, ...] = ()
    tablespace: str | None = None
    clustered: bool = False
    parent: str | None = None
    comment: str | None = None
    requires: tuple[str, ...] = ()
