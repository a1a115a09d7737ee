"""Executing a plan: a transaction for each revision, its version and history rows in it."""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationInfo

from modalembic._version import __version__
from modalembic.errors import MigrationFailed, ModalembicError, VersionRowsChanged
from modalembic.history.plan import Plan, Step
from modalembic.history.state import VersionRows
from modalembic.project import Project
from modalembic.runtime.failure import migration_failed, shown_path, sqlstate
from modalembic.runtime.guard import StatementGuard, in_autocommit
from modalembic.runtime.history_table import who
from modalembic.runtime.loader import RevisionLoader, content_hash
from modalembic.runtime.options import Observer, Settled
from modalembic.runtime.session import SqlalchemySession
from modalembic.runtime.situation import Situation

LOCK_NOT_AVAILABLE = "55P03"
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0

_log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True)
class AppliedStep:
    """A step that was committed, and how long it took in milliseconds."""

    step: Step
    ms: float


_SETTINGS = """
SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),
       current_setting('application_name')
"""
_SET = """
SELECT set_config('lock_timeout', %(lock)s, false),
       set_config('statement_timeout', %(statement)s, false),
       set_config('application_name', %(name)s, false)
"""
_RECORD = """
WITH gone AS (
    DELETE FROM {versions} WHERE version_num = ANY(CAST(%(gone)s AS text[])) RETURNING 1
), come AS (
    INSERT INTO {versions} (version_num) SELECT unnest(CAST(%(come)s AS text[])) RETURNING 1
), noted AS (
    INSERT INTO {history} (run_id, version_table, module, revision, direction, path, parents,
                           content_hash, started_at, ms, who, modalembic_version)
    VALUES (%(run_id)s, %(version_table)s, %(module)s, %(revision)s, %(direction)s, %(path)s,
            CAST(%(parents)s AS text[]), %(content_hash)s, %(started_at)s, %(ms)s, %(who)s,
            %(version)s)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM come),
       current_setting('lock_timeout'), current_setting('statement_timeout')
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
        self._guard = StatementGuard(context, options.lock_timeout)
        self._record = _RECORD.format(
            versions=situation.versions.qualified, history=situation.history.qualified
        )
        self._run_id = secrets.token_hex(8)
        self._who = who()
        self._timeouts = {
            "lock": f"{round(options.lock_timeout * 1000)}ms",
            "statement": f"{round(options.statement_timeout * 1000)}ms",
        }
        self._shown_timeouts: tuple[str, str] | None = None

    def run(self, plan: Plan, arguments: Mapping[str, Any]) -> tuple[AppliedStep, ...]:
        """Run every step of `plan`; `arguments` go to each `upgrade()` or `downgrade()`.

        Raises MigrationFailed with what had been committed by then.
        """
        if self._options.preflight:
            for step in plan.steps:
                self._loader.load(step.revision)
        self._create_tables()
        before = self._session.fetch(_SETTINGS)[0]
        self._set_timeouts()
        done: list[AppliedStep] = []
        try:
            self._context.impl.start_migrations()
            with self._guard.watching():
                for step in plan.steps:
                    done.append(self._run_step(step, arguments))
                    self._observer.finished(step, done[-1].ms)
        except MigrationFailed as error:
            error.applied = tuple(done)
            raise
        finally:
            # The connection may be the project's own, and go on to serve it.
            with suppress(Exception):
                self._session.fetch(
                    _SET, {"lock": before[0], "statement": before[1], "name": before[2]}
                )
        return tuple(done)

    def _create_tables(self) -> None:
        situation = self._situation
        if not situation.versions.exists:
            self._session.run(situation.versions.create_statement())
        if not situation.history.exists:
            with self._session.transaction():
                for statement in situation.history.create_statements():
                    self._session.run(statement)

    def _set_timeouts(self) -> None:
        self._session.fetch(_SET, {**self._timeouts, "name": f"modalembic {self._run_id}"})
        lock, statement, _ = self._session.fetch(_SETTINGS)[0]
        self._shown_timeouts = (lock, statement)

    def _run_step(self, step: Step, arguments: Mapping[str, Any]) -> AppliedStep:
        self._observer.started(step)
        record = self._recording(step)
        attempt = 0
        while True:
            first_error: list[BaseException] = []
            self._guard.begin()
            try:
                return self._attempt(step, arguments, record, first_error)
            except ModalembicError:
                raise
            except Exception as error:
                # What broke the revision, not what then broke its rollback.
                cause = first_error[0] if first_error else error
                if not self._may_retry(cause, attempt):
                    raise migration_failed(step, cause, self._guard.transactional) from cause
                attempt += 1
                pause = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311
                self._observer.retrying(step, attempt, pause)
                time.sleep(pause)

    def _may_retry(self, cause: BaseException, attempt: int) -> bool:
        return (
            attempt < self._options.retries
            and self._guard.transactional
            and sqlstate(cause) == LOCK_NOT_AVAILABLE
            and not in_autocommit(self._connection)
        )

    def _attempt(
        self,
        step: Step,
        arguments: Mapping[str, Any],
        record: dict[str, Any],
        first_error: list[BaseException],
    ) -> AppliedStep:
        module = self._loader.load(step.revision)
        _log.info("Running %s %s, %s", step.direction, step.revision.id, step.revision.doc)
        started_at, start = datetime.now(UTC), time.perf_counter()
        # The private argument is how Alembic's own loop asks for a transaction per migration.
        with self._context.begin_transaction(_per_migration=True):
            try:
                getattr(module, step.direction)(**arguments)
                record["started_at"] = started_at
                record["ms"] = round((time.perf_counter() - start) * 1000, 3)
                timeouts = self._note(record)
                self._call_back(step, arguments)
            except BaseException as error:
                first_error.append(error)
                raise
        if timeouts != self._shown_timeouts:
            # The revision has set its own for the session; the next one starts with ours again.
            self._set_timeouts()
        return AppliedStep(step, round((time.perf_counter() - start) * 1000, 3))

    def _recording(self, step: Step) -> dict[str, Any]:
        """The parameters of the statement that records `step`, but for its times."""
        revision = step.revision
        if step.direction == "upgrade":
            gone, come = self._rows.upgrade(revision.id)
        else:
            gone, come = self._rows.downgrade(revision.id)
        return {
            "gone": list(gone),
            "come": list(come),
            "run_id": self._run_id,
            "version_table": self._situation.versions.name,
            "module": revision.module,
            "revision": revision.id,
            "direction": step.direction,
            "path": shown_path(self._project.root, revision.path),
            "parents": list(self._graph.parents[revision.id]),
            "content_hash": content_hash(revision),
            "who": self._who,
            "version": __version__,
        }

    def _note(self, record: dict[str, Any]) -> tuple[str, str]:
        """Write the version rows and the history row, and see that they came out as planned. Gives
        the timeouts that are in force."""
        ((gone, come, lock, statement),) = self._session.fetch(self._record, record)
        if (gone, come) != (len(record["gone"]), len(record["come"])):
            raise VersionRowsChanged(
                f"the rows of {self._situation.versions.name} changed while {record['revision']} "
                "ran, although this run holds the lock",
                hint="something else writes the table: stock Alembic, or the revision itself? "
                "The revision was rolled back",
            )
        return lock, statement

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
