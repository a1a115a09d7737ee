"""Undoing a module's revisions on the connection that migrates, with the backup before that."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modalembic.errors import (
    BackupFailed,
    EnvironmentMisuse,
    MigrationFailed,
    TablesInUse,
    UninstallRefused,
)
from modalembic.history.plan import Plan, Step
from modalembic.postgres.backup import back_up
from modalembic.postgres.catalog import Catalog
from modalembic.postgres.client import find_clients
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.applied import AppliedStep
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.execute import Executor
from modalembic.runtime.failure import MAY_GO_WELL, sqlstate
from modalembic.runtime.stopping.stop import require_wanted
from modalembic.runtime.tables.rights import quoted
from modalembic.runtime.uninstall.changes import catalog_within, require_gone, require_own
from modalembic.runtime.uninstall.leftovers import ServingType, drop_leftovers, serving_types
from modalembic.runtime.uninstall.makers import Makers
from modalembic.runtime.uninstall.rows import Files, require_counts, require_own_rows, table_files
from modalembic.runtime.uninstall.together import LeavesTransaction, Together
from modalembic.runtime.watch.guard import in_autocommit
from modalembic.runtime.watch.watch import Watch

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from modalembic.runtime.uninstall.job import Job

_PAUSE = 0.5
_LIMIT = "SELECT set_config('lock_timeout', %(limit)s, true)"
_MARKED = """
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_locks
     WHERE locktype = 'advisory' AND granted AND objsubid = 1
       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
       AND (classid::bigint << 32) | objid::bigint = {key})
"""


class Undo(Executor):
    """Runs the downgrades of a module: in one transaction; one by one if a revision leaves its
    own."""

    def __init__(self, job: Job, url: DatabaseURL | None, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._given = arguments, named
        self._job = job
        self._url = url
        self._ignored = own_tables(self._situation.versions.name)
        self._before: Catalog | None = None
        self._files: Files = {}
        self._types: tuple[ServingType, ...] = ()
        self._last: Step | None = None
        self._watch = _Comparing(self)

    def run(self, plan: Plan, arguments: Mapping[str, Any]) -> tuple[AppliedStep, ...]:
        given, named = self._given
        self._last = plan.steps[-1]
        if self._options.preflight:
            self._load_all(plan)
        if in_autocommit(self._connection):
            raise EnvironmentMisuse(
                "env.py migrates on a connection in autocommit, on which nothing could be rolled "
                "back; nothing was done",
                hint="take AUTOCOMMIT out of the engine of env.py, or let it use "
                'config.attributes["connection"]',
            )
        together = Together(self._prepare, self._conclude, *given, **named)
        try:
            return together.run(plan, arguments)
        except LeavesTransaction:
            self._observer.event(
                f"a revision of {self._job.module} leaves its transaction, so that each is undone "
                "in one of its own"
            )
        except BaseException:
            if self._job.committing:
                self._keep()
            else:
                self._discard()
            raise
        return self._one_by_one(plan, arguments)

    def _prepare(self) -> None:
        require_counts(self._job.preview, self._session)
        self._lock_tables()
        self._back_up()
        self._before = self.catalog()
        self._files = table_files(self._session)
        self._types = serving_types(self._session, self._job.preview.goes)

    def _conclude(self) -> None:
        assert self._last is not None
        self.compare(self._last)
        self._job.record(self._session)
        self._job.committing = True

    def compare(self, step: Step) -> None:
        """Look at what was changed since this was called last; with the last step, also at what is
        left. Raises UninstallRefused."""
        if step is self._last:
            makers = Makers(self._job.project, self._job.module, self._job.preview.applied)
            for name in drop_leftovers(self._session, self._types, makers):
                self._observer.event(f"dropped the type {name}, which served these tables alone")
        self.require_own()
        if step is self._last:
            assert self._before is not None
            require_gone(self._job.preview, self._before)

    def catalog(self) -> Catalog:
        """The catalog as the transaction at work has made it."""
        connection = self._context.connection
        assert connection is not None
        return catalog_within(connection, self._ignored)

    def require_own(self) -> None:
        """Raise UninstallRefused where something was changed, since this was asked last, that is
        not the module's."""
        job, after = self._job, self.catalog()
        assert self._before is not None
        require_own(job.project, job.preview, self._before, after)
        require_own_rows(job.project, job.preview, self._session, self._files, self._ignored)
        self._before, self._files = after, table_files(self._session)

    # --- one by one -----------------------------------------------------------------------------

    def _one_by_one(self, plan: Plan, arguments: Mapping[str, Any]) -> tuple[AppliedStep, ...]:
        self._job.apart = True
        try:
            done = super().run(plan, arguments)
        except UninstallRefused as error:
            error.hint = f"the last revision was rolled back; {self._where_the_rows_are()}"
            raise
        except MigrationFailed as error:
            error.hint = f"{error.hint}; {self._where_the_rows_are()}"
            raise
        with self._session.transaction():
            self._job.record(self._session)
        return done

    def _where_the_rows_are(self) -> str:
        saved = self._job.saved
        return f"the backup is {saved}" if saved is not None else "there is no backup"

    # --- locks and backup -----------------------------------------------------------------------

    def _lock_tables(self) -> None:
        """Keep everybody from writing the tables that go, for as long as they are saved and undone.
        They can be read meanwhile."""
        names = [quoted(t.schema, t.name) for t in self._job.preview.goes if t.kind in "rp"]
        self._session.fetch(_LIMIT, {"limit": f"{round(self._options.lock_timeout * 1000)}ms"})
        for attempt in range(self._options.retries + 1):
            require_wanted()
            if not names or self._locked(names):
                return
            if attempt < self._options.retries:
                time.sleep(_PAUSE)
        raise TablesInUse(
            f"the tables of {self._job.module} are in use: they could not be locked within "
            "--lock-timeout, --retries times; nothing was done",
            hint="stop what writes them, or run it again when they are less busy",
        )

    def _locked(self, names: list[str]) -> bool:
        savepoint = self._connection.begin_nested()
        try:
            self._session.run(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
        except Exception as error:
            savepoint.rollback()
            if sqlstate(error) in MAY_GO_WELL:
                return False
            raise
        savepoint.commit()
        return True

    def _back_up(self) -> None:
        job = self._job
        if job.file is None:
            return
        if not job.preview.backed_up:
            self._observer.event(f"{job.module} has no tables here, so there is nothing to save")
            return
        programs = job.project.configuration.embedded_programs
        clients = find_clients(job.preview.server, programs)
        back_up(
            clients,
            self._dump_url(),
            job.preview.backed_up,
            job.file,
            lock_timeout=self._options.lock_timeout,
            attend=require_wanted,
        )
        job.saved = job.file
        self._observer.event(f"saved the tables of {job.module} in {job.file}")

    def _discard(self) -> None:
        """Nothing was undone: the same command can be given again."""
        if self._job.saved is not None:
            self._job.saved.unlink(missing_ok=True)
            self._job.saved = None
            self._observer.event("the backup was taken away again, since nothing was undone")

    def _keep(self) -> None:
        """Who loses a connection on COMMIT cannot know whether that was done."""
        module = self._job.module
        self._observer.event(
            f"{module} may be uninstalled already, which `modalembic modules` shows; "
            + self._where_the_rows_are()
        )

    def _dump_url(self) -> DatabaseURL:
        """The URL for pg_dump: the one that is named, else that of `env.py`'s own connection, which
        has to lead to the same database."""
        if self._url is not None:
            return self._url
        url = DatabaseURL.parse(self._connection.engine.url.render_as_string(hide_password=False))
        key = secrets.randbits(62)
        self._session.fetch(f"SELECT pg_catalog.pg_advisory_xact_lock({key})")
        with connect(url, application_name="modalembic") as other:
            (same,) = other.execute(_MARKED.format(key=key).encode()).fetchone() or (False,)
        if not same:
            raise BackupFailed(
                "env.py connects in a way of its own, so that pg_dump would not find its database",
                hint="name it: --database URL",
            )
        return url


class _Comparing(Watch):
    """Looks at what each revision has changed before it is committed."""

    def __init__(self, undo: Undo) -> None:
        self._undo = undo

    @contextmanager
    def watching(self, context: MigrationContext) -> Iterator[None]:
        del context
        yield

    def done(self, step: Step) -> None:
        self._undo.compare(step)
