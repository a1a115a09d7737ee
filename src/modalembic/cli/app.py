"""The Typer application: which commands there are, and the options before them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from modalembic import __version__
from modalembic.cli.frame import (
    ColorOption,
    DatabaseOption,
    DebugOption,
    FormatOption,
    Frame,
    LogFormatOption,
    ProjectOption,
    QuietOption,
    VerboseOption,
)

# Where each command is, in the order of the help page.
COMMANDS = {
    "upgrade": "upgrade",
    "downgrade": "upgrade",
    "plan": "upgrade",
    "current": "database",
    "stamp": "database",
    "modules": "database",
    "install": "install",
    "uninstall": "install",
    "heads": "history",
    "history": "history",
    "show": "history",
    "check": "check",
    "doctor": "doctor",
    "repair": "doctor",
    "prune": "prune",
    "schema": "schema",
    "diff": "diff",
    "init": "setup",
    "new-module": "setup",
    "revision": "revision",
    "move": "move",
    "adopt": "adopt",
    "merge": "merge",
    "rebase": "merge",
}
_TAKE_VALUES = ("--project", "--database", "--format", "--log-format")


def application(arguments: Iterable[str] = ()) -> typer.Typer:
    """The application with the command that `arguments` call: making all of them takes as long as
    reading a thousand revisions. With all where none is called, or a wrong one."""
    app = typer.Typer(
        name="modalembic",
        help="Every module's Alembic migrations as one safe upgrade.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    named = _named(arguments)
    for module in dict.fromkeys(COMMANDS.values()):
        if named is None or module == COMMANDS[named]:
            import_module(f"modalembic.cli.{module}").register(app)
    app.callback()(_options)
    return app


def _named(arguments: Iterable[str]) -> str | None:
    """The command that is called, if that is beyond doubt: what stands first, but for options and
    their values."""
    rest = iter(arguments)
    for argument in rest:
        if argument in ("-h", "--help"):
            return None
        if argument in _TAKE_VALUES:
            next(rest, None)
        elif not argument.startswith("-"):
            return argument if argument in COMMANDS else None
    return None


def _show_version(value: bool) -> None:
    if value:
        print(f"modalembic {__version__}")
        raise typer.Exit


def _options(
    context: typer.Context,
    project: ProjectOption = None,
    database: DatabaseOption = None,
    format: FormatOption = None,  # noqa: A002
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
    no_color: ColorOption = False,
    log_format: LogFormatOption = None,
    version: Annotated[  # noqa: ARG001 - its callback prints
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Every module's Alembic migrations as one safe upgrade."""
    context.obj = Frame(project, database, format, quiet, verbose, debug, no_color, log_format)
