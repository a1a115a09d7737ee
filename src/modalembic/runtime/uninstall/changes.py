"""What downgrades have changed in a database, and whether all of it was the module's.

The catalog is read before and after, within the one transaction, so that nothing that is found here
is committed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modalembic.errors import UninstallRefused
from modalembic.postgres.catalog import Catalog, Difference, read_catalog
from modalembic.postgres.catalog.comparing.compare import differences
from modalembic.postgres.catalog.model import Table, View
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.postgres.catalog.reading.session import READ_ONLY
from modalembic.project import Project
from modalembic.runtime.connection.session import SqlalchemySession
from modalembic.runtime.uninstall.makers import Makers
from modalembic.runtime.uninstall.preview import AffectedTable, Preview

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TABLES = frozenset({"table", "partitioned table", "foreign table"})


class Within:
    """A session for reading a catalog in the midst of a transaction, which is left as it was."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._session = SqlalchemySession(connection)

    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._session.fetch(statement)

    def run(self, statement: str) -> None:
        """Run a statement; the transaction's own mode stays."""
        if statement != READ_ONLY:
            self._session.run(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All settings of the block end with it."""
        savepoint = self._connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()


def catalog_within(connection: Connection, ignored: Collection[str]) -> Catalog:
    """The catalog as the transaction of `connection` sees it."""
    return read_catalog(Within(connection), ignore_tables=ignored)


def require_own(project: Project, preview: Preview, before: Catalog, after: Catalog) -> None:
    """Raise UninstallRefused where something is gone or changed that is not the module's, or that
    the preview did not tell of."""
    judge = _Judge(project, preview, before)
    found = list(differences(before, after))
    lost = {each.name for each in found if _is_lost_table(each)}
    for each in found:
        if each.part is None and each.actual is not None:
            continue  # it is there again
        reason = judge.against(each, lost)
        if reason is not None:
            raise UninstallRefused(
                f"{preview.module} was not uninstalled: its downgrades {reason}",
                hint=judge.hint(each),
            )


def require_gone(preview: Preview, after: Catalog) -> None:
    """Raise UninstallRefused where a table is still there that the module's revisions make: the
    next `install` would stop at it."""
    there = {qualified(table.schema, table.name) for table in after.tables}
    for table in preview.goes:
        if table.made and table.qualified in there:
            raise UninstallRefused(
                f"{preview.module} was not uninstalled: its downgrades leave {table.qualified}, "
                "which its upgrades make",
                hint="nothing was undone; let the downgrade drop it, or, to keep it, `modalembic "
                f"downgrade {preview.module}@base` and then uninstall {preview.module}",
            )


def _is_lost_table(each: Difference) -> bool:
    return each.object in _TABLES and each.part is None and each.actual is None


class _Judge:
    def __init__(self, project: Project, preview: Preview, before: Catalog) -> None:
        self._makers = Makers(project, preview.module, preview.applied)
        self._module = preview.module
        self._others = preview.others
        self._told: Mapping[str, AffectedTable] = {t.qualified: t for t in preview.tables}
        self._names = {
            qualified(each.schema, each.name): (each.schema, each.name)
            for each in _relations(before)
        }
        self._bare = _bare_names(before)

    def against(self, each: Difference, lost: Collection[str]) -> str | None:
        """What speaks against a loss or a change; None: it is the module's."""
        if _is_lost_table(each):
            return self._lost_table(each.name)
        if each.table in lost:
            return None
        if each.table is not None and each.table in self._names:
            return self._changed_table(each)
        return self._other(each)

    def hint(self, each: Difference) -> str:
        """What to do about it."""
        way_out = f"or `modalembic downgrade {self._module}@base`, which does not look at that"
        if _is_lost_table(each) and each.name not in {*self._told, *self._others}:
            schema, name = self._names[each.name]
            key = name if schema == "public" else f"{schema}.{name}"
            return (
                f'nothing was undone. Is it {self._module}\'s? [tool.modalembic.owners] "{key}" = '
                f'"{self._module}" has it shown and saved. Else mend the downgrade, {way_out}'
            )
        return f"nothing was undone; mend the downgrade, {way_out}"

    def _lost_table(self, name: str) -> str | None:
        told = self._told.get(name)
        if told is None:
            whose = self._others.get(name)
            known = f"belongs to {whose}" if whose else f"is not known to be {self._module}'s"
            return f"drop the table {name}, which {known}"
        return None if told.stays is None else f"drop the table {name}, and {told.stays}"

    def _changed_table(self, each: Difference) -> str | None:
        assert each.table is not None
        told = self._told.get(each.table)
        schema, name = self._names[each.table]
        if told is None and not (
            self._makers.speaks_of(schema, name) or self._is_view_of_own(each, name)
        ):
            return f"change {each.table} ({_what(each)}), of which its revisions do not speak"
        if told is None and each.object == "column" and each.part is None:
            return f"drop the column {each.name}, of which there is no backup"
        return None

    def _is_view_of_own(self, each: Difference, name: str) -> bool:
        return each.object in {"view", "materialized view"} and self._makers.mentions(name)

    def _other(self, each: Difference) -> str | None:
        name = self._bare.get(each.name) or each.name
        if not self._makers.mentions(name):
            verb = "drop" if each.part is None else "change"
            return f"{verb} the {each.object} {each.name}, of which its revisions do not speak"
        other = self._makers.also_made_by(name)
        if other is not None and each.part is None:
            return f"drop the {each.object} {each.name}, which revisions of {other} make too"
        return None


def _what(each: Difference) -> str:
    what = f"{each.object} {each.name}"
    return what if each.part is None else f"{each.part} of {what}"


def _relations(catalog: Catalog) -> Iterator[Table | View]:
    yield from catalog.tables
    yield from catalog.views


def _bare_names(catalog: Catalog) -> dict[str, str]:
    """The names of objects without schema and quotes, by their names in a difference."""
    in_schemas: tuple[tuple[Any, ...], ...] = (
        catalog.enums,
        catalog.domains,
        catalog.composites,
        catalog.ranges,
        catalog.sequences,
        catalog.views,
        catalog.others,
    )
    alone: tuple[tuple[Any, ...], ...] = (catalog.schemas, catalog.extensions)
    found = {
        qualified(each.schema, each.name): str(each.name)
        for objects in in_schemas
        for each in objects
    }
    found |= {quote(each.name): str(each.name) for objects in alone for each in objects}
    for routine in catalog.routines:
        name = f"{qualified(routine.schema, routine.name)}({routine.signature})"
        found[name] = routine.name
    return found
