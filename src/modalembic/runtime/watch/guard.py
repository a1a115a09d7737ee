"""Watches the statements of a revision: what its transaction still vouches for, and its timeouts.

`lock_timeout` keeps an upgrade from queueing in front of everybody else, but a CONCURRENTLY
statement that runs into it fails and leaves an invalid index behind; so it is off for those, unless
the revision has set its own. Nobody who reads or writes rows queues behind them, except at the end
of a DETACH PARTITION: see `sentry`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, ExceptionContext, Transaction, event

from modalembic.errors import TransactionEnded
from modalembic.history.revision import Revision
from modalembic.runtime.concurrently import kind_of
from modalembic.runtime.connection.session import SqlalchemySession
from modalembic.runtime.sql_text import controls_transaction
from modalembic.runtime.watch.sentry import Sentry


class StatementGuard:
    """Listens on the connection of a migration context while its revisions run.

    `transactional` is false once the revision at work has committed anything by itself: it entered
    `autocommit_block`, controlled its transaction in SQL, or runs on a connection in autocommit.
    """

    def __init__(self, context: MigrationContext, lock_timeout: float) -> None:
        assert context.connection is not None
        self._connection: Connection = context.connection
        self._context = context
        self._lock_timeout = f"SET lock_timeout = {round(lock_timeout * 1000)}"
        self._has_timeout = lock_timeout > 0
        self._sentry = Sentry(SqlalchemySession(context.connection), lock_timeout)
        self.transactional = True
        self._own_timeout = False
        self._suspended = False
        self._transaction: Transaction | None = None

    def begin(self) -> None:
        """A revision, or another attempt at it, begins."""
        self.transactional = not in_autocommit(self._connection)
        self._own_timeout = False
        self._transaction = None

    def began(self) -> None:
        """The transaction of the revision has begun."""
        self._transaction = self._connection.get_transaction()

    def require_transaction(self, revision: Revision) -> None:
        """Raise TransactionEnded unless the transaction that began, or the one that
        `autocommit_block` begins in its place, is still the one at work: what is written from here
        on has to share its fate."""
        now = self._connection.get_transaction()
        if now is not None and now is self._transaction and now.is_active:
            return
        self.transactional = False
        raise TransactionEnded(
            f"revision {revision.id} ended its own transaction: it called commit() or rollback() "
            "on op.get_bind(), or on a Session that is bound to it",
            hint="take that out; modalembic commits each revision. What it committed by itself "
            "stays: modalembic doctor says what that is, and what mends it",
            path=revision.path,
            line=revision.line,
        )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Listen for the length of the block."""
        listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("before_cursor_execute", self._before),
            ("after_cursor_execute", self._after),
        )
        event.listen(self._connection.engine, "handle_error", self._failed)
        for name, listener in listeners:
            event.listen(self._connection, name, listener)
        autocommit_block = self._context.autocommit_block

        @contextmanager
        def noted_block() -> Iterator[None]:
            self.transactional = False
            with autocommit_block():
                yield
            self.began()

        self._context.autocommit_block = noted_block  # type: ignore[method-assign]
        try:
            yield
        finally:
            self._context.autocommit_block = autocommit_block  # type: ignore[method-assign]
            self._sentry.stop()
            event.remove(self._connection.engine, "handle_error", self._failed)
            for name, listener in listeners:
                event.remove(self._connection, name, listener)

    def _before(self, _connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if self._suspended:
            # The statement failed that it was suspended for.
            self._suspended = False
            cursor.execute(self._lock_timeout)
        if "lock_timeout" in statement.lower():
            self._own_timeout = True
        elif self._is_exempt(statement, cursor):
            self._suspended = True
            cursor.execute("SET lock_timeout = 0")
        if controls_transaction(statement):
            self.transactional = False

    def _failed(self, context: ExceptionContext) -> None:
        if context.connection is self._connection:
            self._sentry.stop()

    def _after(self, *_: object) -> None:
        self._sentry.stop()
        if self._suspended:
            self._suspended = False
            # Another cursor: this one's result is still to be read.
            self._connection.connection.cursor().execute(self._lock_timeout)

    def _is_exempt(self, statement: str, cursor: Any) -> bool:
        if not self._has_timeout or self._own_timeout or not in_autocommit(self._connection):
            return False
        kind = kind_of(statement)
        if kind != "detach":
            return kind is not None
        cursor.execute("SELECT pg_catalog.pg_backend_pid()")
        return self._sentry.start(int(cursor.fetchone()[0]))


def in_autocommit(connection: Connection) -> bool:
    """Whether each statement on the driver's connection is committed by itself. The driver is
    asked, as a revision can switch it in more ways than SQLAlchemy hears of."""
    fairy = connection.connection
    if getattr(fairy.dbapi_connection, "autocommit", False):
        return True
    return _is_left_without_transaction(fairy.dbapi_connection, fairy.driver_connection)


def _is_left_without_transaction(dbapi: Any, driver: Any) -> bool:
    """Whether a driver that begins transactions by itself takes one for open that COMMIT in SQL has
    ended: psycopg2 and asyncpg do, and what comes then is committed at once."""
    if hasattr(driver, "is_in_transaction"):  # asyncpg
        believed = getattr(dbapi, "_transaction", None) is not None
        return believed and not driver.is_in_transaction()
    if hasattr(driver, "get_transaction_status"):  # psycopg2
        begun, idle = 2, 0
        return bool(driver.status == begun and driver.get_transaction_status() == idle)
    return False
