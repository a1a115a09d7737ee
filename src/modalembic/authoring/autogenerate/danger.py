"""What a reader of the revision has to think about before it runs where there are rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from alembic.operations import ops
from sqlalchemy import BigInteger, Integer, Numeric, SmallInteger, String

from modalembic.authoring.autogenerate.items import Item, Statement
from modalembic.authoring.autogenerate.relevant import table_of
from modalembic.postgres.catalog.names import quote

_DROPS = re.compile(r"\bDROP (TABLE|COLUMN|SEQUENCE|MATERIALIZED VIEW) (.*)")
_RETYPES = re.compile(r"\bALTER TABLE (?:ONLY )?(\S+) ALTER COLUMN (\S+) TYPE\b")

_STEPS = """\
Fails if {table} has rows: a new column that is NOT NULL needs a value in each.
Where there are rows, do it in three steps instead:
1. add the column with nullable=True
2. op.execute("UPDATE {table} SET {column} = … WHERE {column} IS NULL")
3. op.alter_column(…, {name}, nullable=False)"""


@dataclass(frozen=True)
class Danger:
    """What may be lost or fail, in a few words (`what`), and the comment in the file."""

    what: str
    remark: str
    destructive: bool = True


def danger_of(item: Item) -> Danger | None:
    """What an item may lose; None: nothing."""
    match item.up:
        case ops.DropTableOp() as op:
            return _lost(f"drops table {_table(op)} with its rows")
        case ops.DropColumnOp() as op:
            return _lost(f"drops column {_table(op)}.{quote(op.column_name)} with its values")
        case ops.AlterColumnOp(modify_type=type_) as op if type_ is not None:
            if not _is_wider(op.existing_type, type_):
                return _retyped(f"{_table(op)}.{quote(op.column_name)}")
        case ops.AddColumnOp() as op if _needs_backfill(op):
            return _backfill(op)
        case Statement(sql=str(sql)):
            return _danger_of_sql(sql)
    return None


def _table(op: Any) -> str:
    return table_of(op).removeprefix("public.")


def _danger_of_sql(sql: str) -> Danger | None:
    if sql.startswith("ALTER TYPE") or " OWNED BY " in sql:
        return None
    if found := _DROPS.search(sql):
        return _lost(f"drops {found[1].lower()} {found[2]}")
    if retyped := _RETYPES.search(sql):
        return _retyped(f"{retyped[1]}.{retyped[2]}")
    return None


def _is_wider(old: Any, new: Any) -> bool:
    """Whether every value of a type is one of another, as it stands."""
    if isinstance(old, String) and isinstance(new, String):
        return new.length is None or (old.length is not None and old.length <= new.length)
    if isinstance(old, Integer) and isinstance(new, Integer):
        size = [
            2 if isinstance(t, SmallInteger) else 8 if isinstance(t, BigInteger) else 4
            for t in (old, new)
        ]
        return size[0] <= size[1]
    if isinstance(old, Numeric) and isinstance(new, Numeric):
        return _digits(old, new)
    return False


def _digits(old: Numeric[Any], new: Numeric[Any]) -> bool:
    if new.precision is None:
        return True
    if old.precision is None:
        return False
    scales = old.scale or 0, new.scale or 0
    return scales[0] <= scales[1] and old.precision - scales[0] <= new.precision - scales[1]


def _retyped(column: str) -> Danger:
    what = f"changes the type of {column}: values may be cut off or rounded, or not fit"
    return Danger(what, f"DESTRUCTIVE: {what}")


def _lost(what: str) -> Danger:
    return Danger(what, f"DESTRUCTIVE: {what}")


def _needs_backfill(op: ops.AddColumnOp) -> bool:
    column = op.column
    return (
        not column.nullable
        and column.server_default is None
        and column.computed is None
        and column.identity is None
    )


def _backfill(op: ops.AddColumnOp) -> Danger:
    table, column = _table(op), quote(op.column.name)
    return Danger(
        f"adds {table}.{column} as NOT NULL without a default, which fails if there are rows",
        _STEPS.format(table=table, column=column, name=repr(op.column.name)),
        destructive=False,
    )
