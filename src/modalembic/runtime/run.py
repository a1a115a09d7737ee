"""A run: lock, then read the state, then plan, then execute.

Where the URL is known, the locks are taken and the plan is made before anything of Alembic is
imported, so that a run with nothing to do costs next to nothing. Where only `env.py` knows it,
`env.py` is entered first, and locks, state and plan follow where it calls `run_migrations`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic.errors import EnvironmentMisuse, MigrationFailed, MissingPrivilege
from modalembic.history.plan import Plan
from modalembic.history.state import State
from modalembic.postgres.connection import connect
from modalembic.project import Project
from modalembic.runtime.connection.session import PsycopgSession, Session, SqlalchemySession
from modalembic.runtime.database import database_named, open_database
from modalembic.runtime.denied import denied_hint
from modalembic.runtime.failure import database_errors_explained, missing_extension
from modalembic.runtime.identity import application_name
from modalembic.runtime.locks import locked, run_key, sees_lock, work_key
from modalembic.runtime.observers.several import observed
from modalembic.runtime.options import Observer, Options, Settled
from modalembic.runtime.state.edited import require_unedited
from modalembic.runtime.state.situation import Situation, read_situation
from modalembic.runtime.stopping.dead_client import missed
from modalembic.runtime.stopping.stop import note_database, working
from modalembic.runtime.stopping.watcher import stoppable
from modalembic.runtime.tables.rights import may_set_role
from modalembic.runtime.tables.version import VersionTable, locate
from modalembic.runtime.task import Task
from modalembic.runtime.trace.require import settled_traces
from modalembic.runtime.watch.watch import Watch

if TYPE_CHECKING:
    from modalembic.postgres.url import DatabaseURL
    from modalembic.runtime.applied import AppliedStep
    from modalembic.runtime.environment.entering import Entered
    from modalembic.runtime.loader import RevisionLoader
    from modalembic.runtime.trace.found import Trace

MakePlan = Callable[[State], Plan]


@dataclass(frozen=True)
class RunResult:
    """What a run did. `run_id` is also in the history table and in `application_name`; `database`
    is its URL without the password, None where only `env.py` knows it; `state` what the database
    was like when the plan was made."""

    run_id: str
    plan: Plan
    applied: tuple[AppliedStep, ...]
    database: str | None
    state: State


def run(
    project: Project,
    make_plan: MakePlan,
    *,
    database: str | None,
    options: Options,
    observer: Observer,
    destination: str,
    watch: Watch | None = None,
    task: Task | None = None,
) -> RunResult:
    """Make a plan for the database, under the locks, and execute it.

    `make_plan` is given the state and raises what speaks against the target; `watch` looks on;
    `task` is what is to be done beside the plan.
    Raises what is wrong with the project, the database, `env.py` or a revision; see
    `modalembic.errors`.
    """
    project.require_sound()
    settled = options.settled(project.configuration)
    with (
        observed(observer) as run_id,
        stoppable(settled.timeout),
        database_errors_explained(),
        open_database(project, database, observer.event, migrating=True) as url,
    ):
        observer.connecting(url)
        note_database(url)
        watch, task = watch or Watch(), task or Task()
        job = _Job(project, make_plan, settled, observer, url, watch, task, run_id=run_id)
        try:
            if url is None:
                job.enter_environment(destination, None)
            else:
                with connect(url, application_name=application_name(run_id)) as connection:
                    job.run_with_url(PsycopgSession(connection), destination)
        except MigrationFailed as error:
            error.database = url.safe if url is not None else None
            place = database_named(project, database, migrating=True)
            error.hint = (
                missing_extension(error, place or "") or denied_hint(error, url) or error.hint
            )
            raise
    assert job.result is not None
    return job.result


@dataclass(frozen=True)
class _Lock:
    """The lock that this run holds: on which table, by which backend."""

    table: VersionTable
    pid: int


class _Job:
    def __init__(
        self,
        project: Project,
        make_plan: MakePlan,
        options: Settled,
        observer: Observer,
        url: DatabaseURL | None,
        watch: Watch,
        task: Task,
        *,
        run_id: str,
    ) -> None:
        self._task = task
        self._run_id = run_id
        self._other: Session | None = None
        self._entered = False
        self._traces: dict[str, Trace] = {}
        self._project = project
        self._watch = watch
        self._make_plan = make_plan
        self._options = options
        self._observer = observer
        self._url = url
        self.result: RunResult | None = None

    def run_with_url(self, session: Session, destination: str) -> None:
        """With the URL known: lock, read and plan; enter `env.py` only if there is work, or if it
        has to take on a role first that may do more."""
        try:
            self._run_locked(session, destination)
        except MissingPrivilege:
            if self._entered or not may_set_role(session):
                raise
            self.enter_environment(destination, None)

    def _run_locked(self, session: Session, destination: str) -> None:
        configuration = self._project.configuration
        self._other = session
        table = locate(session, configuration.version_table, configuration.version_table_schema)
        with self._locked(session, run_key(table)) as pid:
            with self._locked(session, work_key(table)):
                # Whoever had the table before is gone by now, its last statement too.
                situation, plan = self._read_and_plan(session, None)
            if not plan.steps:
                self._task.begin(session, situation, plan, self._run_id)
                self._finish(situation, plan, ())
                return
            if situation.versions.schema_exists:  # else env.py may be about to make it
                self._require_runnable(situation, plan)
            self.enter_environment(destination, _Lock(situation.versions, pid))

    def enter_environment(self, destination: str, lock: _Lock | None) -> None:
        """Enter `env.py`, and do the work where it runs migrations."""
        from modalembic.runtime.environment.entering import enter_environment
        from modalembic.runtime.loader import RevisionLoader

        self._entered = True
        loader = RevisionLoader()
        enter_environment(
            self._project,
            self._url,
            lambda entered: self._work(entered, lock, loader),
            options=self._options,
            loader=loader,
            destination=destination,
        )

    def _work(self, entered: Entered, lock: _Lock | None, loader: RevisionLoader) -> None:
        connection = entered.context.connection
        assert connection is not None
        session = SqlalchemySession(connection)
        table = self._version_table(entered, session)
        with ExitStack() as stack:
            if lock is None:
                # Only env.py knows the database: this connection is the one to hold both locks.
                lock = _Lock(table, stack.enter_context(self._locked(session, run_key(table))))
            self._require_same_table(entered, session, table, lock)
            stack.enter_context(self._locked(session, work_key(table)))
            stack.enter_context(working(session))
            stack.enter_context(missed(session))
            # Located anew: another run may have made it while this one waited for the locks.
            table = self._version_table(entered, session)
            situation, plan = self._read_and_plan(session, table)
            if not plan.steps:
                self._task.begin(session, situation, plan, self._run_id)
                self._finish(situation, plan, ())
                return
            self._require_runnable(situation, plan)
            for warning in situation.warnings(self._project):
                self._observer.warning(warning)
            self._observer.planned(plan)
            self._task.begin(session, situation, plan, self._run_id)
            executor = self._task.executor(
                self._url,
                self._project,
                entered.context,
                situation,
                loader,
                self._options,
                self._observer,
                self._watch,
                run_id=self._run_id,
                other=self._other,
                traces=self._traces,
            )
            self._finish(situation, plan, executor.run(plan, entered.arguments), told=True)

    def _locked(self, session: Session, key: int) -> AbstractContextManager[int]:
        return locked(
            session,
            key,
            wait=self._options.lock_wait,
            observer=self._observer,
            allow_pooler=self._options.allow_pooler,
        )

    def _version_table(self, entered: Entered, session: Session) -> VersionTable:
        context = entered.context
        return locate(session, context.version_table, context.version_table_schema)

    def _require_same_table(
        self, entered: Entered, session: Session, table: VersionTable, lock: _Lock
    ) -> None:
        """Nothing runs if `env.py` leads to another database or version table than is locked."""
        wanted = lock.table
        configured = self._project.configuration.version_table
        if (table.schema, table.name) != (wanted.schema, wanted.name) or (
            configured is not None and table.name != configured
        ):
            raise EnvironmentMisuse(
                f"env.py configures the version table {table.schema}.{table.name}, and the lock is "
                f"on {wanted.schema}.{configured or wanted.name}; nothing was run",
                hint=f'write version_table = "{table.name}" and version_table_schema = '
                f'"{table.schema}" in [tool.modalembic]',
                path=entered.path,
                line=entered.line,
            )
        if not sees_lock(session, run_key(wanted), lock.pid):
            raise EnvironmentMisuse(
                f"env.py connects to another database (it is {table.database!r} there) than the "
                f"one that is locked ({wanted.database!r}, {self._url}); nothing was run",
                hint='let env.py use config.attributes["connection"], or the URL in '
                'config.get_main_option("sqlalchemy.url"), or name its own by --database',
                path=entered.path,
                line=entered.line,
            )

    def _read_and_plan(
        self, session: Session, table: VersionTable | None
    ) -> tuple[Situation, Plan]:
        strict = self._options.strict
        situation = read_situation(self._project, session, table=table, rows_of_history=strict)
        situation.require_known(self._project, self._options.allow_orphans)
        plan = self._make_plan(situation.state)
        if strict and plan.direction == "upgrade":
            require_unedited(self._project, situation)
        self._traces = settled_traces(self._project, session, situation, plan)
        return situation, plan

    def _require_runnable(self, situation: Situation, plan: Plan) -> None:
        situation.require_writable()
        situation.require_fits(plan)

    def _finish(
        self,
        situation: Situation,
        plan: Plan,
        applied: tuple[AppliedStep, ...],
        *,
        told: bool = False,
    ) -> None:
        if not told:
            for warning in situation.warnings(self._project):
                self._observer.warning(warning)
        database = self._url.safe if self._url is not None else None
        self.result = RunResult(self._run_id, plan, applied, database, situation.state)
