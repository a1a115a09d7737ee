"""`upgrade`, `downgrade` and `plan`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from modalembic.cli import exits
from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.relative import RelativeTargets
from modalembic.cli.run_options import PLAN_OPTIONS, RUN_OPTIONS, UPGRADE_OPTIONS
from modalembic.cli.running import progress_of, run_to_end
from modalembic.errors import UsageError

if TYPE_CHECKING:
    from modalembic.project import Project
    from modalembic.reporting.progress import LineProgress
    from modalembic.runtime.options import Options
    from modalembic.runtime.planning import Planned
    from modalembic.runtime.run import RunResult

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
Cascade = Annotated[
    bool, typer.Option("--cascade", help="Also undo revisions of other modules built on it.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "upgrade", options=UPGRADE_OPTIONS, cls=RelativeTargets)(_upgrade)
    command(app, "downgrade", options=RUN_OPTIONS, cls=RelativeTargets)(_downgrade)
    command(app, "plan", options=PLAN_OPTIONS, cls=RelativeTargets)(_plan)


def _upgrade(
    frame: Frame,
    options: Options,
    target: TargetUp = "heads",
    module: Modules = None,
    dry_run: DryRun = False,
    sql: Sql = False,
    check: Check = False,
) -> int:
    """Run every module's pending revisions."""
    from modalembic.runtime.commands import upgrade

    _only_one(("--dry-run", dry_run), ("--sql", sql), ("--check", check))
    project = frame.load()
    modules = tuple(module or ())
    progress = progress_of(frame)
    if dry_run or check:
        planned = _planned(frame, project, target, options, modules=modules)
        return exits.FINDINGS if check and planned.plan.steps else 0
    if sql:
        from modalembic.runtime.offline import upgrade_sql

        text = upgrade_sql(
            project,
            target,
            modules=modules,
            database=frame.database,
            options=options,
            observer=progress,
        )
        return _show_sql(frame, target, text)
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
        modules,
    )


def _downgrade(
    frame: Frame,
    options: Options,
    target: TargetDown,
    cascade: Cascade = False,
    dry_run: DryRun = False,
    sql: Sql = False,
) -> int:
    """Undo the revisions above TARGET.

    Says what it undoes in every module before it does it.
    """
    from modalembic.runtime.commands import downgrade
    from modalembic.runtime.planning import crossing

    _only_one(("--dry-run", dry_run), ("--sql", sql))
    project = frame.load()
    progress = progress_of(frame)
    if dry_run:
        planned = _planned(frame, project, target, options, downgrade=True)
        if crossing(project, planned.plan, planned.state) and not (cascade or frame.quiet):
            frame.tell(["without --cascade this is refused: it undoes revisions of other modules"])
        return 0
    if sql:
        from modalembic.runtime.offline import downgrade_sql

        text = downgrade_sql(
            project,
            target,
            cascade=cascade,
            database=frame.database,
            options=options,
            observer=progress,
        )
        return _show_sql(frame, target, text)
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


def _plan(
    frame: Frame, options: Options, target: TargetUp = "heads", module: Modules = None
) -> None:
    """Show the ordered steps and their reasons."""
    from modalembic.runtime.planning import plan

    project = frame.load()
    planned = plan(
        project,
        target,
        modules=tuple(module or ()),
        database=frame.database,
        options=options,
        observer=progress_of(frame),
    )
    if planned.from_base:
        from modalembic.runtime.tables.installed.which import HEADS, left_out

        without = left_out(project) if target == HEADS and not module else ""
        frame.tell([f"no database is named: this is the plan for an empty one{without}"])
    _show_plan(frame, project, planned)


def _planned(
    frame: Frame,
    project: Project,
    target: str,
    options: Options,
    *,
    modules: tuple[str, ...] = (),
    downgrade: bool = False,
) -> Planned:
    """The plan for the database at hand, shown."""
    from modalembic.runtime.planning import plan

    planned = plan(
        project,
        target,
        modules=modules,
        downgrade=downgrade,
        database=frame.database,
        through_environment=True,
        options=options,
        observer=progress_of(frame),
    )
    _show_plan(frame, project, planned)
    return planned


def _show_plan(frame: Frame, project: Project, planned: Planned) -> None:
    from modalembic.reporting.document import plan_document
    from modalembic.reporting.text import plan_lines

    frame.show(
        lambda: plan_document(project.graph, planned.plan, planned.database),
        lambda: plan_lines(planned.plan),
    )


def _show_sql(frame: Frame, target: str, text: str) -> int:
    if frame.json:
        frame.show(lambda: {"target": target, "sql": text}, tuple)
    else:
        print(text, end="")
    return 0


def _execute(
    frame: Frame,
    progress: LineProgress,
    target: str,
    work: Callable[[], RunResult],
    modules: tuple[str, ...] = (),
) -> int:
    from modalembic.reporting.document import run_document

    return run_to_end(
        frame,
        progress,
        target,
        work,
        run_document,
        lambda result, seconds: [_summary(result, modules, seconds)],
    )


def _summary(result: RunResult, modules: tuple[str, ...], seconds: float) -> str:
    from modalembic.reporting.text import counted

    count = len(result.applied)
    target = ", ".join(f"{name}@head" for name in modules) or result.plan.target
    if not count:
        at_an_end = target == "heads" or result.plan.direction == "downgrade"
        has = f"is at {target}" if at_an_end else f"has {target} already"
        return f"nothing to do: the database {has}"
    verb = "upgraded" if result.plan.direction == "upgrade" else "downgraded"
    touched = len({done.step.revision.module for done in result.applied})
    return (
        f"{verb} to {target}: {counted(count, 'revision')} of "
        f"{counted(touched, 'module')} in {seconds:.1f} s"
    )


def _only_one(*options: tuple[str, bool]) -> None:
    given = [name for name, value in options if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} do not go together")
