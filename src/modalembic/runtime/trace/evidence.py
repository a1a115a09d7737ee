"""What the catalog has before a statement that cannot run in a transaction, and after it.

The catalog is read by the same queries both times, and things are known by name: a database that
was dumped and restored in between has other numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modalembic.runtime.tables.version import literal
from modalembic.runtime.trace.statement import Named, named

Fetch = Callable[[str], list[tuple[Any, ...]]]

_RELATION = """
SELECT n.nspname, c.relname, c.relkind::text
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.oid = pg_catalog.to_regclass({name})
"""
_TABLE_OF_INDEX = """
SELECT n.nspname, c.relname, c.relkind::text
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE i.indexrelid = pg_catalog.to_regclass({name})
"""
_FOLDED = "SELECT (pg_catalog.parse_ident({name}))[1]::name::text"
# Of the table and of its TOAST table.
_INDEXES = """
SELECT n.nspname, c.relname, i.indisvalid AND i.indisready AND i.indislive
  FROM pg_catalog.pg_class AS t
  JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
  JOIN pg_catalog.pg_index AS i ON i.indrelid IN (t.oid, t.reltoastrelid)
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE s.nspname = {schema} AND t.relname = {name}
 ORDER BY 1, 2
"""
_TYPE = """
SELECT n.nspname, t.typname
  FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.oid = pg_catalog.to_regtype({name})
"""
_LABEL = """
SELECT 1 FROM pg_catalog.pg_enum AS e
  JOIN pg_catalog.pg_type AS t ON t.oid = e.enumtypid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE n.nspname = {schema} AND t.typname = {name} AND e.enumlabel = {label}
"""


def evidence_of(fetch: Fetch, statement: str) -> dict[str, Any] | None:
    """What `statement` is about, and what there is of it now; None where that says nothing, or
    cannot be told. `fetch` asks the connection on which the statement is to run, whose search path
    counts. Raises what a connection raises that is gone: the statement is not sent then, and must
    not be noted."""
    found = named(statement)
    read = _READERS.get(found.kind)
    if read is None:
        return None
    try:
        return read(fetch, found)
    except Exception:  # noqa: BLE001 - the statement is about to fail for the same reason
        fetch("SELECT 1")
        return None


def _of_index(fetch: Fetch, found: Named) -> dict[str, Any] | None:
    table = _first(fetch, _RELATION, name=found.relation)
    if table is None:
        return None
    index = None if found.name is None else _first(fetch, _FOLDED, name=found.name)
    return {
        "table": list(table[:2]),
        "index": None if index is None else index[0],
        "indexes": indexes_of(fetch, *table[:2]),
    }


def _of_reindex(fetch: Fetch, found: Named) -> dict[str, Any] | None:
    query = _RELATION if found.relation is not None else _TABLE_OF_INDEX
    table = _first(fetch, query, name=found.relation or found.name)
    if table is None:
        return None
    return {"table": list(table[:2]), "indexes": indexes_of(fetch, *table[:2])}


def _of_drop(fetch: Fetch, found: Named) -> dict[str, Any]:
    index = _first(fetch, _RELATION, name=found.name)
    return {"index": None if index is None else list(index[:2])}


def _of_label(fetch: Fetch, found: Named) -> dict[str, Any] | None:
    type_ = _first(fetch, _TYPE, name=found.relation)
    if type_ is None:
        return None
    there = has_label(fetch, type_[0], type_[1], found.name or "")
    return {"type": list(type_), "label": found.name, "existed": there}


def _of_detach(fetch: Fetch, found: Named) -> dict[str, Any] | None:
    table = _first(fetch, _RELATION, name=found.relation)
    part = _first(fetch, _RELATION, name=found.name)
    if table is None or part is None:
        return None
    return {"table": list(table[:2]), "part": list(part[:2])}


_READERS: dict[str, Callable[[Fetch, Named], dict[str, Any] | None]] = {
    "index": _of_index,
    "reindex": _of_reindex,
    "drop-index": _of_drop,
    "label": _of_label,
    "detach": _of_detach,
}


def indexes_of(fetch: Fetch, schema: str, name: str) -> list[list[Any]]:
    """Schema, name and validity of each index of a table."""
    return [list(row) for row in fetch(_query(_INDEXES, schema=schema, name=name))]


def has_label(fetch: Fetch, schema: str, name: str, label: str) -> bool:
    """Whether an enum has a label."""
    return bool(fetch(_query(_LABEL, schema=schema, name=name, label=label)))


def _first(fetch: Fetch, query: str, **values: str | None) -> tuple[Any, ...] | None:
    rows = fetch(_query(query, **values))
    return tuple(rows[0]) if rows else None


def _query(query: str, **values: str | None) -> str:
    return query.format(**{key: literal(value or "") for key, value in values.items()})
