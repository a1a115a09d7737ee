"""Types as a revision has to name them: nothing in them creates a type on the way, and nothing is
imported from the application, whose classes will be others one day."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, CheckConstraint, Enum
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM
from sqlalchemy.types import TypeDecorator, TypeEngine

if TYPE_CHECKING:
    from sqlalchemy import Column, Table
    from sqlalchemy.engine import Dialect

Rendered = Callable[[TypeEngine[Any]], bool]


class Explicit:
    """Replaces types in columns. `rendered` says which types `env.py` writes itself
    (`render_item`): these stay as they are."""

    def __init__(self, dialect: Dialect, rendered: Rendered) -> None:
        self._dialect = dialect
        self._rendered = rendered

    def type(self, given: TypeEngine[Any]) -> TypeEngine[Any]:
        """The type to write for `given`."""
        if self._rendered(given):
            return given
        given = given.dialect_impl(self._dialect) if _has_variant(given, self._dialect) else given
        if isinstance(given, TypeDecorator):
            return self.type(given.load_dialect_impl(self._dialect))
        if isinstance(given, ARRAY):
            array = copy(given)
            array.item_type = self.type(given.item_type)
            return array
        if isinstance(given, Enum):
            return _enum(given)
        if isinstance(given, DOMAIN):
            domain = copy(given)
            domain.create_type = False
            return domain
        return given

    def column(self, column: Column[Any]) -> Column[Any]:
        """A copy of a column, with the type to write."""
        made = column._copy()  # noqa: SLF001 - as Alembic does
        made.type = self.type(column.type)
        return made

    def table(self, table: Table) -> Table:
        """A table that is nobody else's, with the types to write, and with the CHECKs of columns
        as its own: Alembic leaves those out that stand in a column."""
        for column in table.columns:
            column.type = self.type(column.type)
            for check in _checks(column):
                column.constraints.discard(check)
                table.constraints.discard(check)
                table.append_constraint(CheckConstraint(str(check.sqltext), name=check.name))
        return table


def _checks(column: Column[Any]) -> list[CheckConstraint]:
    found = [each for each in column.constraints if isinstance(each, CheckConstraint)]
    return sorted(found, key=lambda each: str(each.sqltext))


def _has_variant(type_: TypeEngine[Any], dialect: Dialect) -> bool:
    return dialect.name in getattr(type_, "_variant_mapping", {})


def _enum(given: Enum) -> TypeEngine[Any]:
    if not given.native_enum or not given.name:
        return given
    return ENUM(*given.enums, name=given.name, schema=given.schema, create_type=False)
