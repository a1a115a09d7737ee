"""Tables and views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modalembic.postgres.catalog.model.access import Grant
from modalembic.postgres.catalog.model.attached import Policy, Rule, Trigger
from modalembic.postgres.catalog.model.columns import Column
from modalembic.postgres.catalog.model.keys import Constraint, Index
from modalembic.postgres.catalog.model.sequences import Persistence

TableKind = Literal["table", "partitioned table", "foreign table"]
ViewKind = Literal["view", "materialized view"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of any kind. `replica_identity` is default, nothing, full, or `index NAME`."""

    schema: str
    name: str
    kind: TableKind = "table"
    persistence: Persistence = "permanent"
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[Rule, ...] = ()
    policies: tuple[Policy, ...] = ()
    inherits: tuple[str, ...] = ()
    partition_key: str | None = None
    partition_of: str | None = None
    partition_bound: str | None = None
    of_type: str | None = None
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = "default"
    options: tuple[str, ...] = ()
    access_method: str | None = None
    tablespace: str | None = None
    server: str | None = None
    foreign_options: tuple[str, ...] = ()
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A view or materialised view. Whether the latter is populated is data, not schema."""

    schema: str
    name: str
    kind: ViewKind
    definition: str
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[Rule, ...] = ()
    options: tuple[str, ...] = ()
    access_method: str | None = None
    tablespace: str | None = None
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()
