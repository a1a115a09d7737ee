"""Operations for what Alembic has operations for and does not see: CHECKs, and indexes that differ
in a predicate or in their operator classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from alembic.operations import ops
from sqlalchemy import CheckConstraint, text
from sqlalchemy.sql.elements import conv

from modalembic.authoring.autogenerate.relevant import DEFAULT_SCHEMA, table_of
from modalembic.postgres.catalog.names import qualified, quote

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

    from modalembic.postgres.catalog import Difference

_NOT_MEANT = frozenset({"name", "comment", "clustered", "valid", "parent", "tablespace"})


def complemented(
    found: Sequence[ops.MigrateOperation], metadata: MetaData, differences: Sequence[Difference]
) -> tuple[ops.MigrateOperation, ...]:
    """`found`, and operations for indexes and CHECKs that differ and are not in it."""
    known = {name for op in found for name in _named(op)}
    tables = {qualified(t.schema or DEFAULT_SCHEMA, t.name): t for t in metadata.tables.values()}
    more: dict[str, list[ops.MigrateOperation]] = {}
    for each in differences:
        table = tables.get(each.table or "")
        if table is None or each.name in known or each.part in _NOT_MEANT:
            continue
        if each.name not in more:
            more[each.name] = [*_operations(each, table)]
    return (*found, *(op for ops_ in more.values() for op in ops_))


def _named(op: Any) -> Iterator[str]:
    name = getattr(op, "index_name", None) or getattr(op, "constraint_name", None)
    if name is not None:
        yield f"{table_of(op)}.{quote(str(name))}"


def _operations(each: Difference, table: Table) -> Iterator[ops.MigrateOperation]:
    name = conv(each.name.removeprefix(f"{each.table}.").strip('"'))
    if each.object == "index":
        yield from _of_index(each, table, name)
    elif each.object == "constraint":
        yield from _of_check(each, table, name)


def _of_index(each: Difference, table: Table, name: conv) -> Iterator[ops.MigrateOperation]:
    index = next((index for index in table.indexes if index.name == name), None)
    if index is None and not _is_gone(each):
        return
    if not _is_new(each):
        yield ops.DropIndexOp(name, table.name, schema=table.schema)
    if index is not None:
        yield ops.CreateIndexOp.from_index(index)


def _of_check(each: Difference, table: Table, name: conv) -> Iterator[ops.MigrateOperation]:
    check: Any = next((c for c in table.constraints if _is_check(c, name)), None)
    was_check = _is_gone(each) and (each.actual or "").upper().startswith("CHECK")
    if check is None and not was_check:
        return
    if not _is_new(each):
        yield ops.DropConstraintOp(name, table.name, type_="check", schema=table.schema)
    if check is not None:
        condition = text(str(check.sqltext))
        yield ops.CreateCheckConstraintOp(name, table.name, condition, schema=table.schema)


def _is_new(each: Difference) -> bool:
    return each.part is None and each.actual is None


def _is_gone(each: Difference) -> bool:
    return each.part is None and each.expected is None


def _is_check(constraint: Any, name: str) -> bool:
    return isinstance(constraint, CheckConstraint) and constraint.name == name
