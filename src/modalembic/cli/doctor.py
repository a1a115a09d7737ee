"""`doctor` and `repair`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modalembic.cli import exits
from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.run_options import ENVIRONMENT_OPTIONS, STAMP_OPTIONS

if TYPE_CHECKING:
    from modalembic.runtime.options import Options


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "doctor", options=ENVIRONMENT_OPTIONS)(_doctor)
    command(app, "repair", options=STAMP_OPTIONS)(_repair)


def _doctor(
    frame: Frame,
    options: Options,
    match: Annotated[
        bool,
        typer.Option("--match", help="Compare the catalog with what the revisions make, always."),
    ] = False,
) -> int:
    """Say what is wrong in the database, and which command mends it."""
    from modalembic.checks.doctor.command import doctor
    from modalembic.cli.running import lines_of
    from modalembic.reporting.document import doctor_document
    from modalembic.reporting.findings_text import report_lines

    diagnosis = doctor(
        frame.load(),
        match=match,
        database=frame.database,
        options=options,
        observer=lines_of(frame),
    )
    frame.show(
        lambda: doctor_document(diagnosis.ok, diagnosis.findings, diagnosis.database),
        lambda: report_lines(diagnosis),
    )
    return 0 if diagnosis.ok else exits.FINDINGS


def _named(option: str, help_: str, metavar: str = "REV") -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(option, help=help_, metavar=metavar)
    return found


def _repair(
    frame: Frame,
    options: Options,
    done: Annotated[
        list[str] | None,
        _named("--done", "An interrupted revision that is complete (repeatable)."),
    ] = None,
    undone: Annotated[
        list[str] | None,
        _named("--undone", "An interrupted revision of which nothing is left (repeatable)."),
    ] = None,
    accept: Annotated[
        list[str] | None,
        _named("--accept", "A revision that was edited after it ran (repeatable)."),
    ] = None,
    retire: Annotated[
        list[str] | None,
        _named("--retire", "A module that is gone; its tables stay (repeatable).", "MODULE"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, do nothing.")
    ] = False,
) -> int:
    """Mend what is proven to be safe, and what is asked for."""
    from modalembic.cli.running import lines_of
    from modalembic.reporting.document import repair_document
    from modalembic.reporting.text import repair_lines
    from modalembic.runtime.repair.command import repair

    repaired = repair(
        frame.load(),
        done=done or (),
        undone=undone or (),
        accept=accept or (),
        retire=retire or (),
        dry_run=dry_run,
        database=frame.database,
        options=options,
        observer=lines_of(frame),
    )
    frame.show(lambda: repair_document(repaired), lambda: repair_lines(repaired))
    return exits.FINDINGS if repaired.left else 0
