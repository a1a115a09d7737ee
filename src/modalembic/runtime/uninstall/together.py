"""All downgrades of a module in one transaction: everything is undone, or nothing.

Each revision has its savepoint, so that it can be tried again after a lock timeout. A revision that
would leave the transaction is stopped before anything of it is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, event

from modalembic.errors import MigrationFailed, RunStopped, TransactionEnded
from modalembic.history.plan import Plan, Step
from modalembic.runtime.applied import AppliedStep
from modalembic.runtime.connection.session import SqlalchemySession
from modalembic.runtime.execute import Executor
from modalembic.runtime.options import Observer
from modalembic.runtime.sql_text import controls_transaction
from modalembic.runtime.watch.watch import Watch

# A transaction that waits for a backup is at work, whatever the server makes of it.
_NO_LIMITS = """
SELECT set_config(name, '0', true) FROM pg_catalog.pg_settings
 WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')
"""


class LeavesTransaction(TransactionEnded):
    """A revision was about to commit by itself; all was rolled back."""


class Together(Executor):
    """Runs the steps of a plan in one transaction, between `prepare` and `conclude`, which are
    called within it. Where a revision leaves its transaction, nothing has happened, and
    LeavesTransaction is raised."""

    def __init__(
        self,
        prepare: Callable[[], None],
        conclude: Callable[[], None],
        *arguments: Any,
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self._prepare = prepare
        self._conclude = conclude
        self._buffer = _Buffer(self._observer)
        self._watch = self._trap = _Trap(self._context, self._connection)

    def run(self, plan: Plan, arguments: Mapping[str, Any]) -> tuple[AppliedStep, ...]:
        # Made beforehand: whoever makes it within the transaction would have others wait for it.
        self._create_tables()
        history = replace(self._situation.history, exists=True)
        self._situation = replace(self._situation, history=history)
        self._observer = self._buffer
        try:
            with self._connection.begin(), self._trap.savepoints():
                self._session.fetch(_NO_LIMITS)
                self._prepare()
                done = super().run(plan, arguments)
                self._trap.require_untouched()
                self._conclude()
        except (MigrationFailed, RunStopped) as error:
            self._trap.require_untouched()
            error.applied = ()
            error.hint = (
                f"all of it was rolled back, and {plan.target.partition('@')[0]} is as it was; "
                "mend the revision and run the command again"
            )
            raise
        self._buffer.release()
        return done


class _Trap(Watch):
    """Keeps revisions from ending the transaction that they share. As a watch it is entered after
    all others that listen, so that a revision is stopped before anybody notes what it is up to."""

    # Nothing is committed on the way, so there is nothing to be traced.
    traces = False

    def __init__(self, context: MigrationContext, connection: Connection) -> None:
        self._context = context
        self._connection = connection
        self._sprung: LeavesTransaction | None = None
        self._transaction: int | None = None

    @contextmanager
    def savepoints(self) -> Iterator[None]:
        """Each step has a savepoint where it would have a transaction."""
        begin_transaction = self._context.begin_transaction
        self._context.begin_transaction = self._savepoint  # type: ignore[method-assign]
        try:
            yield
        finally:
            self._context.begin_transaction = begin_transaction  # type: ignore[method-assign]

    @contextmanager
    def watching(self, context: MigrationContext) -> Iterator[None]:
        self._transaction = self._now()
        autocommit_block = context.autocommit_block
        listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("commit", self._commit),
            ("before_cursor_execute", self._before),
        )
        context.autocommit_block = self._refused_block  # type: ignore[method-assign]
        for name, listener in listeners:
            event.listen(self._connection, name, listener, insert=True)
        try:
            yield
        finally:
            for name, listener in listeners:
                event.remove(self._connection, name, listener)
            context.autocommit_block = autocommit_block  # type: ignore[method-assign]

    def done(self, step: Step) -> None:
        self.require_untouched()
        if self._now() != self._transaction:
            raise TransactionEnded(
                f"revision {step.revision.id} ended the transaction by the driver's own means, so "
                "that a part of what was undone is committed",
                hint="take that out; look at the database before the next run",
                path=step.revision.path,
                line=step.revision.line,
            )

    def require_untouched(self) -> None:
        """Raise LeavesTransaction again where a revision has swallowed it."""
        if self._sprung is not None:
            raise self._sprung

    def _now(self) -> int:
        """The number of the transaction at work."""
        return int(SqlalchemySession(self._connection).fetch("SELECT txid_current()")[0][0])

    def _savepoint(self, _per_migration: bool = False) -> AbstractContextManager[Any]:
        return self._connection.begin_nested() if _per_migration else nullcontext()

    @contextmanager
    def _refused_block(self) -> Iterator[None]:
        self._spring()
        yield

    def _commit(self, _connection: Connection) -> None:
        self._spring()

    def _before(self, _connection: Connection, _cursor: Any, statement: str, *_: object) -> None:
        if controls_transaction(statement):
            self._spring()

    def _spring(self) -> None:
        self._sprung = LeavesTransaction("a revision leaves its transaction")
        raise self._sprung


class _Buffer(Observer):
    """Passes on what a run tells, but for steps that are done, which are not committed yet, and for
    a revision that was stopped before it left the transaction."""

    def __init__(self, observer: Observer) -> None:
        self._finished: list[AppliedStep] = []
        self._inner = observer
        for name in vars(Observer):
            if not name.startswith("_") and name not in {"finished", "failed"}:
                setattr(self, name, getattr(observer, name))

    def finished(self, done: AppliedStep) -> None:
        self._finished.append(done)

    def failed(self, step: Step, error: BaseException) -> None:
        if not isinstance(error, LeavesTransaction):
            self._inner.failed(step, error)

    def release(self) -> None:
        """Tell of the steps: they are committed."""
        for done in self._finished:
            self._inner.finished(done)
