"""Why a difference has no SQL that mends it: a closed list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "attribute-type": "Postgres changes no field's type while {holders} the composite type",
        "attribute-place": "Postgres adds a field at the end of a composite type only",
        "cast": "Postgres does not cast {old} to {new} by itself; only you know what the values "
        "become: ALTER TABLE {table} ALTER COLUMN {column} TYPE {new} USING …",
        "column-order": "Postgres adds columns at the end only; the order matters to nothing that "
        "names its columns",
        "composite-order": "Postgres cannot reorder the fields of a composite type",
        "detach-index": "Postgres cannot detach an index from its parent's",
        "domain-inside": "Postgres refuses it while {holders} the domain inside of another type",
        "enum-order": "Postgres cannot reorder the labels of an enum: that takes a new type",
        "enum-removed": "Postgres cannot remove a label from an enum: that takes a new type",
        "enum-renamed": "labels are missing and others are too many: a label that has another name "
        "is renamed (ALTER TYPE {name} RENAME VALUE {old} TO {new}), and one that has gone takes a "
        "new type; only you know which it is",
        "extension-schema": "the extension cannot be moved to another schema: it has to be dropped "
        "and created there",
        "generated": "Postgres cannot make a column generated that has values: it has to be "
        "dropped and added",
        "generated-expression": "before PostgreSQL 17 the expression of a generated column cannot "
        "be changed: the column has to be dropped and added",
        "generated-kind": "Postgres cannot change whether a generated column is stored: it has to "
        "be dropped and added",
        "generated-virtual": "the expression of a virtual column can neither be dropped nor, in a "
        "table with CHECKs, be changed: the column has to be dropped and added",
        "held": "it would have to be dropped, and {holders} on it",
        "held-foreign-key": "foreign keys refer to it: {holders}; they have to be dropped first, "
        "and added again afterwards",
        "held-type": "Postgres cannot change the type of a column on which {holders}",
        "in-another-schema": "it is in another schema on the other side",
        "inherited": "what a table has of its own and what it inherits is decided when its columns "
        "are made",
        "inherited-type": "the column comes from a parent, whose type has to change",
        "index-invalid": "an index that is not valid is left by an interrupted CREATE INDEX "
        "CONCURRENTLY, and nothing makes one on purpose",
        "info-extension": "which extensions there are beyond those that are expected, and of which "
        "version, is the server's business",
        "info-schema": "a schema too much may be somebody else's",
        "name-taken": "{holder} has its name, and has no fix",
        "name-only": "nothing but its name is known of it",
        "needs": "it needs {needed}, which has no fix",
        "partition-key": "Postgres changes and drops no column of the partition key",
        "partitioning": "a table cannot become partitioned, be partitioned by something else, or "
        "become another kind of table: that takes a new table and a copy of the rows",
        "row-type": "Postgres changes no column's type while the table is the type of {holders}",
        "server": "the servers are of different major versions",
        "server-version": "PostgreSQL {version} has no statement for it",
        "spelling": "it is spelled otherwise and has the same value",
        "typed-attribute": "tables are of the type ({holders}), and ALTER TYPE … CASCADE would "
        "change them as well",
        "typed-table": "the table is of the type {type}, which says what its columns are",
        "type-used": "it would have to be created anew, and {holders} it",
        "view-column": "a column of a view is what the view's query makes it",
    }
)


def because(code: str, **names: str) -> str:
    """The text of a reason."""
    return REASONS[code].format(**names)
