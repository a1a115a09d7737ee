"""Taking a label back from an enum, which Postgres cannot do: the type is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from modalembic.postgres.catalog.fixing.mending import Mending
from modalembic.postgres.catalog.names import qualified, quote

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog, Difference
    from modalembic.postgres.catalog.model import Enum

_NOTE = "the type is made anew: a label cannot be dropped. Fails if a row has one that goes."


def relabelling(goal: Catalog, now: Catalog, difference: Difference) -> Mending | None:
    """What gives an enum the labels that it has in `goal`, in the columns that are there `now`.
    None for other differences, and where more than columns are of the type."""
    if difference.object != "enum" or difference.part != "labels":
        return None
    enum = next((e for e in goal.enums if qualified(e.schema, e.name) == difference.name), None)
    if enum is None or _is_used_elsewhere(now, f"type {difference.name}"):
        return None
    return Mending(tuple(_statements(enum, now)), _NOTE, difference, ())


def _is_used_elsewhere(now: Catalog, key: str) -> bool:
    others: tuple[Any, ...] = (
        *now.domains,
        *now.composites,
        *now.ranges,
        *now.views,
        *now.routines,
    )
    members = (m for table in now.tables for m in (*table.constraints, *table.indexes))
    attached = (m for table in now.tables for m in (*table.triggers, *table.policies))
    return any(key in each.requires for each in chain(others, members, attached))


def _statements(enum: Enum, now: Catalog) -> Iterator[str]:
    name = qualified(enum.schema, enum.name)
    old = f"{enum.name}_with_more_labels"
    labels = ", ".join("'" + label.replace("'", "''") + "'" for label in enum.labels)
    yield f"ALTER TYPE {name} RENAME TO {quote(old)}"
    yield f"CREATE TYPE {name} AS ENUM ({labels})"
    for table in now.tables:
        for column in table.columns:
            array = "[]" if column.type == f"{name}[]" else ""
            if column.type != f"{name}{array}" or column.inherited:
                continue
            alter = f"ALTER TABLE {qualified(table.schema, table.name)} ALTER COLUMN"
            alter = f"{alter} {quote(column.name)}"
            if column.default is not None:
                yield f"{alter} DROP DEFAULT"
            value = f"{quote(column.name)}::text{array}::{name}{array}"
            yield f"{alter} TYPE {name}{array} USING {value}"
            if column.default is not None:
                yield f"{alter} SET DEFAULT {column.default}"
    yield f"DROP TYPE {qualified(enum.schema, old)}"
