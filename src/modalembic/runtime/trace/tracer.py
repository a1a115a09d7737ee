"""Leaves a trace of a revision before anything of it is committed without its version row.

Postgres commits a part of a revision where it enters `autocommit_block`, where COMMIT is called or
sent, and after every statement of a connection in autocommit. The statements of a transaction are
noted before it is committed, and marked as done in that transaction itself, so that the mark tells
for certain whether it was. In autocommit a statement that may run in a transaction is given one for
the same end; of one that may not (CONCURRENTLY), what the catalog has before it is noted, so that
the catalog can tell afterwards.

A revision that was interrupted and settled is gone on with: what it did before comes again as the
same statements, which are not sent; see `replay`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, event

from modalembic.runtime.failure import broken_by, is_disconnect, sqlstate
from modalembic.runtime.sql_text import controls_transaction
from modalembic.runtime.trace import course as reasons
from modalembic.runtime.trace.driver import watched_driver
from modalembic.runtime.trace.evidence import evidence_of
from modalembic.runtime.trace.notes import Notes, Sent
from modalembic.runtime.trace.replay import Replay
from modalembic.runtime.trace.statement import (
    begins,
    kind_of,
    leaves_session_state,
    may_leave_a_part,
    only_commits,
    only_rolls_back,
    sets_session,
    shown,
)
from modalembic.runtime.watch.guard import in_autocommit

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from modalembic.history.plan import Step
    from modalembic.runtime.record import Record
    from modalembic.runtime.trace.found import Trace
    from modalembic.runtime.trace.notebook import Notebook

_IN_TRANSACTION = "25001"  # cannot run inside a transaction block


class Tracer:
    """Listens on the connection that migrates, and has notes written where they are due."""

    def __init__(self, context: MigrationContext, notebook: Notebook) -> None:
        assert context.connection is not None
        self._context = context
        self._connection: Connection = context.connection
        self._notebook = notebook
        self._is_at_work = False
        self._notes: Notes | None = None
        self._replay: Replay | None = None
        self._sent: Sent | None = None
        self._by_hand = False

    @property
    def row(self) -> int | None:
        """The row that the revision at work has in the history table already, if it has one."""
        return None if self._notes is None else self._notes.row

    def begin(self, step: Step, record: Record, trace: Trace | None) -> None:
        """A revision begins, or another attempt at it; `trace` is what it did before, where it was
        interrupted and settled."""
        self._notes = Notes(self._notebook, self._driver, record, trace)
        self._replay = None if trace is None else Replay(step, trace)
        self._sent = None
        self._by_hand = False
        self._is_at_work = True

    def end(self) -> None:
        """The revision has returned: what follows is its version row. Raises what `Replay` does
        where not all came again that it did before."""
        self._is_at_work = False
        if self._replay is not None and self._notes is not None:
            self._replay.require_complete(self._notes.course.ran)

    def details(self) -> dict[str, Any]:
        """For the row, when it is ended."""
        return {} if self._notes is None else self._notes.ended()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Listen for the length of the block."""
        engine, connection = self._connection.engine, self._connection
        listeners: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
            (connection, "before_cursor_execute", self._before),
            (connection, "after_cursor_execute", self._after),
            (connection, "commit", self._commits),
            (engine, "handle_error", self._failed),
            *(
                (engine, name, partial(self._execute, name))
                for name in ("do_execute", "do_execute_no_params", "do_executemany")
            ),
        )
        autocommit_block = self._context.autocommit_block

        @contextmanager
        def noted_block() -> Iterator[None]:
            self._enters_block()
            with autocommit_block():
                yield

        for target, name, listener in listeners:
            event.listen(target, name, listener)
        self._context.autocommit_block = noted_block  # type: ignore[method-assign]
        try:
            with watched_driver(connection, self._takes_driver):
                yield
        finally:
            self._is_at_work = False
            self._context.autocommit_block = autocommit_block  # type: ignore[method-assign]
            for target, name, listener in listeners:
                event.remove(target, name, listener)
            self._notebook.close()

    def fails(self, error: BaseException) -> bool | None:
        """The revision has failed, and its transaction is rolled back: note how far it came.

        Gives whether something of it is left; None where it left no transaction, or where that
        cannot be known: a connection that is gone may have left a statement at work.
        """
        self._is_at_work = False
        cause = broken_by(error.__cause__ or error)
        if self.row is None or self._connection.invalidated or is_disconnect(cause):
            return None
        assert self._notes is not None
        sent = self._sent
        # What the server itself has refused it has undone; Ctrl-C may have come after its answer.
        refused = sqlstate(cause) is not None
        uncertain = sent is not None and sent.alone and (sent.may_leave_a_part or not refused)
        with suppress(Exception):  # what broke the revision is told, not this
            return self._notes.fail(error, uncertain=uncertain)
        return None

    def _before(
        self, _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        notes = self._notes
        if not self._is_at_work or notes is None:
            return
        if self._sent is not None:
            notes.course.block(reasons.WENT_ON)
        digest = notes.course.follows(statement, parameters)
        is_session = sets_session(statement)
        self._sent = sent = Sent("session" if is_session else "plain", shown(statement), digest)
        if self._replays():
            sent.skipped = not is_session
            return
        sent.leaves_session_state = leaves_session_state(statement)
        if controls_transaction(statement):
            self._controls(notes, statement)
        elif not is_session and in_autocommit(self._connection):
            self._announce(notes, sent, statement)

    def _after(self, _connection: Connection, cursor: Any, *_: Any) -> None:
        sent, notes = self._sent, self._notes
        if not self._is_at_work or sent is None or notes is None:
            return
        if self._replays():
            self._came_again(notes, sent)
            return
        self._was_done(notes, sent, cursor)
        if sent.wrapped:
            notes.mark()
            self._driver("COMMIT")
        elif sent.alone:
            notes.done()
        self._sent = None

    def _was_done(self, notes: Notes, sent: Sent, cursor: Any) -> None:
        effect, reads = sent.kind != "session", cursor.description is not None
        if sent.leaves_session_state:
            notes.course.block(reasons.SESSION)
        if reads and effect:
            notes.course.block(reasons.READ)
        if reads and sent.wrapped:
            effect = notes.wrote()
        notes.course.add(sent.text, sent.digest, cursor.rowcount, effect=effect)

    def _came_again(self, notes: Notes, sent: Sent) -> None:
        assert self._replay is not None
        rowcount = self._replay.rowcount(notes.course.ran)
        notes.course.add(sent.text, sent.digest, rowcount, effect=sent.kind != "session")
        self._sent = None
        if not self._replays():
            self._replay.require_same(notes.course.digest)

    def _execute(self, name: str, *arguments: Any) -> bool:
        """In a dialect's event: whether the statement is not to be sent by SQLAlchemy."""
        context, sent, notes = arguments[-1], self._sent, self._notes
        if context.root_connection is not self._connection or sent is None or notes is None:
            return False
        if sent.skipped:
            assert self._replay is not None
            # As SQLAlchemy does itself, where it has read the number before the cursor is closed.
            context._rowcount = self._replay.rowcount(notes.course.ran)  # noqa: SLF001
            return True
        if sent.wrapped:
            self._send_wrapped(notes, sent, partial(getattr(context.dialect, name), *arguments))
            return True
        return False

    def _send_wrapped(self, notes: Notes, sent: Sent, send: Callable[[], None]) -> None:
        """Send a statement in a transaction of its own; alone, if the server says that it cannot be
        in one: extensions have such functions and views."""
        self._driver("BEGIN")
        try:
            send()
        except Exception as error:
            if sqlstate(error) != _IN_TRANSACTION:
                raise
            self._driver("ROLLBACK")
            sent.kind, sent.wrapped, sent.alone = "other", False, True
            notes.send(sent, None)
            send()

    def _failed(self, context: Any) -> None:
        sent = self._sent
        if sent is not None and sent.wrapped and context.connection is self._connection:
            sent.wrapped = False
            with suppress(Exception):
                self._driver("ROLLBACK")

    def _commits(self, connection: Connection) -> None:
        """SQLAlchemy is about to commit."""
        if self._is_at_work and not self._replays() and not in_autocommit(connection):
            assert self._notes is not None
            self._notes.leave()

    def _enters_block(self) -> None:
        """The revision is about to enter `autocommit_block`."""
        if self._is_at_work and not self._replays():
            assert self._notes is not None
            self._notes.start()

    def _takes_driver(self) -> None:
        """The revision has taken the driver's own connection: what it does with it is not seen."""
        notes = self._notes
        if not self._is_at_work or notes is None or notes.course.blocked == reasons.DRIVER:
            return
        if self._replays():
            assert self._replay is not None
            self._replay.refuse(reasons.DRIVER)
        notes.course.block(reasons.DRIVER)
        notes.course.effects += 1
        notes.start()
        if in_autocommit(self._connection):
            notes.done()

    def _controls(self, notes: Notes, statement: str) -> None:
        """A statement is about to be sent that begins or ends a transaction."""
        if only_commits(statement):
            self._by_hand = False
        else:
            notes.course.block(reasons.CONTROLS)
            self._by_hand = begins(statement)
        if in_autocommit(self._connection):
            notes.start()
        elif only_rolls_back(statement):
            notes.forget_effects()
        else:
            notes.leave()

    def _replays(self) -> bool:
        replay, notes = self._replay, self._notes
        return replay is not None and notes is not None and notes.course.ran < replay.position.ran

    def _announce(self, notes: Notes, sent: Sent, statement: str) -> None:
        """A statement is about to be sent in autocommit."""
        notes.start()
        # Within a transaction that the revision began in SQL nobody knows what becomes of it.
        sent.kind = "other" if self._by_hand else kind_of(statement)
        sent.may_leave_a_part = may_leave_a_part(sent.kind)
        sent.wrapped = sent.kind == "plain"
        sent.alone = not sent.wrapped
        notes.send(sent, None if sent.wrapped else evidence_of(self._driver, statement))

    def _driver(self, statement: str) -> list[tuple[Any, ...]]:
        """On a cursor of its own: the revision's may have a result that is still to be read."""
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            cursor.close()
