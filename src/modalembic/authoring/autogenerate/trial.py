"""Doing it on a scratch database: what Alembic's operations leave undone is mended by the catalog's
own statements, and so is what undoing them leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modalembic.authoring.autogenerate.items import Call, Item, Statement
from modalembic.authoring.autogenerate.source import Writer
from modalembic.postgres.catalog import Catalog, Connection, read_catalog
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.options import Options
from modalembic.runtime.scratch_driver import with_driver

if TYPE_CHECKING:
    from alembic.operations.ops import MigrateOperation
    from alembic.runtime.migration import MigrationContext


@dataclass(frozen=True)
class Bench:
    """The scratch database `url` of a project, on which things are tried."""

    project: Project
    url: DatabaseURL

    def catalog(self) -> Catalog:
        """What is there now."""
        with connect(self.url, application_name="modalembic") as connection:
            return read_catalog(
                Connection(connection),
                ignore_tables=own_tables(self.project.configuration.version_table),
            )

    def in_environment(self, work: Callable[[MigrationContext], None]) -> None:
        """Call `work` with what `env.py` configures. Raises what entering it raises."""
        from modalembic.runtime.environment.entering import Entered, enter_environment
        from modalembic.runtime.loader import RevisionLoader

        def entered(found: Entered) -> None:
            work(found.context)

        settled = Options().settled(self.project.configuration)
        on = with_driver(self.project, self.url)
        enter_environment(self.project, on, entered, options=settled, loader=RevisionLoader())

    def run(self, statements: Iterable[str]) -> dict[str, str]:
        """Run statements, each by itself; those that failed, with what Postgres said."""
        import psycopg

        failed: dict[str, str] = {}
        with connect(self.url, application_name="modalembic") as connection:
            for statement in statements:
                try:
                    connection.execute(statement.encode())
                except psycopg.Error as error:
                    failed[statement] = str(error.diag.message_primary or error)
        return failed

    def run_together(self, statements: Iterable[str]) -> bool:
        """Run statements in one transaction; whether that could be done."""
        import psycopg

        with connect(self.url, application_name="modalembic") as connection:
            try:
                with connection.transaction():
                    for statement in statements:
                        connection.execute(statement.encode())
            except psycopg.Error:
                return False
        return True


class Doing:
    """Does what items do, with what `env.py` has configured: by the very source that the files will
    have, since what that leaves out has to be seen."""

    def __init__(self, context: MigrationContext) -> None:
        self._context = context
        self._writer = Writer(context)

    def do(self, items: Sequence[Item]) -> list[Item]:
        """Do them, each by itself; those that could be done."""
        return [item for item in items if self._done(item.up)]

    def undo(self, items: Sequence[Item]) -> list[Item]:
        """Undo what they did, in reverse order; all of them, without what could not be undone
        that way."""
        undone = [
            item if self._done(item.down) else replace(item, down=None) for item in reversed(items)
        ]
        return [*reversed(undone)]

    def commit(self) -> None:
        """Keep what was done."""
        assert self._context.connection is not None
        self._context.connection.commit()

    def _done(self, action: MigrateOperation | Statement | Call | None) -> bool:
        from sqlalchemy.exc import SQLAlchemyError

        if action is None or isinstance(action, Statement):
            return isinstance(action, Statement)
        connection = self._context.connection
        assert connection is not None
        try:
            with connection.begin_nested():
                self._run(action)
        except (SQLAlchemyError, NotImplementedError, TypeError, ValueError):
            return False
        return True

    def _run(self, action: MigrateOperation | Call) -> None:
        import sqlalchemy
        from alembic.operations import Operations

        operations = Operations(self._context)
        source, imports = self._writer.source(action)
        names: dict[str, Any] = {"op": operations, "sa": sqlalchemy}
        try:
            exec(f"{imports}\n{source}", names)  # noqa: S102 - made by Alembic just now
        except NameError:  # what the project's own template imports
            if isinstance(action, Call):
                raise
            operations.invoke(action)
