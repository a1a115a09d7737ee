"""Writes the notes: on a connection of its own, so that they are committed before what they are
about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modalembic.errors import ModalembicError, TraceFailed
from modalembic.runtime.failure import database_message, sqlstate
from modalembic.runtime.tables.history import HistoryTable, details_literal
from modalembic.runtime.tables.version import literal

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from modalembic.runtime.connection.session import Session
    from modalembic.runtime.record import Record

_DENIED = "42501"
# A revision that has locked the history table would wait for itself, which no server can see.
LIMIT = "SET lock_timeout = '10s'"


class Notebook:
    """The rows of revisions at work in `history`.

    `other` is a session of the same database that is at hand, if there is one. Where it cannot
    write, and where there is none, a connection is made as the one that migrates was made.
    """

    def __init__(
        self, connection: Connection, history: HistoryTable, other: Session | None
    ) -> None:
        self._connection = connection
        self._history = history
        self._other = other
        self._pool: Any = None
        self._own: Any = None
        self._is_limited = False

    def start(self, record: Record, details: Mapping[str, Any]) -> int:
        """Write the row of a revision that has started; its id."""
        *_, insert = record.statements("clock_timestamp()", "NULL", details_literal(details))
        # The columns of every row come first; the state is not among them.
        insert = insert.replace(" (run_id,", " (state, run_id,", 1)
        insert = insert.replace("\nVALUES (", "\nVALUES ('started', ", 1)
        (row,) = self._ask(f"{insert} RETURNING id")
        return int(row[0])

    def write(self, row: int, details: Mapping[str, Any], state: str = "started") -> None:
        """Add `details` to a row."""
        self._ask(f"{self.update(row, details, state)} RETURNING id")

    def update(self, row: int, details: Mapping[str, Any], state: str = "started") -> str:
        """The statement that does the same, for another connection."""
        return (
            f"UPDATE {self._history.qualified} SET state = {literal(state)}, "
            f"details = coalesce(details, '{{}}') || {details_literal(details)} WHERE id = {row}"
        )

    def fail(self, row: int, details: Mapping[str, Any], *, uncertain: bool) -> bool:
        """Note that a revision failed. Its row stays open if something of it may be there, which
        is what is given."""
        left = "true" if uncertain else "coalesce((details ->> 'effects')::int, 0) > 0"
        (answer,) = self._ask(
            f"UPDATE {self._history.qualified} SET state = 'failed', "
            f"details = coalesce(details, '{{}}') || {details_literal(details)} "
            f"|| jsonb_build_object('open', {left}) WHERE id = {row} "
            f"RETURNING {left}"
        )
        return bool(answer[0])

    def close(self) -> None:
        """Close the connection that was made."""
        if self._own is not None:
            self._own.invalidate()
            self._pool.dispose()
            self._own = None

    def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement and commit it. Raises TraceFailed."""
        if self._other is not None:
            try:
                if not self._is_limited:
                    self._other.run(LIMIT)
                    self._is_limited = True
                return self._other.fetch(statement)
            except Exception:  # noqa: BLE001 - its role may have fewer rights, or it is gone
                self._other = None
        try:
            return self._ask_own(statement)
        except ModalembicError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _ask_own(self, statement: str) -> list[tuple[Any, ...]]:
        if self._own is None:
            # Neither the limits of the engine's pool nor its connections are in the way.
            self._pool = self._connection.engine.pool.recreate()
            self._own = self._pool.connect()
            self._own.cursor().execute(LIMIT)
        cursor = self._own.cursor()
        try:
            cursor.execute(statement)
            rows = list(cursor.fetchall())
        finally:
            cursor.close()
        if not getattr(self._own.dbapi_connection, "autocommit", False):
            self._own.commit()
        return rows

    def _failed(self, error: Exception) -> TraceFailed:
        hint = (
            "the server's log says more; nothing of the revision was committed since its last note"
        )
        if sqlstate(error) == _DENIED:
            hint = (
                f"GRANT SELECT, INSERT, UPDATE ON {self._history.qualified} TO the role that "
                "env.py connects as"
            )
        return TraceFailed(
            "a revision was about to commit a part of what it does, and that could not be noted "
            f"beforehand: {database_message(error)}",
            hint=hint,
        )
