"""What Postgres itself says of a schema, as one value that can be compared and written down.

Objects are named by `schema` and `name`, raw. A text that refers to another object is spelled as
Postgres spells it under an empty search path: qualified, and quoted where it has to be. A tuple is
in the order of the database where that has a meaning (columns, labels, index keys), else sorted.
`requires` holds the keys (`keys.py`) of what has to be there before an object can be created.

Facts about the system catalogs: https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TableKind = Literal["table", "partitioned table", "foreign table"]
Persistence = Literal["permanent", "unlogged", "temporary"]
ConstraintKind = Literal["primary key", "unique", "check", "foreign key", "exclusion"]
FiringState = Literal["origin", "replica", "always", "disabled"]
Timing = Literal["immediate", "deferrable", "initially deferred"]
ViewKind = Literal["view", "materialized view"]
RoutineKind = Literal["function", "procedure", "window function", "aggregate"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege of one role; `grantee` is `PUBLIC` for everybody."""

    grantee: str
    privilege: str
    grantable: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema. Like all objects it has an owner and grants only where they were asked for."""

    name: str
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension; its members are never in a catalog."""

    name: str
    schema: str
    version: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum with its labels in their order."""

    schema: str
    name: str
    labels: tuple[str, ...]
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainConstraint:
    """A CHECK of a domain."""

    name: str
    expression: str
    valid: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain; `collation` is None where it is its base type's."""

    schema: str
    name: str
    type: str
    not_null: bool = False
    default: str | None = None
    collation: str | None = None
    constraints: tuple[DomainConstraint, ...] = ()
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field of a composite type."""

    name: str
    type: str
    collation: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Composite:
    """A free-standing composite type."""

    schema: str
    name: str
    attributes: tuple[Attribute, ...]
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """A range type with the name of its multirange type (in the same schema)."""

    schema: str
    name: str
    subtype: str
    multirange: str
    opclass: str
    collation: str | None = None
    canonical: str | None = None
    difference: str | None = None
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    requires: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Rule:
    """A rewrite rule. `definition` is `pg_get_ruledef`'s from after the name on."""

    name: str
    definition: str
    enabled: FiringState = "origin"
    comment: str | None = None


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


@dataclass(frozen=True, slots=True)
class Other:
    """An object of a kind that a catalog does not take apart. `definition` is the statement that
    creates it (collations, extended statistics), None where only the name is known (an operator, a
    text search configuration …)."""

    kind: str
    schema: str
    name: str
    definition: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """A database's schema. `server_version` is `server_version_num` (180001)."""

    server_version: int
    schemas: tuple[Schema, ...] = ()
    extensions: tuple[Extension, ...] = ()
    enums: tuple[Enum, ...] = ()
    domains: tuple[Domain, ...] = ()
    composites: tuple[Composite, ...] = ()
    ranges: tuple[Range, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    routines: tuple[Routine, ...] = ()
    others: tuple[Other, ...] = ()
    access: bool = False
    """Whether owners and grants were asked for."""

    @property
    def major(self) -> int:
        """The major version of the server."""
        return self.server_version // 10000
