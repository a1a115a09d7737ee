"""The entry point of `modalembic`."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from modalembic._version import __version__
from modalembic.cli import exits
from modalembic.runtime.stopping.signals import on_sigterm

if TYPE_CHECKING:
    from modalembic.cli.frame import Frame
    from modalembic.errors import ModalembicError

HELP_PAGE = Path(__file__).with_name("help.txt")
HELP_WIDTH = 80


def main() -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that cannot show a letter is no reason to fail.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    # What is sent to a container that is stopped. Ctrl-C has Python's own handler.
    signal.signal(signal.SIGTERM, on_sigterm)
    # Imports and a project's headers make many objects and no garbage; a run turns it on again.
    gc.disable()
    code = run(sys.argv[1:])
    if "alembic" not in sys.modules:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """End at once. To take a large project's objects apart is a tenth of a short command's time;
    only where none of the project's own code has run, which may wait for the end of the process."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run the command line with `arguments`; the exit code."""
    ready = _ready_made(arguments)
    if ready is not None:
        with suppress(BrokenPipeError):  # whoever reads has seen enough: `| head -1`
            print(ready)
        return 0 if arguments else exits.FAILURE
    return _run(arguments)


def _ready_made(arguments: list[str]) -> str | None:
    """What can be said without making the application, which takes four times as long."""
    if arguments == ["--version"]:
        return f"modalembic {__version__}"
    if "_MODALEMBIC_COMPLETE" in os.environ:
        # A shell asks for completions, in variables.
        return None
    wide = shutil.get_terminal_size().columns >= HELP_WIDTH
    if arguments in ([], ["--help"], ["-h"]) and wide:
        return HELP_PAGE.read_text(encoding="utf-8").rstrip("\n")
    return None


def _run(arguments: list[str]) -> int:
    import typer

    from modalembic.cli.app import application
    from modalembic.cli.ending import interrupted
    from modalembic.errors import UsageError

    # Typer has a Click of its own and exports only this of its errors: the class above it is
    # UsageError.
    usage_error: Any = typer.BadParameter.__mro__[1]
    try:
        code = typer.main.get_command(application(arguments)).main(
            arguments, prog_name="modalembic", standalone_mode=False
        )
    except typer.Abort as error:
        return _tell(arguments, interrupted(error.__cause__), error)
    except usage_error as error:
        if not arguments:
            print(error.format_message())
            return exits.FAILURE
        context = error.ctx
        path = context.command_path if context is not None else "modalembic"
        hint = f"`{path} --help` shows what there is"
        return _tell(arguments, UsageError(error.format_message(), hint=hint), error)
    return code if isinstance(code, int) else 0


def _tell(arguments: list[str], told: ModalembicError, error: Exception) -> int:
    """Tell an error that came up before the command began; the exit code."""
    from modalembic.cli.ending import perform

    def work() -> NoReturn:
        raise told from error

    return perform(_frame_of(arguments), work)


def _frame_of(arguments: list[str]) -> Frame:
    """As much of the global options as errors need, where the arguments could not be parsed."""
    from modalembic.cli.frame import Frame

    def json(option: str) -> str | None:
        given = f"{option}=json" in arguments or (option, "json") in pairwise(arguments)
        return "json" if given else None

    debug = "--debug" in arguments
    frame = Frame(
        format=json("--format"),
        debug=debug,
        log_format=json("--log-format"),
        given=tuple(arguments),
    )
    return frame.with_environment()
