"""The entry point of `modalembic`."""

from __future__ import annotations

import signal
import sys
from itertools import pairwise
from typing import Annotated, Any

import typer

from modalembic import __version__
from modalembic.cli import check, database, diff, history, schema, setup, upgrade
from modalembic.cli.frame import (
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    ColorOption,
    DatabaseOption,
    DebugOption,
    FormatOption,
    Frame,
    ProjectOption,
    QuietOption,
    VerboseOption,
)
from modalembic.errors import Interrupted, UsageError

app = typer.Typer(
    name="modalembic",
    help="Every module's Alembic migrations as one safe upgrade.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for commands in (upgrade, database, history, check, schema, diff, setup):
    commands.register(app)


def _show_version(value: bool) -> None:
    if value:
        print(f"modalembic {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    project: ProjectOption = None,
    database: DatabaseOption = None,
    format: FormatOption = None,  # noqa: A002
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
    no_color: ColorOption = False,
    version: Annotated[  # noqa: ARG001 - its callback prints
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Every module's Alembic migrations as one safe upgrade."""
    context.obj = Frame(project, database, format, quiet, verbose, debug, no_color)


def main() -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that cannot show a letter is no reason to fail.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    # A container that is stopped is sent SIGTERM: it ends as after Ctrl-C, rolled back and told.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with `arguments`; the exit code."""
    from modalembic.cli.frame import report

    # Typer has a Click of its own and exports only this of its errors: the class above it is
    # UsageError.
    usage_error: Any = typer.BadParameter.__mro__[1]
    try:
        code = typer.main.get_command(app).main(
            arguments, prog_name="modalembic", standalone_mode=False
        )
    except typer.Abort as error:
        report(_frame_of(arguments), Interrupted("interrupted"), cause=error)
        return EXIT_INTERRUPTED
    except usage_error as error:
        if not arguments:
            print(error.format_message())
            return EXIT_FAILURE
        context = error.ctx
        path = context.command_path if context is not None else "modalembic"
        report(
            _frame_of(arguments),
            UsageError(error.format_message(), hint=f"`{path} --help` shows what there is"),
        )
        return EXIT_FAILURE
    return code if isinstance(code, int) else 0


def _frame_of(arguments: list[str]) -> Frame:
    """As much of the global options as errors need, where the arguments could not be parsed."""
    json = "--format=json" in arguments or ("--format", "json") in pairwise(arguments)
    return Frame(format="json" if json else None, debug="--debug" in arguments)
