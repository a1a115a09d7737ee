"""Which of Alembic's operations are about something in which the catalogs differ.

Alembic reports differences where there are none: an index of the same meaning as removed and added,
a default that is written otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from modalembic.postgres.catalog.names import qualified, quote

if TYPE_CHECKING:
    from sqlalchemy import Column

    from modalembic.postgres.catalog import Difference

DEFAULT_SCHEMA = "public"
# What a rename of it or its comment mends better than a drop and another one.
_MENDED = frozenset({"name", "comment"})
DEFAULTS = frozenset({"default", "identity", "generated", "generated-kind"})


def table_of(op: Any) -> str:
    """The qualified name of the table that an operation is about."""
    if isinstance(op, ops.CreateForeignKeyOp):
        return qualified(op.kw.get("source_schema") or DEFAULT_SCHEMA, str(op.source_table))
    return qualified(getattr(op, "schema", None) or DEFAULT_SCHEMA, str(op.table_name))


class Relevant:
    """Answers by the differences between the models (expected) and what is there."""

    def __init__(self, differences: Iterable[Difference]) -> None:
        self._parts: defaultdict[str, set[str | None]] = defaultdict(set)
        self.missing: set[str] = set()
        self.unexpected: set[str] = set()
        for each in differences:
            if each.object == "table" and each.part is None:
                (self.missing if each.actual is None else self.unexpected).add(each.name)
            self._parts[each.name].add(each.part)

    def keeps(self, op: ops.MigrateOperation) -> bool:
        """Whether an operation is to be done; an alteration of a column is cut down to what is."""
        if not hasattr(op, "table_name") and not isinstance(op, ops.CreateForeignKeyOp):
            return False
        table = table_of(op)
        if isinstance(op, ops.CreateTableOp):
            return table in self.missing
        if isinstance(op, ops.DropTableOp):
            return table in self.unexpected
        return table in self.missing | self.unexpected or self._keeps_part(op, table)

    def differs(self, column: Column[Any], parts: AbstractSet[str]) -> bool:
        """Whether a column of the models differs in one of `parts`."""
        schema = column.table.schema or DEFAULT_SCHEMA
        return bool(self._of(qualified(schema, column.table.name), column.name) & parts)

    def _keeps_part(self, op: ops.MigrateOperation, table: str) -> bool:
        match op:
            case ops.CreateTableCommentOp() | ops.DropTableCommentOp():
                return "comment" in self._parts.get(table, ())
            case ops.AddColumnOp():
                return None in self._of(table, op.column.name)
            case ops.DropColumnOp():
                return None in self._of(table, op.column_name)
            case ops.AlterColumnOp():
                return self._trimmed(op, self._of(table, op.column_name))
            case ops.CreateIndexOp() | ops.DropIndexOp():
                return self._is_other(table, op.index_name)
            case ops.AddConstraintOp() | ops.DropConstraintOp():
                return self._is_other(table, getattr(op, "constraint_name", None))
        return False

    def _of(self, table: str, name: Any) -> set[str | None]:
        return self._parts.get(f"{table}.{quote(str(name))}", set())

    def _is_other(self, table: str, name: Any) -> bool:
        return bool(self._of(table, name) - _MENDED)

    @staticmethod
    def _trimmed(op: ops.AlterColumnOp, parts: set[str | None]) -> bool:
        if "type" not in parts:
            op.modify_type = None
        if "not-null" not in parts:
            op.modify_nullable = None
        if not DEFAULTS & parts:
            op.modify_server_default = False
        if "comment" not in parts:
            op.modify_comment = False
        return op.has_changes()
