"""What the project's `env.py` leaves out: `include_name` and `include_object`, as Alembic's
autogenerate would ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from modalembic.postgres.catalog import Difference
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.options import Options
from modalembic.runtime.scratch_driver import with_driver

if TYPE_CHECKING:
    from sqlalchemy import Engine, MetaData, Table

DEFAULT_SCHEMA = "public"
# Of which kinds Alembic asks about parts of a table.
_MEMBERS = frozenset({"column", "constraint", "index"})


@dataclass(frozen=True)
class Filters:
    """What `env.py` gave to `context.configure`; None where it gave nothing."""

    include_name: Callable[..., Any] | None = None
    include_object: Callable[..., Any] | None = None

    @property
    def any(self) -> bool:
        """Whether anything can be left out."""
        return self.include_name is not None or self.include_object is not None

    def keep_entity(self, entity: Any, *, reflected: bool = False) -> bool:
        """Whether an entity of alembic_utils counts, asked as that asks: one that is registered, or
        one that is `reflected` from a database."""
        name = f"{entity.schema}.{entity.signature}"
        if reflected and self.include_name is not None:
            # Alembic looks for a table's name in it.
            unused = f"Not applicable for type {entity.type_}"
            parents = {"schema_name": entity.schema, "table_name": unused}
            if not self.include_name(name, entity.type_, parents):
                return False
        if self.include_object is None:
            return True
        return bool(self.include_object(entity, name, entity.type_, reflected, None))


def environment_filters(project: Project, url: DatabaseURL) -> Filters:
    """The filters that `env.py` configures for the database `url`. Raises what entering it
    raises."""
    from modalembic.runtime.environment.entering import Entered, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    found: list[Filters] = []

    def look(entered: Entered) -> None:
        options = entered.context.opts
        found.append(Filters(options.get("include_name"), options.get("include_object")))

    settled = Options().settled(project.configuration)
    on = with_driver(project, url)
    enter_environment(project, on, look, options=settled, loader=RevisionLoader())
    return found[0]


class Selection:
    """Answers whether an object counts, by `filters`. Objects of the models are as they are in
    `metadata`; what only migrations make is reflected from the database of `engine`, which is asked
    for when there is any."""

    def __init__(self, filters: Filters, metadata: MetaData, engine: Callable[[], Engine]) -> None:
        self._filters = filters
        self._engine = cache(engine)
        self._models = {
            qualified(table.schema or DEFAULT_SCHEMA, table.name): table
            for table in metadata.tables.values()
        }
        self._reflected: dict[str, Table | None] = {}
        self._names: dict[str, tuple[str, str]] = {}

    def left_out(self, tables: Iterable[tuple[str, str]], migrated: frozenset[str]) -> set[str]:
        """The qualified names of those of the `tables` (schema and name) that are left out.
        `migrated` are the names of those that the migrations make."""
        self._names = {qualified(schema, name): (schema, name) for schema, name in tables}
        return {
            qualified(schema, name)
            for schema, name in self._names.values()
            if not self._counts(schema, name, qualified(schema, name) in migrated)
        }

    def keeps(self, difference: Difference) -> bool:
        """Whether a difference in a table's column, index or constraint counts; `left_out` has to
        have been asked before."""
        table = difference.table
        if table not in self._names or difference.object not in _MEMBERS:
            return True
        kind, item = _member(self._models.get(table), difference)
        reflected = item is None
        if reflected:
            kind, item = _member(self._reflect(*self._names[table]), difference)
        if item is None:
            return True
        name, include = str(item.name), self._filters.include_object
        both = difference.part is not None
        if (reflected or both) and not self._named(name, kind, *self._names[table]):
            return False
        return include is None or bool(include(item, name, kind, reflected, None))

    def _named(self, name: str, kind: str, schema: str, table: str) -> bool:
        """What `include_name` says to the name of a table's member in the database."""
        include = self._filters.include_name
        shown = None if schema == DEFAULT_SCHEMA else schema
        parents = {
            "schema_name": shown,
            "table_name": table,
            "schema_qualified_table_name": table if shown is None else f"{shown}.{table}",
        }
        return include is None or bool(include(name, kind, parents))

    def _counts(self, schema: str, name: str, is_migrated: bool) -> bool:
        # As in Alembic: the default schema is None there.
        shown = None if schema == DEFAULT_SCHEMA else schema
        model = self._models.get(qualified(schema, name))
        if is_migrated and self._filters.include_name is not None:
            parents = {
                "schema_name": shown,
                "schema_qualified_table_name": name if shown is None else f"{shown}.{name}",
            }
            if not self._filters.include_name(schema if shown else None, "schema", {}) or not (
                self._filters.include_name(name, "table", parents)
            ):
                return False
        include = self._filters.include_object
        if include is None:
            return True
        if model is not None:
            return bool(include(model, name, "table", False, None))
        table = self._reflect(schema, name)
        return table is None or bool(include(table, name, "table", True, None))

    def _reflect(self, schema: str, name: str) -> Table | None:
        from sqlalchemy import MetaData, Table
        from sqlalchemy.exc import SQLAlchemyError

        key = qualified(schema, name)
        if key not in self._reflected:
            shown = None if schema == DEFAULT_SCHEMA else schema
            try:
                self._reflected[key] = Table(
                    name, MetaData(), schema=shown, autoload_with=self._engine(), resolve_fks=False
                )
            except SQLAlchemyError:  # of a kind that cannot be reflected: it counts
                self._reflected[key] = None
        return self._reflected[key]


def _member(table: Table | None, difference: Difference) -> tuple[str, Any]:
    """The kind, by Alembic's word, and the member of a table that differs; None if it has none."""
    for kind, item in _members(table):
        if difference.name == f"{difference.table}.{quote(str(item.name))}":
            return kind, item
    return "", None


def _members(table: Table | None) -> list[tuple[str, Any]]:
    """The kinds, by Alembic's words, and the members of a table that have a name."""
    from sqlalchemy import ForeignKeyConstraint, UniqueConstraint

    if table is None:
        return []
    found: list[tuple[str, Any]] = [("column", column) for column in table.columns]
    found += [("index", index) for index in table.indexes]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            found.append(("unique_constraint", constraint))
        elif isinstance(constraint, ForeignKeyConstraint):
            found.append(("foreign_key_constraint", constraint))
    return [(kind, item) for kind, item in found if item.name is not None]
