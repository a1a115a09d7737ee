"""Entering a project's own `env.py`, so that everything users do there works.

Alembic's `EnvironmentContext` runs the file; only two methods are replaced, on the instances
(subclassing it breaks its proxies): `configure`, to see what is configured and to ask for a
transaction per migration, and the migration context's `run_migrations`, to do the work at hand.
"""

from __future__ import annotations

import inspect
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import NoSuchModuleError, OperationalError

from modalembic.errors import (
    DatabaseURLError,
    EnvironmentFailed,
    EnvironmentMisuse,
    ModalembicError,
)
from modalembic.history.computed import search_path
from modalembic.postgres.url import DatabaseURL, redact
from modalembic.project import Project
from modalembic.runtime.environment.file import environment_file
from modalembic.runtime.environment.rehearsal import may_repeat
from modalembic.runtime.failure import database_message, pooler_hint
from modalembic.runtime.lines import line_in
from modalembic.runtime.loader import RevisionLoader
from modalembic.runtime.models.application import application_context
from modalembic.runtime.models.convention import configured_metadata
from modalembic.runtime.models.definitions import DefinitionRecorder
from modalembic.runtime.options import Settled
from modalembic.runtime.script import IndexedScriptDirectory

ATTRIBUTE = "modalembic"
_SYNCHRONOUS = (None, "psycopg", "psycopg2", "psycopg2cffi", "pg8000")


@dataclass(frozen=True)
class Offline:
    """What `--sql` needs: the revisions that the database has, and where the SQL goes."""

    starting: tuple[str, ...]
    output: TextIO


@dataclass(frozen=True)
class Entered:
    """What `env.py` configured: the migration context, the arguments that it gave to
    `run_migrations`, and where it called `configure`."""

    context: MigrationContext
    arguments: Mapping[str, Any]
    path: Path
    line: int | None


def enter_environment(
    project: Project,
    url: DatabaseURL | None,
    work: Callable[[Entered], None],
    *,
    options: Settled,
    loader: RevisionLoader,
    destination: str = "heads",
    offline: Offline | None = None,
) -> None:
    """Run the project's `env.py`; `work` is done where it calls `context.run_migrations()`.

    With a `url` it finds it as `sqlalchemy.url` and, connected, as
    `config.attributes["connection"]`. Raises EnvironmentFailed where the file fails by itself,
    EnvironmentMisuse where it does what a safe run does not allow, and whatever `work` raises.
    """
    file = environment_file(project)
    # Models that are imported here are not imported again by who asks for them later.
    with DefinitionRecorder(), search_path(project.search), application_context(project):
        if may_repeat(file):
            # Twice has to be refused before the first time has run.
            rehearsal = _Watch(file, project, lambda _: None)
            with suppress(EnvironmentFailed):  # it may miss what was not done
                nowhere = replace(offline, output=StringIO()) if offline is not None else None
                _run(project, url, rehearsal, options, loader, destination, nowhere)
            if rehearsal.failure is not None:
                raise rehearsal.failure
        watch = _Watch(file, project, work)
        _run(project, url, watch, options, loader, destination, offline)
    watch.finish()


def _run(
    project: Project,
    url: DatabaseURL | None,
    watch: _Watch,
    options: Settled,
    loader: RevisionLoader,
    destination: str,
    offline: Offline | None,
) -> None:
    script = IndexedScriptDirectory(
        watch.path.parent,
        [module.location for module in project.modules if module.location is not None],
        project.graph.revisions.values(),
        loader,
    )
    try:
        with _connected(url, options, offline) as connection:
            config = _config(project, url, options, connection, offline)
            with (
                EnvironmentContext(
                    config,
                    script,
                    fn=_unused,
                    as_sql=offline is not None,
                    starting_rev=(offline.starting or None) if offline else None,
                    destination_rev=destination,
                    tag=options.tag,
                ) as environment,
                watch.watching(environment),
                redirect_stdout(sys.stderr),  # what it prints is no result of a command
            ):
                script.run_env()
    except (ModalembicError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        if watch.failure is not None:
            raise watch.failure from None
        if isinstance(error, SystemExit) and not error.code and watch.has_run:
            return
        message = f"{type(error).__name__}: {database_message(error)}"
        raise EnvironmentFailed(
            f"env.py failed: {redact(message, url) if url is not None else message}",
            hint=_hint(error),
            path=watch.path,
            line=line_in(error, str(watch.path)),
        ) from error


def _hint(error: BaseException) -> str:
    if isinstance(error, OperationalError) and error.statement is None:
        return "env.py could not connect: is its URL right? --database URL names another database"
    return pooler_hint(error) or "run it with --debug for the traceback"


@contextmanager
def _connected(
    url: DatabaseURL | None, options: Settled, offline: Offline | None
) -> Iterator[Connection | None]:
    """A connection for `env.py` to use, where there is a URL with a driver that does not need an
    event loop."""
    if url is None or offline is not None or url.driver not in _SYNCHRONOUS:
        yield None
        return
    try:
        engine = create_engine(
            url.sqlalchemy, poolclass=NullPool, connect_args=_connect_args(url, options)
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise DatabaseURLError(
            f"the driver that {url} names cannot be imported",
            hint=f"install {url.driver}, or write postgresql:// without a driver",
        ) from None
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _connect_args(url: DatabaseURL, options: Settled) -> dict[str, Any]:
    """Behind a pooler that was let pass, a prepared statement may be left on another backend."""
    if options.allow_pooler and url.driver in {None, "psycopg"}:
        return {"prepare_threshold": None}
    return {}


def _config(
    project: Project,
    url: DatabaseURL | None,
    options: Settled,
    connection: Connection | None,
    offline: Offline | None,
) -> Config:
    settings = project.alembic
    config = Config(
        file_=str(settings.ini) if settings.ini is not None else None,
        toml_file=str(settings.toml) if settings.toml is not None else None,
        output_buffer=offline.output if offline is not None else None,
        cmd_opts=Namespace(x=list(options.x), tag=options.tag),
    )
    if url is not None:
        # The value goes through ConfigParser, where % begins an interpolation.
        config.set_main_option("sqlalchemy.url", url.sqlalchemy.replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    config.attributes[ATTRIBUTE] = project
    return config


def _unused(*_: object) -> list[Any]:
    raise AssertionError("modalembic runs its own steps")


class _Watch:
    """Stands in for two of Alembic's methods while `env.py` runs, and sees what it does."""

    def __init__(self, path: Path, project: Project, work: Callable[[Entered], None]) -> None:
        self.path = path
        self.failure: BaseException | None = None
        self._project = project
        self._work = work
        self._runs = 0
        self._began: dict[int, int | None] = {}
        self._configured_line: int | None = None

    @contextmanager
    def watching(self, environment: EnvironmentContext) -> Iterator[None]:
        configure = environment.configure

        def watched_configure(*args: Any, **kwargs: Any) -> None:
            self._configured_line = self._line()
            connection = args[0] if args else kwargs.get("connection")
            if isinstance(connection, Connection):
                self._refuse_open_transaction(connection)
            kwargs["transaction_per_migration"] = True
            if environment.is_offline_mode() and kwargs.get("dialect") is None:
                # Or else % is doubled, and values are printed as placeholders.
                kwargs.setdefault("dialect_opts", {"paramstyle": "named"})
                kwargs.setdefault("literal_binds", True)
            if kwargs.get("target_metadata") is None:
                kwargs["target_metadata"] = configured_metadata(self._project)
            configure(*args, **kwargs)
            context = environment.get_context()
            context.run_migrations = lambda **arguments: self._run(context, arguments)  # type: ignore[method-assign]

        environment.configure = watched_configure  # type: ignore[method-assign]
        event.listen(Engine, "begin", self._note_begin)
        try:
            yield
        finally:
            event.remove(Engine, "begin", self._note_begin)

    @property
    def has_run(self) -> bool:
        """Whether `env.py` has called `run_migrations`."""
        return self._runs > 0

    def finish(self) -> None:
        """Raise what `env.py` swallowed, or EnvironmentMisuse if it never ran migrations."""
        if self.failure is not None:
            raise self.failure
        if not self.has_run:
            raise EnvironmentMisuse(
                "env.py ended without calling context.run_migrations(), so nothing was run",
                hint="call it in the branch that is taken here (online, or offline under --sql)",
                path=self.path,
            )

    def _run(self, context: MigrationContext, arguments: Mapping[str, Any]) -> None:
        self._runs += 1
        if self._runs > 1:
            self.failure = EnvironmentMisuse(
                "env.py calls context.run_migrations() more than once (several schemas or "
                "databases?); a run of modalembic is one version table of one database",
                hint="choose the database or schema by -x key=value or by --database, and run "
                "modalembic once for each",
                path=self.path,
                line=self._line(),
            )
            raise self.failure
        try:
            self._work(Entered(context, arguments, self.path, self._configured_line))
        except BaseException as error:
            self.failure = error
            raise

    def _note_begin(self, connection: Connection) -> None:
        self._began[id(connection)] = self._line()

    def _refuse_open_transaction(self, connection: Connection) -> None:
        if connection.in_transaction():
            line = self._began.get(id(connection))
            self.failure = EnvironmentMisuse(
                "env.py opened a transaction before context.configure(); all revisions would run "
                "in that one transaction",
                hint="end it first (connection.commit()); any query begins one by itself",
                path=self.path,
                line=self._configured_line if line is None else line,
            )
            raise self.failure

    def _line(self) -> int | None:
        """The line of `env.py` that is at work."""
        frame: FrameType | None = inspect.currentframe()
        while frame is not None:
            if frame.f_code.co_filename == str(self.path):
                return frame.f_lineno
            frame = frame.f_back
        return None
