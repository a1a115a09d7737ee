"""Keys: one text for each object that others can require."""

from __future__ import annotations

from modalembic.postgres.catalog.names import qualified, quote


def relation_key(schema: str, name: str) -> str:
    """Of a table, view or sequence, which share one space of names."""
    return f"relation {qualified(schema, name)}"


def type_key(schema: str, name: str) -> str:
    """Of an enum, domain, composite or range."""
    return f"type {qualified(schema, name)}"


def routine_key(schema: str, name: str, signature: str) -> str:
    """Of a function, procedure or aggregate."""
    return f"routine {qualified(schema, name)}({signature})"


def column_key(schema: str, table: str, name: str) -> str:
    """Of a column of a table or view, as far as others refer to it by itself."""
    return f"column {qualified(schema, table)}.{quote(name)}"


def index_key(schema: str, name: str) -> str:
    """Of an index that no constraint made."""
    return f"index {qualified(schema, name)}"


def constraint_key(schema: str, table: str, name: str) -> str:
    """Of a table's constraint."""
    return f"constraint {qualified(schema, table)}.{quote(name)}"
