"""`current`, `stamp` and `modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from modalembic.cli import exits
from modalembic.cli.command import command
from modalembic.cli.ending import report
from modalembic.cli.frame import Frame
from modalembic.cli.run_options import ENVIRONMENT_OPTIONS, STAMP_OPTIONS
from modalembic.errors import MatchUnsettled, NoMatch, UsageError

if TYPE_CHECKING:
    from modalembic.runtime.match.found import Match
    from modalembic.runtime.options import Options


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "current", options=ENVIRONMENT_OPTIONS)(_current)
    command(app, "stamp", options=STAMP_OPTIONS)(_stamp)
    command(app, "modules", formats=_ModulesFormat)(_modules)


def _current(
    frame: Frame,
    options: Options,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 unless the database is at the heads.")
    ] = False,
) -> int | None:
    """Show what the database has, for each module."""
    from modalembic.cli.running import lines_of
    from modalembic.reporting.document import current_document
    from modalembic.reporting.text import current_lines
    from modalembic.runtime.question import ask, ask_environment
    from modalembic.runtime.state.status import at_heads, current_rows

    project = frame.load()
    progress = lines_of(frame)
    answer = ask(project, frame.database, observer=progress) or ask_environment(project, options)
    for warning in answer.situation.warnings(project):
        progress.warning(warning)
    rows = current_rows(project, answer.situation)
    complete = at_heads(project, answer.situation.state)
    frame.show(
        lambda: current_document(rows, answer.database, complete), lambda: current_lines(rows)
    )
    return (exits.FINDINGS if check and not complete else 0) or frame.problems(project)


def _stamp(
    frame: Frame,
    options: Options,
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="heads, module@head, ids, base, …", metavar="[TARGET...]"),
    ] = None,
    purge: Annotated[
        bool, typer.Option("--purge", help="Empty the version table first, unknown rows too.")
    ] = False,
    match: Annotated[
        bool, typer.Option("--match", help="Write the rows of what the database really matches.")
    ] = False,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at",
            help="With --match: what has run, where no catalog tells (repeatable).",
            metavar="TARGET",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --match: show the proof, write nothing.")
    ] = False,
) -> int:
    """Write the version rows of TARGET and run nothing."""
    _require_sense(targets, match=match, at=at, dry_run=dry_run)
    if match:
        return _stamp_match(frame, options, tuple(at or ()), purge=purge, dry_run=dry_run)
    from modalembic.cli.running import lines_of
    from modalembic.reporting.document import stamp_document
    from modalembic.reporting.matching import rows_lines
    from modalembic.runtime.stamp import stamp

    project = frame.load()
    result = stamp(
        project,
        targets or (),
        purge=purge,
        database=frame.database,
        options=options,
        observer=lines_of(frame),
    )
    frame.show(lambda: stamp_document(result), lambda: rows_lines(result, dry_run=False))
    return 0


def _require_sense(
    targets: list[str] | None, *, match: bool, at: list[str] | None, dry_run: bool
) -> None:
    """Raise UsageError where options do not go together."""
    if match and targets:
        raise UsageError(
            "--match finds the targets itself",
            hint=f"modalembic stamp --match, or modalembic stamp {' '.join(targets)}",
        )
    if not match and (at or dry_run):
        option = "--at" if at else "--dry-run"
        raise UsageError(f"{option} is for --match", hint=f"modalembic stamp --match {option}")
    if not match and not targets:
        raise UsageError(
            "stamp needs a target",
            hint="modalembic stamp heads, or modalembic stamp --match for what is really there",
        )


def _stamp_match(
    frame: Frame, options: Options, at: tuple[str, ...], *, purge: bool, dry_run: bool
) -> int:
    from modalembic.cli.running import lines_of
    from modalembic.reporting.matching import match_document, match_lines, rows_lines
    from modalembic.runtime.match.stamping import stamp_match

    try:
        result = stamp_match(
            frame.load(),
            at=at,
            purge=purge,
            dry_run=dry_run,
            database=frame.database,
            options=options,
            observer=lines_of(frame),
        )
    except (NoMatch, MatchUnsettled) as error:
        return _not_stamped(frame, error, dry_run=dry_run)
    frame.show(
        lambda: match_document(result.found, result.stamped, dry_run=dry_run),
        lambda: [*match_lines(result.found), *rows_lines(result.stamped, dry_run=dry_run)],
    )
    return 0


def _not_stamped(frame: Frame, error: NoMatch | MatchUnsettled, *, dry_run: bool) -> int:
    """Show what was found, and why nothing was stamped; the exit code."""
    from modalembic.reporting.document import error_document
    from modalembic.reporting.matching import match_document, match_lines

    found = cast("Match", error.found)
    if not frame.json:
        frame.show(dict, lambda: match_lines(found))
    document = {**match_document(found, None, dry_run=dry_run), **error_document(error)}
    report(frame, error, document)
    return error.exit_code


_ModulesFormat = Annotated[
    Literal["text", "json", "markdown"] | None,
    typer.Option(
        "--format",
        help="text (default), json, or markdown: the components.",
        show_default=False,
        metavar="FORMAT",
    ),
]


def _modules(
    frame: Frame,
    components: Annotated[
        bool,
        typer.Option("--components", help="What each has of its own, and what is elsewhere still."),
    ] = False,
) -> int:
    """List the modules and the state of each."""
    from modalembic.cli.running import lines_of
    from modalembic.modules.ownership import read_ownership
    from modalembic.reporting.components import component_lines, component_markdown
    from modalembic.reporting.document import modules_document
    from modalembic.reporting.text import error_lines, modules_lines
    from modalembic.runtime.question import ask
    from modalembic.runtime.state.status import module_statuses

    project = frame.load()
    answer = ask(project, frame.database, observer=lines_of(frame))
    ownership = read_ownership(project.modules, project.search, project.configuration)
    statuses = module_statuses(project, answer.situation if answer else None, ownership.tables)
    if frame.format == "markdown":
        print("\n".join(component_markdown(statuses)))
    elif components and not frame.json:
        print("\n".join(component_lines(statuses)))
    else:
        frame.show(lambda: modules_document(statuses), lambda: modules_lines(statuses, frame.width))
    if answer is None and not frame.quiet and not components and frame.format != "markdown":
        frame.tell(["no database is named (--database URL), so what is applied is unknown"])
    for problem in ownership.problems:
        frame.tell(error_lines(problem))
    return (exits.FINDINGS if ownership.problems else 0) or frame.problems(project)
