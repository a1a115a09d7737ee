"""`diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from modalembic.cli import exits
from modalembic.cli.command import command
from modalembic.cli.frame import Frame


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "diff")(_diff)


_SOURCE = (
    "models, migrations, live, a postgresql:// URL, git:REF, git:REF:models, or a file of "
    "schema dump."
)


def _diff(
    frame: Frame,
    expected: Annotated[str, typer.Argument(help=_SOURCE, metavar="FROM")],
    actual: Annotated[str, typer.Argument(help=_SOURCE, metavar="TO")],
    schemas: Annotated[
        list[str] | None,
        typer.Option(
            "--schema",
            help="A schema (repeatable; default: all but the system's).",
            metavar="SCHEMA",
        ),
    ] = None,
    literally: Annotated[
        bool,
        typer.Option(
            "--literally", help="Compare spelling too, and create nothing to see through it."
        ),
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Make all catalogs anew, and keep none.")
    ] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print a script for psql that makes TO as FROM is.")
    ] = False,
) -> int:
    """Show how the schema TO differs from FROM.

    Differences of severity `error` make the exit code 1.
    """
    from modalembic.cli.running import lines_of
    from modalembic.reporting.differences import diff_document, diff_lines, diff_sql
    from modalembic.runtime.diff.comparison import diff

    comparison = diff(
        frame.load(),
        expected,
        actual,
        database=frame.database,
        schemas=schemas or None,
        literally=literally,
        cache=not no_cache,
        observer=lines_of(frame),
    )
    if sql and not frame.json:
        print(*diff_sql(comparison), sep="\n")  # as it is: folded lines would be other SQL
    else:
        frame.show(lambda: diff_document(comparison), lambda: diff_lines(comparison))
    return 0 if comparison.ok else exits.FINDINGS
