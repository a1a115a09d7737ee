"""What Alembic would do to make a database as the models are."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import produce_migrations
from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.exc import SAWarning
from sqlalchemy.sql.elements import conv

from modalembic.authoring.autogenerate.explicit import Explicit
from modalembic.authoring.autogenerate.relevant import DEFAULTS, Relevant, table_of
from modalembic.runtime.drift.entities import set_aside

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Column, MetaData

    from modalembic.postgres.catalog import model

_KINDS: dict[type[ops.AddConstraintOp], str] = {
    ops.CreateUniqueConstraintOp: "unique",
    ops.CreateForeignKeyOp: "foreign key",
    ops.CreatePrimaryKeyOp: "primary key",
}


def configured_for_comparison(
    context: MigrationContext, metadata: MetaData, relevant: Relevant
) -> None:
    """Have Alembic compare all schemas, and believe the catalogs about types and defaults: by
    itself it evaluates defaults, and fails for some."""

    def type_differs(_: object, __: object, column: Column[Any], *___: object) -> bool:
        return relevant.differs(column, {"type"})

    def default_differs(_: object, column: Column[Any], *__: object) -> bool:
        return relevant.differs(column, DEFAULTS)

    given = context.opts
    given["target_metadata"] = metadata
    given["include_schemas"] = True
    given["compare_type"] = type_differs
    given["compare_server_default"] = True
    # Both are there twice, as attributes.
    context._user_compare_type = type_differs  # noqa: SLF001 - read where types are
    context._user_compare_server_default = True  # noqa: SLF001
    # A function of the user's would be called for identity columns too, for which Alembic fails.
    context.impl.compare_server_default = default_differs  # type: ignore[method-assign]


def produced(
    context: MigrationContext,
    metadata: MetaData,
    relevant: Relevant,
    tables: Mapping[str, model.Table],
) -> tuple[ops.MigrateOperation, ...]:
    """The operations of `produce_migrations` that are `relevant`, in its order, with names for all
    constraints as `tables`, the models' by name, have them."""
    with warnings.catch_warnings():
        # Tables in a circle are no trouble here; what Alembic cannot read or do is done by SQL.
        warnings.simplefilter("ignore", SAWarning)
        warnings.filterwarnings("ignore", "Computed default on", UserWarning)
        with set_aside():
            script = produce_migrations(context, metadata)
    assert script.upgrade_ops is not None
    found = []
    for op in _flat(script.upgrade_ops):
        _give_name(op, tables)
        if relevant.keeps(op):
            found.append(op)
    return tuple(found)


def _flat(container: ops.OpContainer) -> Iterator[ops.MigrateOperation]:
    for op in container.ops:
        if isinstance(op, ops.OpContainer):
            yield from _flat(op)
        else:
            yield op


def _give_name(op: ops.MigrateOperation, tables: Mapping[str, model.Table]) -> None:
    kind = _KINDS.get(type(op)) if isinstance(op, ops.AddConstraintOp) else None
    if kind is None or getattr(op, "constraint_name", None) is not None:
        return
    columns: Iterable[object] = (
        getattr(op, "local_cols", None) or getattr(op, "columns", None) or ()
    )
    op.constraint_name = name_of(tables, table_of(op), kind, [str(c) for c in columns])  # type: ignore[attr-defined]


def name_of(
    tables: Mapping[str, model.Table], table: str, kind: str, columns: list[str]
) -> str | None:
    """The name that Postgres has for a constraint that the models do not name."""
    found = tables.get(table)
    for each in found.constraints if found is not None else ():
        if each.kind == kind and list(each.columns) == columns:
            return conv(each.name)
    return None


def explicit_op(op: ops.MigrateOperation, explicit: Explicit) -> ops.MigrateOperation:
    """The operation with types as a revision has to name them."""
    match op:
        case ops.CreateTableOp():
            return ops.CreateTableOp.from_table(
                explicit.table(op.to_table()),
                _namespace_metadata=op._namespace_metadata,  # noqa: SLF001
            )
        case ops.AddColumnOp():
            op.column = explicit.column(op.column)
        case ops.AlterColumnOp():
            # MySQL's word.
            op.kw = {key: value for key, value in op.kw.items() if "autoincrement" not in key}
            if op.modify_type is not None:
                op.modify_type = explicit.type(op.modify_type)
            if op.existing_type is not None:
                op.existing_type = explicit.type(op.existing_type)
    return op


def reverse_of(op: ops.MigrateOperation, explicit: Explicit) -> ops.MigrateOperation | None:
    """The operation that undoes another one, as far as Alembic knows it."""
    try:
        return explicit_op(op.reverse(), explicit)
    except (NotImplementedError, ValueError):
        return None


def foreign_keys_of(op: ops.CreateTableOp) -> list[ForeignKeyConstraint]:
    """The foreign keys in the statement that creates a table."""
    return [each for each in op.columns if isinstance(each, ForeignKeyConstraint)]


def without_foreign_keys(
    op: ops.CreateTableOp, keys: Iterable[ForeignKeyConstraint]
) -> ops.CreateTableOp:
    """The same operation without some of its foreign keys."""
    taken = {id(each) for each in keys}
    op.columns = [each for each in op.columns if id(each) not in taken]
    return op
