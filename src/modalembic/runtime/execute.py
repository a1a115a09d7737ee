"""Executing a plan: a transaction for each revision, its version and history rows in it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationInfo

from modalembic.errors import (
    MigrationFailed,
    ModalembicError,
    RevisionImportError,
)
from modalembic.history.plan import Plan, Step
from modalembic.history.state import VersionRows
from modalembic.project import Project
from modalembic.runtime.applied import AppliedStep
from modalembic.runtime.connection.session import Session, SqlalchemySession
from modalembic.runtime.failure import (
    FINALIZE,
    LEFT,
    MAY_GO_WELL,
    NOTHING_LEFT,
    broken_by,
    migration_failed,
    sqlstate,
)
from modalembic.runtime.identity import application_name
from modalembic.runtime.loader import RevisionLoader
from modalembic.runtime.options import Observer, Settled
from modalembic.runtime.record import SETTINGS, Record, Recorder, write_record
from modalembic.runtime.state.reconcile import reconcile
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.stopping.stop import attended, is_wanted
from modalembic.runtime.trace.found import Trace
from modalembic.runtime.trace.notebook import Notebook
from modalembic.runtime.trace.tracer import Tracer
from modalembic.runtime.watch.guard import StatementGuard, in_autocommit
from modalembic.runtime.watch.held import HeldLocks
from modalembic.runtime.watch.watch import Watch

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0

_log = logging.getLogger("alembic.runtime.migration")


_SETTINGS = f"SELECT {', '.join(SETTINGS)}, current_setting('application_name')"
_SET = """
SELECT set_config('lock_timeout', %(lock)s, false),
       set_config('statement_timeout', %(statement)s, false),
       set_config('search_path', %(path)s, false),
       set_config('application_name', %(name)s, false)
"""


class Executor:
    """Runs the steps of one plan on the connection of a migration context."""

    def __init__(
        self,
        project: Project,
        context: MigrationContext,
        situation: Situation,
        loader: RevisionLoader,
        options: Settled,
        observer: Observer,
        watch: Watch,
        *,
        run_id: str,
        other: Session | None = None,
        traces: Mapping[str, Trace] | None = None,
    ) -> None:
        assert context.connection is not None
        self._project = project
        self._graph = project.graph
        self._context = context
        self._connection = context.connection
        self._session = SqlalchemySession(context.connection)
        self._situation = situation
        self._rows = VersionRows(project.graph, situation.state)
        self._loader = loader
        self._options = options
        self._observer = observer
        self._watch = watch
        self._guard = StatementGuard(context, options.lock_timeout)
        self._held = HeldLocks(context, other)
        self._traces = traces or {}
        self._tracer = Tracer(context, Notebook(context.connection, situation.history, other))
        self._run_id = run_id
        self._recorder = Recorder(
            project, situation.versions, situation.history, self._rows, run_id
        )
        self._settings = {
            "lock": f"{round(options.lock_timeout * 1000)}ms",
            "statement": f"{round(options.statement_timeout * 1000)}ms",
            "name": application_name(run_id),
        }
        self._shown: tuple[str, ...] = ()
        self._in_force: tuple[str, ...] = ()

    def run(self, plan: Plan, arguments: Mapping[str, Any]) -> tuple[AppliedStep, ...]:
        """Run every step of `plan`; `arguments` go to each `upgrade()` or `downgrade()`.

        Raises MigrationFailed with what had been committed by then.
        """
        if self._options.preflight:
            self._load_all(plan)
        self._create_tables()
        if plan.direction == "upgrade":
            reconcile(self._project, self._session, self._situation, self._run_id)
        lock, statement, path, name = self._session.fetch(_SETTINGS)[0]
        before = {"lock": lock, "statement": statement, "path": path, "name": name}
        self._settings["path"] = path
        self._set_settings()
        done: list[AppliedStep] = []
        try:
            self._context.impl.start_migrations()
            with (
                self._guard.watching(),
                self._held.watching(),
                self._tracer.watching() if self._watch.traces else nullcontext(),
                self._watch.watching(self._context),
            ):
                for step in plan.steps:
                    with attended(step, done, lambda: self._guard.transactional):
                        done.append(self._run_step(step, arguments))
                    self._observer.finished(done[-1])
        except MigrationFailed as error:
            error.applied = tuple(done)
            raise
        finally:
            # The connection may be the project's own, and go on to serve it.
            with suppress(Exception):
                self._session.fetch(_SET, before)
        return tuple(done)

    def _load_all(self, plan: Plan) -> None:
        for step in plan.steps:
            try:
                self._loader.function(step.revision, step.direction)
            except RevisionImportError as error:
                error.hint = f"nothing was run; {error.hint}" if error.hint else "nothing was run"
                raise

    def _create_tables(self) -> None:
        situation = self._situation
        if not situation.versions.exists:
            self._session.run(situation.versions.create_statement())
        if not situation.history.exists or situation.history.update_statements():
            with self._session.transaction():
                situation.history.prepare(self._session)

    def _set_settings(self) -> None:
        self._session.fetch(_SET, self._settings)
        self._shown = self._in_force = self._session.fetch(_SETTINGS)[0][:-1]

    def _run_step(self, step: Step, arguments: Mapping[str, Any]) -> AppliedStep:
        try:
            return self._tried(step, arguments)
        except BaseException as error:
            left = self._tracer.fails(error)
            if left is not None and isinstance(error, MigrationFailed) and error.hint != FINALIZE:
                error.hint = LEFT if left else NOTHING_LEFT
            # Where the revision has ended its own transaction, Alembic leaves the next one open,
            # and in one that has failed no lock can be given back.
            with suppress(Exception):
                self._connection.rollback()
            self._observer.failed(step, error)
            raise

    def _tried(self, step: Step, arguments: Mapping[str, Any]) -> AppliedStep:
        self._observer.started(step)
        record = self._recorder.record(step)
        attempt = 0
        while True:
            first_error: list[BaseException] = []
            self._guard.begin()
            try:
                return self._attempt(step, arguments, record, attempt + 1, first_error)
            except ModalembicError:
                self._connection.rollback()
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a revision may raise anything
                # What broke the revision, not what then broke its rollback.
                cause = first_error[0] if first_error else error
                if not self._may_retry(cause, attempt):
                    raise migration_failed(step, cause, self._guard.transactional) from cause
                attempt += 1
                pause = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311
                self._observer.retrying(step, attempt, pause, MAY_GO_WELL[sqlstate(cause) or ""])
                time.sleep(pause)

    def _may_retry(self, cause: BaseException, attempt: int) -> bool:
        return (
            is_wanted()
            and attempt < self._options.retries
            and self._guard.transactional
            and sqlstate(cause) in MAY_GO_WELL
            and not in_autocommit(self._connection)
            # One that is open now was begun after the revision had ended its own.
            and self._connection.get_transaction() is None
        )

    def _attempt(
        self,
        step: Step,
        arguments: Mapping[str, Any],
        record: Record,
        attempt: int,
        first_error: list[BaseException],
    ) -> AppliedStep:
        function = self._loader.function(step.revision, step.direction)
        if self._in_force != self._shown:
            # A revision has set its own for the session; this one starts with ours again.
            self._set_settings()
        _log.info("Running %s %s, %s", step.direction, step.revision.id, step.revision.doc)
        start = time.perf_counter()
        # The private argument is how Alembic's own loop asks for a transaction per migration.
        with self._context.begin_transaction(_per_migration=True):
            self._guard.began()
            self._held.begin()
            self._tracer.begin(step, record, self._traces.get(step.revision.id))
            try:
                function(**arguments)
                self._tracer.end()
                self._guard.require_transaction(step.revision)
                self._watch.done(step)
                self._held.look()
                details = {
                    "attempts": attempt,
                    "locks": self._held.document(),
                    **self._tracer.details(),
                }
                self._in_force = write_record(
                    self._connection, record, _since(start), details, row=self._tracer.row
                )
                self._call_back(step, arguments)
            except BaseException as error:
                first_error.append(broken_by(error))
                raise
        return AppliedStep(step, _since(start), attempt, self._held.locks())

    def _call_back(self, step: Step, arguments: Mapping[str, Any]) -> None:
        """Alembic's `on_version_apply`."""
        for callback in self._context.on_version_apply_callbacks:
            assert self._context.script is not None
            info = MigrationInfo(
                revision_map=self._context.script.revision_map,
                is_upgrade=step.direction == "upgrade",
                is_stamp=False,
                up_revisions=step.revision.id,
                down_revisions=self._graph.parents[step.revision.id],
            )
            callback(
                ctx=self._context, step=info, heads=set(self._rows.rows), run_args=dict(arguments)
            )


def _since(start: float) -> float:
    """Milliseconds since `start`, a reading of `time.perf_counter`."""
    return round((time.perf_counter() - start) * 1000, 3)
