"""Looks at the locks that a revision holds, whenever it is about to lose them.

They are lost at the end of its transaction: before the commit, where it enters an
`autocommit_block`, where it says COMMIT in SQL, and within such a block after each statement, which
therefore gets a transaction around it if it may be one that changes rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from modalembic.runtime.connection.session import SqlalchemySession
from modalembic.runtime.sql_text import controls_transaction, without_opaque
from modalembic.runtime.tables.version import literal
from modalembic.runtime.watch.guard import in_autocommit
from modalembic.runtime.watch.watch import Watch

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection

    from modalembic.history.plan import Step

_BEGIN = "SELECT pg_modalembic.begin()"
_LOOK = "SELECT pg_modalembic.note_locks()"
# A procedure, or a DO block with COMMIT in it, cannot run inside of a transaction.
_CHANGES_ROWS = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|WITH|SELECT|TRUNCATE|COPY|DO)\b", re.IGNORECASE
)
_COMMITS = re.compile(r"\b(COMMIT|ROLLBACK)\b", re.IGNORECASE)
_BEGINS = re.compile(r"\s*(BEGIN|START)\b", re.IGNORECASE)


class RecordingWatch(Watch):
    """Has Postgres note what each step's locks say, and where each step ends."""

    traces = False

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._wrapped = False
        self._by_hand = False

    @contextmanager
    def watching(self, context: MigrationContext) -> Iterator[None]:
        assert context.connection is not None
        self._connection = connection = context.connection
        listeners: tuple[tuple[Any, str, Callable[..., None]], ...] = (
            (connection, "before_cursor_execute", self._before),
            (connection, "after_cursor_execute", self._after),
            (connection.engine, "handle_error", self._failed),
        )
        SqlalchemySession(connection).run(_BEGIN)
        autocommit_block = context.autocommit_block

        @contextmanager
        def noted_block() -> Iterator[None]:
            self._run(_LOOK)
            with autocommit_block():
                yield

        for target, name, listener in listeners:
            event.listen(target, name, listener)
        context.autocommit_block = noted_block  # type: ignore[method-assign]
        try:
            yield
        finally:
            context.autocommit_block = autocommit_block  # type: ignore[method-assign]
            for target, name, listener in listeners:
                event.remove(target, name, listener)

    def done(self, step: Step) -> None:
        self._by_hand = False
        self._run(f"SELECT pg_modalembic.end_of({literal(step.revision.id)})")

    def _before(self, connection: Connection, _cursor: Any, statement: str, *_: object) -> None:
        autocommit = in_autocommit(connection)
        if controls_transaction(statement):
            if not autocommit or self._by_hand:
                with suppress(Exception):  # a transaction that has failed holds nothing
                    self._run(_LOOK)
            self._by_hand = autocommit and _BEGINS.match(without_opaque(statement)) is not None
        elif autocommit and not self._by_hand and _may_be_wrapped(statement):
            self._run("BEGIN")
            self._wrapped = True

    def _after(self, *_: object) -> None:
        if self._wrapped:
            self._wrapped = False
            self._run(_LOOK)
            self._run("COMMIT")

    def _failed(self, context: Any) -> None:
        if self._wrapped and context.connection is self._connection:
            self._wrapped = False
            self._run("ROLLBACK")

    def _run(self, statement: str) -> None:
        """On a cursor of its own: the revision's may have a result that is still to be read."""
        assert self._connection is not None
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(statement)
        finally:
            cursor.close()


def _may_be_wrapped(statement: str) -> bool:
    if _CHANGES_ROWS.match(without_opaque(statement)) is None:
        return False
    # What is between dollar quotes is the block itself.
    return not (
        without_opaque(statement).lstrip()[:2].upper() == "DO" and _COMMITS.search(statement)
    )
