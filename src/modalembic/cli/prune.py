"""`prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.run_options import ENVIRONMENT_OPTIONS, duration
from modalembic.errors import UsageError

if TYPE_CHECKING:
    from modalembic.runtime.options import Options


def register(app: typer.Typer) -> None:
    """Add the command of this file to `app`."""
    command(app, "prune", options=ENVIRONMENT_OPTIONS)(_prune)


def _prune(
    frame: Frame,
    options: Options,
    older_than: Annotated[
        float,
        typer.Option(
            "--older-than",
            help="How old a row has to be: 90d, 12w, 36h.",
            metavar="TIME",
            parser=duration,
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be deleted, delete nothing.")
    ] = False,
) -> None:
    """Delete old rows of the history table that nothing needs."""
    from datetime import timedelta

    from modalembic.cli.running import lines_of
    from modalembic.reporting.document import pruned_document
    from modalembic.reporting.text import pruned_lines
    from modalembic.runtime.pruning import prune

    try:
        age = timedelta(seconds=older_than)
    except OverflowError:
        raise UsageError("--older-than is longer than there is time") from None
    pruned = prune(
        frame.load(),
        age,
        dry_run=dry_run,
        database=frame.database,
        options=options,
        observer=lines_of(frame),
    )
    frame.show(lambda: pruned_document(pruned), lambda: pruned_lines(pruned))
