"""`--sql`: a plan as SQL, with the version and history rows in it, for `psql` to run."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modalembic._version import __version__
from modalembic.errors import EnvironmentMisuse, ModalembicError, OfflineRead, UsageError
from modalembic.history.plan import Plan, Step
from modalembic.history.state import State, VersionRows, read_state
from modalembic.history.targets import TargetResolver
from modalembic.project import Project
from modalembic.runtime.lines import line_in
from modalembic.runtime.loader import RevisionLoader
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.planning import downgrade_plan, upgrade_plan
from modalembic.runtime.question import Answer, ask
from modalembic.runtime.record import Recorder
from modalembic.runtime.state.situation import require_ids_fit
from modalembic.runtime.tables.history import HistoryTable
from modalembic.runtime.tables.installed.which import left_out
from modalembic.runtime.tables.version import assumed_table, literal

if TYPE_CHECKING:
    from modalembic.runtime.environment.entering import Entered


def upgrade_sql(
    project: Project,
    target: str = "heads",
    *,
    modules: Sequence[str] = (),
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> str:
    """The SQL of an upgrade to `target`, or of `from:to`, where `from` is `base` or the revisions
    (with commas) that the database has.

    Without `from`, the state is that of the named database, else an empty one. Raises OfflineRead
    for a revision that asks the database something.
    """
    start, goal = _split(target)
    options = options or Options()
    state, answer = _starting_state(project, start, database, options, observer)
    made = upgrade_plan(project, goal, state, modules=modules)
    return _write(project, made, state, answer, options)


def downgrade_sql(
    project: Project,
    target: str,
    *,
    cascade: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> str:
    """The SQL of a downgrade, as `from:to`, or to `to` from the state of the named database.

    Raises CrossesModules as `downgrade` does, UsageError where there is nothing to start from, and
    OfflineRead for a revision that asks the database something.
    """
    start, goal = _split(target)
    options = options or Options()
    state, answer = _starting_state(project, start, database, options, observer)
    if start is None and answer is None:
        raise UsageError(
            "downgrade --sql needs to know what the database has",
            hint=f"write FROM:{goal}, or name a database",
        )
    made = downgrade_plan(project, goal, state, cascade=cascade)
    return _write(project, made, state, answer, options)


def _split(target: str) -> tuple[str | None, str]:
    start, colon, goal = target.partition(":")
    if not colon:
        return None, target
    if not start or not goal:
        raise UsageError(f"{target!r} lacks one of its ends", hint="write FROM:TO")
    return start, goal


def _starting_state(
    project: Project,
    start: str | None,
    database: str | None,
    options: Options,
    observer: Observer | None,
) -> tuple[State, Answer | None]:
    project.require_sound()
    if start is not None:
        resolver = TargetResolver(project.graph, project.module_order)
        found = [id_ for name in start.split(",") for id_ in resolver.upgrade(name)]
        applied = project.graph.ancestors(found)
        return read_state(project.graph, project.graph.maximal(applied)), None
    answer = ask(project, database, observer=observer)
    if answer is None:
        told = f"no database is named: this is the SQL for an empty one{left_out(project)}"
        (observer or Observer()).event(told)
        return read_state(project.graph, ()), None
    answer.situation.require_known(project, options.settled(project.configuration).allow_orphans)
    for warning in answer.situation.warnings(project):
        (observer or Observer()).warning(warning)
    return answer.situation.state, answer


def _write(
    project: Project, plan: Plan, state: State, answer: Answer | None, options: Options
) -> str:
    from modalembic.runtime.environment.entering import Offline, enter_environment

    output = io.StringIO()
    loader = RevisionLoader()
    if not plan.steps:
        return "-- There is nothing to do.\n"
    enter_environment(
        project,
        None,
        lambda entered: _Writer(project, entered, state, answer, loader).write(plan),
        options=options.settled(project.configuration),
        loader=loader,
        destination=plan.target,
        offline=Offline(state.rows, output),
    )
    return output.getvalue()


class _Writer:
    """Prints one plan through Alembic's own offline output."""

    def __init__(
        self,
        project: Project,
        entered: Entered,
        state: State,
        answer: Answer | None,
        loader: RevisionLoader,
    ) -> None:
        self._project = project
        self._context = entered.context
        self._arguments: Mapping[str, Any] = entered.arguments
        self._loader = loader
        # Without a database to ask, a table that is there already may have any column.
        self._column_known = answer is not None or not state.rows
        self._versions = (
            answer.situation.versions
            if answer
            else assumed_table(self._context.version_table, self._context.version_table_schema)
        )
        self._history = (
            answer.situation.history if answer else HistoryTable(self._versions, exists=False)
        )
        self._require_same_table(entered)
        self._recorder = Recorder(
            project,
            self._versions,
            self._history,
            VersionRows(project.graph, state),
            secrets.token_hex(8),
        )

    def write(self, plan: Plan) -> None:
        """Print every step of `plan`, each in a transaction of its own."""
        for step in plan.steps:
            self._loader.function(step.revision, step.direction)
        if self._column_known:
            require_ids_fit(self._versions, (step.revision for step in plan.steps))
        self._print(f"-- {plan.direction} to {plan.target}, by modalembic {__version__}")
        self._print("-- Run it with: psql --set ON_ERROR_STOP=1 --file THIS_FILE")
        with self._context.begin_transaction(_per_migration=True):
            for statement in self._table_statements():
                self._print(f"{statement};\n")
        for step in plan.steps:
            with self._context.begin_transaction(_per_migration=True):
                self._print(f"-- {step.direction} {step.revision.id} ({step.revision.module})\n")
                self._run(step)
                self._note(step)

    def _table_statements(self) -> Iterator[str]:
        """What makes the tables that are not there. Where no database was asked, a table that is
        there already is left as it is, its owner's comment too."""
        if not self._versions.exists:
            yield self._versions.create_statement()
        yield from self._history.update_statements()
        if not self._history.exists:
            create, comment = self._history.create_statements()
            yield create
            table = literal(self._history.qualified)
            quote = "$$"
            while quote in table:
                quote = f"{quote[:-1]}_$"
            yield (
                f"DO {quote} BEGIN IF obj_description({table}::regclass) IS NULL THEN {comment}; "
                f"END IF; END {quote}"
            )

    def _run(self, step: Step) -> None:
        function = self._loader.function(step.revision, step.direction)
        try:
            function(**self._arguments)
        except ModalembicError:
            raise
        except Exception as error:
            raise OfflineRead(
                f"revision {step.revision.id} of {step.revision.module} cannot be printed as SQL: "
                f"{type(error).__name__}: {error}",
                hint="there is no database that it could read here: let it skip that part where "
                "context.is_offline_mode() is true, or run it without --sql",
                path=step.revision.path,
                line=line_in(error, step.revision.path),
            ) from error

    def _note(self, step: Step) -> None:
        record = self._recorder.record(step)
        for statement in record.statements(
            "transaction_timestamp()",
            "extract(epoch FROM clock_timestamp() - transaction_timestamp()) * 1000",
        ):
            self._print(f"{statement};\n")

    def _print(self, text: str) -> None:
        self._context.impl.static_output(text)

    def _require_same_table(self, entered: Entered) -> None:
        """The state was read from the table that the configuration names."""
        read, context = self._versions, self._context
        schema = context.version_table_schema or read.schema
        if (schema, context.version_table) != (read.schema, read.name):
            raise EnvironmentMisuse(
                f"env.py configures the version table {schema}.{context.version_table}, and the "
                f"database was asked for {read.schema}.{read.name}; nothing was printed",
                hint=f'write version_table = "{context.version_table}" and version_table_schema = '
                f'"{schema}" in [tool.modalembic]',
                path=entered.path,
                line=entered.line,
            )
