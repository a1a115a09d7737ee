"""`uninstall`: a module's tables are saved, its revisions undone, and the fact is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modalembic.errors import RunStopped
from modalembic.history.plan import Plan
from modalembic.postgres.backup import require_free
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.observers.several import with_hooks
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.question import look
from modalembic.runtime.run import RunResult, run
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.task import Task
from modalembic.runtime.uninstall.job import Found, Job
from modalembic.runtime.uninstall.preview import Preview, read_preview, undo_plan

if TYPE_CHECKING:
    from modalembic.runtime.execute import Executor


@dataclass(frozen=True)
class Uninstalled:
    """What was uninstalled: the `preview` that held when it was done, the run, and the file with
    the backup; None where there was nothing to save, or none was wanted."""

    preview: Preview
    run: RunResult
    backup: Path | None


def preview_uninstall(
    project: Project,
    module: str,
    *,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> Preview:
    """What `uninstall` would take from the database; nothing is written or locked.

    Raises ModuleGone, UnknownModule, RequiredByOthers where other modules need it, and what
    reading the database raises. What else depends on its tables is in `dependents`.
    """
    project.require_sound()
    settled = (options or Options()).settled(project.configuration)
    found: list[Preview] = []

    def read(session: Session, situation: Situation, url: DatabaseURL | None) -> None:
        situation.require_known(project, settled.allow_orphans)
        named = None if url is None else url.safe
        found.append(read_preview(project, module, session, situation, named))

    look(project, database, read, options=options, observer=observer)
    return found[0]


def uninstall(
    project: Project,
    module: str,
    *,
    backup: Path | str | None,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> Uninstalled:
    """Save the tables of `module` to the file `backup` (None: do without), undo its revisions and
    no other module's, and record that the database does not have it.

    All in one run under its locks, and in one transaction unless a revision leaves that: what
    fails leaves everything as it was. Raises what `preview_uninstall` raises, RequiredByOthers also
    for objects of the database, BackupFailed, UninstallRefused where the downgrades change what is
    not the module's, and what `downgrade` raises.
    """
    project.require_sound()
    file = None if backup is None else Path(backup).absolute()
    job = Job(project, module, file)
    if file is not None:
        require_free(file)
    if module not in project.by_name:
        preview_uninstall(project, module, database=database, options=options, observer=observer)
    try:
        result = run(
            project,
            lambda state: undo_plan(project, module, state),
            database=database,
            options=options or Options(),
            observer=with_hooks(project, "uninstall", f"{module}@base", observer),
            destination=f"{module}@base",
            task=_Uninstall(job),
        )
    except RunStopped as error:
        if not (job.apart or job.committing):
            error.applied, error.hint = (), f"all of it was rolled back, and {module} is as it was"
        raise
    return Uninstalled(job.preview, result, job.saved)


class _Uninstall(Task):
    """What an uninstallation does beside the downgrades of the module."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def begin(self, session: Session, situation: Situation, plan: Plan, run_id: str) -> None:
        situation.versions.require_primary()
        situation.modules.require_writable()
        preview = read_preview(self._job.project, self._job.module, session, situation, None)
        preview.require_free()
        self._job.found = Found(situation, preview, run_id)
        if not plan.steps:
            with session.transaction():
                self._job.record(session)

    def executor(self, url: DatabaseURL | None, *arguments: Any, **named: Any) -> Executor:
        from modalembic.runtime.uninstall.undo import Undo

        return Undo(self._job, url, *arguments, **named)
