"""Watches the statements of a revision: what its transaction still vouches for, and its timeouts.

`lock_timeout` keeps an upgrade from queueing in front of everybody else, but a CONCURRENTLY
statement that runs into it fails and leaves an invalid index behind; so it is off for those, unless
the revision has set its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event

_CONCURRENTLY = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)
_TRANSACTION_CONTROL = re.compile(
    r"\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b(?!\s+TO\b)", re.IGNORECASE
)


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
        self.transactional = True
        self._own_timeout = False

    def begin(self) -> None:
        """A revision, or another attempt at it, begins."""
        self.transactional = not in_autocommit(self._connection)
        self._own_timeout = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Listen for the length of the block."""
        listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("before_cursor_execute", self._before),
            ("after_cursor_execute", self._after),
        )
        for name, listener in listeners:
            event.listen(self._connection, name, listener)
        autocommit_block = self._context.autocommit_block

        @contextmanager
        def noted_block() -> Iterator[None]:
            self.transactional = False
            with autocommit_block():
                yield

        self._context.autocommit_block = noted_block  # type: ignore[method-assign]
        try:
            yield
        finally:
            self._context.autocommit_block = autocommit_block  # type: ignore[method-assign]
            for name, listener in listeners:
                event.remove(self._connection, name, listener)

    def _before(self, _connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if "lock_timeout" in statement:
            self._own_timeout = True
        elif self._is_exempt(statement):
            cursor.execute("SET lock_timeout = 0")
        if _TRANSACTION_CONTROL.match(statement):
            self.transactional = False

    def _after(self, _connection: Connection, _cursor: Any, statement: str, *_: object) -> None:
        if self._is_exempt(statement):
            # Another cursor: this one's result is still to be read.
            self._connection.connection.cursor().execute(self._lock_timeout)

    def _is_exempt(self, statement: str) -> bool:
        return (
            self._has_timeout
            and not self._own_timeout
            and _CONCURRENTLY.search(statement) is not None
            and in_autocommit(self._connection)
        )


def in_autocommit(connection: Connection) -> bool:
    """Whether the driver's connection commits each statement by itself. The driver is asked, as a
    revision can switch it in more ways than SQLAlchemy hears of."""
    return bool(getattr(connection.connection.dbapi_connection, "autocommit", False))
