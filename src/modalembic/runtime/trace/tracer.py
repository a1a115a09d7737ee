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

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, event

from modalembic.runtime.failure import broken_by, is_disconnect, sqlstate
from modalembic.runtime.guard import in_autocommit
from modalembic.runtime.sql_text import controls_transaction
from modalembic.runtime.trace import course as reasons
from modalembic.runtime.trace.course import Course, Position
from modalembic.runtime.trace.driver import watched_driver
from modalembic.runtime.trace.evidence import evidence_of
from modalembic.runtime.trace.replay import Replay
from modalembic.runtime.trace.statement import (
    Kind,
    begins,
    kind_of,
    leaves_session_state,
    may_leave_a_part,
    only_commits,
    only_rolls_back,
    sets_session,
    shown,
)

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from modalembic.history.plan import Step
    from modalembic.runtime.record import Record
    from modalembic.runtime.trace.found import Trace
    from modalembic.runtime.trace.notebook import Notebook

_IN_TRANSACTION = "25001"  # cannot run inside a transaction block
_WROTE = "SELECT pg_catalog.txid_current_if_assigned() IS NOT NULL"


@dataclass
class _Sent:
    """The statement at work. `wrapped`: in a transaction of ours, in autocommit."""

    kind: Kind
    text: str
    digest: str
    wrapped: bool = False
    alone: bool = False
    skipped: bool = False
    leaves_session_state: bool = False
    may_leave_a_part: bool = False


class Tracer:
    """Listens on the connection that migrates, and has notes written where they are due."""

    def __init__(self, context: MigrationContext, notebook: Notebook) -> None:
        assert context.connection is not None
        self._context = context
        self._connection: Connection = context.connection
        self._notebook = notebook
        self._is_at_work = False
        self._reset(None, None)

    def _reset(self, record: Record | None, replay: Replay | None) -> None:
        self._record = record
        self._course = Course()
        self._committed = Position()
        self._replay = replay
        self._row: int | None = None
        self._sent: _Sent | None = None
        self._by_hand = False

    @property
    def row(self) -> int | None:
        """The row that the revision at work has in the history table already, if it has one."""
        return self._row

    def begin(self, step: Step, record: Record, trace: Trace | None) -> None:
        """A revision begins, or another attempt at it; `trace` is what it did before, where it was
        interrupted and settled."""
        self._reset(record, Replay(step, trace) if trace is not None else None)
        if trace is not None:
            self._row = trace.row
            self._committed = trace.position
        self._is_at_work = True

    def end(self) -> None:
        """The revision has returned: what follows is its version row. Raises what `Replay` does
        where not all came again that it did before."""
        self._is_at_work = False
        if self._replay is not None:
            self._replay.require_complete(self._course.ran)

    def details(self) -> dict[str, Any]:
        """For the row, when it is ended."""
        if self._row is None:
            return {}
        position = self._course.position()
        return {
            "open": False,
            "sent": None,
            "statements": self._shown(position.ran),
            **position.document(),
        }

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
        if self._row is None or self._connection.invalidated or is_disconnect(cause):
            return None
        sent = self._sent
        # What the server itself has refused it has undone; Ctrl-C may have come after its answer.
        refused = sqlstate(cause) is not None
        uncertain = sent is not None and sent.alone and (sent.may_leave_a_part or not refused)
        details: dict[str, Any] = {"error": str(error).partition("\n")[0][:500]}
        if not uncertain:
            details["sent"] = None
        with suppress(Exception):  # what broke the revision is told, not this
            return self._notebook.fail(self._row, details, uncertain=uncertain)
        return None

    # --- what the revision does ------------------------------------------------------------------

    def _before(
        self, _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if not self._is_at_work:
            return
        if self._sent is not None:
            self._course.block(reasons.WENT_ON)
        digest = self._course.follows(statement, parameters)
        is_session = sets_session(statement)
        sent = _Sent("session" if is_session else "plain", shown(statement), digest)
        self._sent = sent
        if self._replays():
            sent.skipped = not is_session
            return
        sent.leaves_session_state = leaves_session_state(statement)
        if controls_transaction(statement):
            self._controls(statement)
        elif not is_session and in_autocommit(self._connection):
            self._announce(sent, statement)

    def _after(self, _connection: Connection, cursor: Any, *_: Any) -> None:
        sent = self._sent
        if not self._is_at_work or sent is None:
            return
        if self._replays():
            self._came_again(sent)
            return
        if sent.leaves_session_state:
            self._course.block(reasons.SESSION)
        if cursor.description is not None and sent.kind != "session":
            self._course.block(reasons.READ)
        effect = sent.kind != "session"
        if sent.wrapped and cursor.description is not None:
            effect = bool(self._driver(_WROTE)[0][0])
        self._course.add(sent.text, sent.digest, cursor.rowcount, effect=effect)
        if sent.wrapped:
            self._mark()
            self._driver("COMMIT")
        elif sent.alone:
            self._note_done()
        self._sent = None

    def _came_again(self, sent: _Sent) -> None:
        assert self._replay is not None
        rowcount = self._replay.rowcount(self._course.ran)
        self._course.add(sent.text, sent.digest, rowcount, effect=sent.kind != "session")
        self._sent = None
        if self._course.ran == self._replay.position.ran:
            self._replay.require_same(self._course.digest)

    def _execute(self, name: str, *arguments: Any) -> bool:
        """In a dialect's event: whether the statement is not to be sent by SQLAlchemy."""
        context = arguments[-1]
        sent = self._sent
        if context.root_connection is not self._connection or sent is None:
            return False
        if sent.skipped:
            assert self._replay is not None
            # As SQLAlchemy does itself, where it has read the number before the cursor is closed.
            context._rowcount = self._replay.rowcount(self._course.ran)  # noqa: SLF001
            return True
        if sent.wrapped:
            self._send_wrapped(sent, partial(getattr(context.dialect, name), *arguments))
            return True
        return False

    def _send_wrapped(self, sent: _Sent, send: Callable[[], None]) -> None:
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
            self._note_sent(sent, None)
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
            self._leave()

    def _takes_driver(self) -> None:
        """The revision has taken the driver's own connection: what it does with it is not seen."""
        if not self._is_at_work or self._course.blocked == reasons.DRIVER:
            return
        if self._replays():
            assert self._replay is not None
            self._replay.refuse(reasons.DRIVER)
        self._course.block(reasons.DRIVER)
        self._course.effects += 1
        self._start()
        if in_autocommit(self._connection):
            self._note_done()

    def _controls(self, statement: str) -> None:
        if only_commits(statement):
            self._by_hand = False
        else:
            self._course.block(reasons.CONTROLS)
            self._by_hand = begins(statement)
        if in_autocommit(self._connection):
            self._start()
        elif only_rolls_back(statement):
            self._course.effects = self._committed.effects
        else:
            self._leave()

    def _enters_block(self) -> None:
        """The revision is about to enter `autocommit_block`."""
        if self._is_at_work and not self._replays():
            self._start()

    # --- what is noted ---------------------------------------------------------------------------

    def _replays(self) -> bool:
        return self._replay is not None and self._course.ran < self._replay.position.ran

    def _start(self) -> None:
        """Have a row that says that the revision has started."""
        if self._row is None:
            assert self._record is not None
            self._row = self._notebook.start(self._record, self._noted(together=True))

    def _leave(self) -> None:
        """What the transaction has done is about to be committed."""
        unseen = self._course.blocked == reasons.DRIVER
        if self._course.ran == self._committed.ran and not unseen:
            return
        try:
            wrote = bool(self._driver(_WROTE)[0][0])
        except Exception:  # noqa: BLE001 - a transaction that has failed commits nothing
            return
        if not wrote:
            self._course.effects = self._committed.effects
            self._committed = self._course.position()
            return
        if self._row is None:
            self._start()
        else:
            self._notebook.write(self._row, self._noted(together=True))
        self._mark()

    def _mark(self) -> None:
        """On the connection that migrates, in the transaction that is about to be committed."""
        assert self._row is not None
        before, self._committed = self._committed, self._course.position()
        try:
            self._driver(self._notebook.update(self._row, self._noted(together=False)))
        except BaseException:
            self._committed = before
            raise

    def _announce(self, sent: _Sent, statement: str) -> None:
        """A statement is about to be sent in autocommit."""
        self._start()
        assert self._row is not None
        # Within a transaction that the revision began in SQL nobody knows what becomes of it.
        sent.kind = "other" if self._by_hand else kind_of(statement)
        sent.may_leave_a_part = may_leave_a_part(sent.kind)
        sent.wrapped = sent.kind == "plain"
        sent.alone = not sent.wrapped
        self._note_sent(sent, None if sent.wrapped else evidence_of(self._driver, statement))

    def _note_sent(self, sent: _Sent, evidence: Mapping[str, Any] | None) -> None:
        assert self._row is not None
        details = self._noted(together=sent.wrapped)
        details["sent"] = {
            "statements": [sent.text],
            "together": sent.wrapped,
            "kind": sent.kind,
            "digest": sent.digest,
            "evidence": evidence,
        }
        self._notebook.write(self._row, details)

    def _note_done(self) -> None:
        assert self._row is not None
        self._committed = self._course.position()
        self._notebook.write(self._row, self._noted(together=False))

    def _noted(self, *, together: bool) -> dict[str, Any]:
        """What is committed, and what is about to be."""
        pending = self._course.shown_since(self._committed.ran)
        sent: Mapping[str, Any] | None = None
        if pending and together:
            sent = {"statements": pending, "together": True}
        return {
            "open": True,
            "settled": False,
            "statements": self._shown(self._committed.ran),
            "sent": sent,
            **self._committed.document(),
            "blocked": self._course.blocked,
        }

    def _shown(self, ran: int) -> list[str]:
        return self._course.shown_until(ran)

    def _driver(self, statement: str) -> list[tuple[Any, ...]]:
        """On a cursor of its own: the revision's may have a result that is still to be read."""
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            cursor.close()
