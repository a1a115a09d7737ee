"""The columns of a table or view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modalembic.postgres.catalog.model.access import Grant


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or view.

    `collation`, `storage` and `compression` are None where they are the type's or the server's
    default. `not_null_name` is known since Postgres 18 only. `inherited`: not defined here.
    """

    name: str
    type: str
    not_null: bool = False
    not_null_name: str | None = None
    not_null_valid: bool = True
    not_null_inherits: bool = True
    default: str | None = None
    identity: Literal["always", "by default"] | None = None
    generated: str | None = None
    generated_kind: Literal["stored", "virtual"] | None = None
    collation: str | None = None
    storage: str | None = None
    compression: str | None = None
    statistics: int | None = None
    options: tuple[str, ...] = ()
    foreign_options: tuple[str, ...] = ()
    inherited: bool = False
    comment: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()
    """What its default needs; what its type needs is among the table's."""
