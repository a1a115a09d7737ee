"""`upgrade`, `downgrade` and `plan`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from modalembic.cli.frame import EXIT_FAILURE, EXIT_FINDINGS, Frame, command, report
from modalembic.config import parse_duration
from modalembic.errors import MigrationFailed, UsageError
from modalembic.project import Project
from modalembic.reporting.document import failure_document, plan_document, run_document
from modalembic.reporting.progress import BarProgress, LineProgress
from modalembic.reporting.text import plan_lines
from modalembic.runtime.commands import downgrade, upgrade
from modalembic.runtime.offline import downgrade_sql, upgrade_sql
from modalembic.runtime.options import Options
from modalembic.runtime.planning import Planned, plan
from modalembic.runtime.run import RunResult


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _duration_option(name: str, help_: str) -> typer.models.OptionInfo:
    return typer.Option(name, help=help_, metavar="TIME", parser=_duration)


TargetUp = Annotated[
    str, typer.Argument(help="heads, a module, an id, module@head, module@+1, …", metavar="TARGET")
]
TargetDown = Annotated[
    str, typer.Argument(help="base, module@base, module@-1, an id, …", metavar="TARGET")
]
Modules = Annotated[
    list[str] | None,
    typer.Option(
        "--module", help="Only this module and what it depends on (repeatable).", metavar="NAME"
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan, run nothing.")]
Sql = Annotated[bool, typer.Option("--sql", help="Print the SQL, run nothing.")]
Check = Annotated[bool, typer.Option("--check", help="Exit 1 if anything is pending, run nothing.")]
LockWait = Annotated[float | None, _duration_option("--lock-wait", "Wait for another run (60s).")]
LockTimeout = Annotated[
    float | None, _duration_option("--lock-timeout", "Wait for a table's lock (5s; 0: forever).")
]
StatementTimeout = Annotated[
    float | None, _duration_option("--statement-timeout", "Limit of a statement (0: none).")
]
Retries = Annotated[
    int | None,
    typer.Option("--retries", help="Tries after a lock timeout (5).", min=0, show_default=False),
]
NoPreflight = Annotated[
    bool, typer.Option("--no-preflight", help="Do not load every file before the first step.")
]
AllowOrphan = Annotated[
    list[str] | None,
    typer.Option("--allow-orphan", help="A version row that may stay unknown.", metavar="ID"),
]
Extra = Annotated[
    list[str] | None, typer.Option("-x", help="For env.py: key=value (repeatable).", metavar="ARG")
]
Tag = Annotated[str | None, typer.Option("--tag", help="For env.py: an arbitrary tag.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "upgrade")(_upgrade)
    command(app, "downgrade")(_downgrade)
    command(app, "plan")(_plan)


def _upgrade(
    frame: Frame,
    target: TargetUp = "heads",
    module: Modules = None,
    dry_run: DryRun = False,
    sql: Sql = False,
    check: Check = False,
    lock_wait: LockWait = None,
    lock_timeout: LockTimeout = None,
    statement_timeout: StatementTimeout = None,
    retries: Retries = None,
    no_preflight: NoPreflight = False,
    allow_orphan: AllowOrphan = None,
    x: Extra = None,
    tag: Tag = None,
) -> int | None:
    """Run every module's pending revisions."""
    _only_one(("--dry-run", dry_run), ("--sql", sql), ("--check", check))
    options = Options(
        lock_wait=lock_wait,
        lock_timeout=lock_timeout,
        statement_timeout=statement_timeout,
        retries=retries,
        preflight=not no_preflight,
        allow_orphans=tuple(allow_orphan or ()),
        x=tuple(x or ()),
        tag=tag,
    )
    project = frame.load()
    modules = tuple(module or ())
    progress = _progress(frame)
    if sql:
        print(
            upgrade_sql(
                project,
                target,
                modules=modules,
                database=frame.database,
                options=options,
                observer=progress,
            ),
            end="",
        )
        return 0
    if dry_run or check:
        planned = plan(
            project,
            target,
            modules=modules,
            database=frame.database,
            through_environment=True,
            options=options,
            observer=progress,
        )
        _show_plan(frame, project, planned)
        return EXIT_FINDINGS if check and planned.plan.steps else 0
    return _execute(
        frame,
        progress,
        target,
        lambda: upgrade(
            project,
            target,
            modules=modules,
            database=frame.database,
            options=options,
            observer=progress,
        ),
    )


def _downgrade(
    frame: Frame,
    target: TargetDown,
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Also undo revisions of other modules built on it.")
    ] = False,
    dry_run: DryRun = False,
    sql: Sql = False,
    lock_wait: LockWait = None,
    lock_timeout: LockTimeout = None,
    statement_timeout: StatementTimeout = None,
    retries: Retries = None,
    no_preflight: NoPreflight = False,
    allow_orphan: AllowOrphan = None,
    x: Extra = None,
    tag: Tag = None,
) -> int | None:
    """Undo the revisions above TARGET; says what it undoes in every module."""
    _only_one(("--dry-run", dry_run), ("--sql", sql))
    options = Options(
        lock_wait=lock_wait,
        lock_timeout=lock_timeout,
        statement_timeout=statement_timeout,
        retries=retries,
        preflight=not no_preflight,
        allow_orphans=tuple(allow_orphan or ()),
        x=tuple(x or ()),
        tag=tag,
    )
    project = frame.load()
    progress = _progress(frame)
    if sql:
        print(
            downgrade_sql(
                project,
                target,
                cascade=cascade,
                database=frame.database,
                options=options,
                observer=progress,
            ),
            end="",
        )
        return 0
    if dry_run:
        planned = plan(
            project,
            target,
            downgrade=True,
            database=frame.database,
            through_environment=True,
            options=options,
            observer=progress,
        )
        _show_plan(frame, project, planned)
        return 0
    return _execute(
        frame,
        progress,
        target,
        lambda: downgrade(
            project,
            target,
            cascade=cascade,
            database=frame.database,
            options=options,
            observer=progress,
        ),
    )


def _plan(frame: Frame, target: TargetUp = "heads", module: Modules = None) -> None:
    """Show the ordered steps and why each stands where it stands."""
    project = frame.load()
    planned = plan(
        project,
        target,
        modules=tuple(module or ()),
        database=frame.database,
        observer=_progress(frame),
    )
    if planned.from_base:
        frame.tell(["no database is named: this is the plan for an empty one"])
    _show_plan(frame, project, planned)


def _show_plan(frame: Frame, project: Project, planned: Planned) -> None:
    frame.show(
        lambda: plan_document(project.graph, planned.plan, planned.database),
        lambda: plan_lines(planned.plan),
    )


def _execute(
    frame: Frame, progress: LineProgress, target: str, work: Callable[[], RunResult]
) -> int | None:
    start = time.monotonic()
    try:
        result = work()
    except MigrationFailed as error:
        _close(progress)
        report(frame, error, failure_document(error, target, None))
        if not frame.json and error.applied:
            frame.tell([f"{len(error.applied)} revisions were committed before it"])
        return EXIT_FAILURE
    finally:
        _close(progress)
    seconds = time.monotonic() - start
    frame.show(lambda: run_document(result), lambda: [_summary(result, seconds)])
    return 0


def _summary(result: RunResult, seconds: float) -> str:
    count = len(result.applied)
    if not count:
        return f"nothing to do: the database is at {result.plan.target}"
    verb = "upgraded" if result.plan.direction == "upgrade" else "downgraded"
    modules = len({done.step.revision.module for done in result.applied})
    return (
        f"{verb} to {result.plan.target}: {count} revision{'s' if count > 1 else ''} of "
        f"{modules} module{'s' if modules > 1 else ''} in {seconds:.1f} s"
    )


def _progress(frame: Frame) -> LineProgress:
    if not (frame.quiet or frame.verbose) and sys.stderr.isatty():
        return BarProgress()
    return LineProgress(quiet=frame.quiet)


def _close(progress: LineProgress) -> None:
    if isinstance(progress, BarProgress):
        progress.close()


def _only_one(*options: tuple[str, bool]) -> None:
    given = [name for name, value in options if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} do not go together")
