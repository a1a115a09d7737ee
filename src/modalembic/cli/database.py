"""`current`, `stamp` and `modules`."""

from __future__ import annotations

from typing import Annotated

import typer

from modalembic.cli.frame import EXIT_FINDINGS, Frame, command
from modalembic.modules.ownership import read_tables
from modalembic.reporting.document import current_document, modules_document, stamp_document
from modalembic.reporting.progress import LineProgress
from modalembic.reporting.text import current_lines, modules_lines
from modalembic.runtime.options import Options
from modalembic.runtime.question import ask, ask_environment
from modalembic.runtime.stamp import stamp
from modalembic.runtime.status import at_heads, current_rows, module_statuses


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "current")(_current)
    command(app, "stamp")(_stamp)
    command(app, "modules")(_modules)


def _current(
    frame: Frame,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 unless the database is at the heads.")
    ] = False,
) -> int | None:
    """Show what the database has, for each module."""
    project = frame.load()
    answer = ask(project, frame.database) or ask_environment(project)
    for warning in () if frame.quiet else answer.situation.warnings():
        LineProgress().warning(warning)
    rows = current_rows(project, answer.situation)
    complete = at_heads(project, answer.situation.state)
    frame.show(
        lambda: current_document(rows, answer.database, complete), lambda: current_lines(rows)
    )
    return (EXIT_FINDINGS if check and not complete else 0) or frame.problems(project)


def _stamp(
    frame: Frame,
    targets: Annotated[list[str], typer.Argument(help="heads, module@head, ids, base, …")],
    purge: Annotated[
        bool, typer.Option("--purge", help="Empty the version table first, unknown rows too.")
    ] = False,
    lock_wait: Annotated[float | None, typer.Option("--lock-wait", help="Seconds (60).")] = None,
) -> None:
    """Write the version rows of TARGET and run nothing."""
    project = frame.load()
    result = stamp(
        project,
        targets,
        purge=purge,
        database=frame.database,
        options=Options(lock_wait=lock_wait),
        observer=LineProgress(quiet=frame.quiet),
    )
    frame.show(
        lambda: stamp_document(result),
        lambda: [
            f"was: {', '.join(result.before) or 'nothing'}",
            f"is:  {', '.join(result.after) or 'nothing'}",
        ],
    )


def _modules(frame: Frame) -> int:
    """List the modules: tier, requirements, tables, revisions and state."""
    project = frame.load()
    answer = ask(project, frame.database)
    tables = read_tables(project.modules, project.search, project.configuration)
    statuses = module_statuses(project, answer.situation if answer else None, tables)
    frame.show(lambda: modules_document(statuses), lambda: modules_lines(statuses))
    return frame.problems(project)
