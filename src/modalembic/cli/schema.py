"""`schema dump`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from modalembic.cli.ending import perform
from modalembic.cli.frame import (
    ColorOption,
    DatabaseOption,
    DebugOption,
    Frame,
    ProjectOption,
    QuietOption,
    VerboseOption,
)
from modalembic.errors import OutputFailed

DumpFormat = Literal["json", "sql"]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    group = typer.Typer(help="What Postgres says of the database's schema.", no_args_is_help=True)
    # A group of one command would be taken for the command.
    group.callback()(lambda: None)
    group.command("dump")(_dump)
    app.add_typer(group, name="schema")


def _dump(
    context: typer.Context,
    *,
    format: Annotated[  # noqa: A002
        DumpFormat | None,
        typer.Option("--format", help="json or sql.", show_default="json"),
    ] = None,
    schemas: Annotated[
        list[str] | None,
        typer.Option(
            "--schema",
            help="A schema (repeatable; default: all but the system's).",
            metavar="SCHEMA",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to FILE, not to stdout.", metavar="FILE"),
    ] = None,
    access: Annotated[bool, typer.Option("--access", help="Owners and grants too.")] = False,
    project: ProjectOption = None,
    database: DatabaseOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
    no_color: ColorOption = False,
) -> None:
    """Write the schema of the database as JSON or SQL."""
    outer = context.obj or Frame()
    shown: Literal["json"] | None = "json" if format == "json" else None
    after = Frame(project, database, shown, quiet, verbose, debug, no_color)
    frame = outer.merged(after)
    chosen: DumpFormat = format or "json"

    def work() -> None:
        text = _text(frame, chosen, schemas, access)
        if output is None:
            print(text, end="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise OutputFailed(f"cannot write: {error.strerror}", path=output) from error
        frame.tell([] if frame.quiet else [f"wrote {output}"])

    raise typer.Exit(perform(frame, work))


def _text(frame: Frame, chosen: DumpFormat, schemas: list[str] | None, access: bool) -> str:
    from modalembic.cli.running import lines_of
    from modalembic.postgres.catalog import to_sql
    from modalembic.reporting.document import dumps
    from modalembic.reporting.schema import schema_document
    from modalembic.runtime.catalog import live_catalog

    found = live_catalog(
        frame.load(),
        frame.database,
        schemas=schemas or None,
        access=access,
        observer=lines_of(frame),
    )
    if chosen == "sql":
        return to_sql(found.catalog)
    document: dict[str, Any] = schema_document(found.catalog, found.database)
    return dumps(document) + "\n"
