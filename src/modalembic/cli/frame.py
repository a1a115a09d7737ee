"""What all commands share: the global options, before or after the command, and one way to end.

A command is a function whose first parameter is a `Frame`; the decorator adds the global options to
its signature, so that Typer offers them after the command too.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from modalembic.errors import ModalembicError
from modalembic.project import Project
from modalembic.reporting.document import dumps, error_document
from modalembic.reporting.text import error_lines, shown, warning_lines

Format = Literal["text", "json"]
EXIT_FINDINGS = 1
EXIT_FAILURE = 2
EXIT_INTERRUPTED = 130
_MOST_WARNINGS = 5


@dataclass(frozen=True)
class Frame:
    """The global options of one call; None where one was not given."""

    project: Path | None = None
    database: str | None = None
    format: Format | None = None
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    no_color: bool = False

    def merged(self, after: Frame) -> Frame:
        """These options, given before the command, with those given after it."""
        given = {field.name: getattr(after, field.name) for field in fields(after)}
        return replace(self, **{name: value for name, value in given.items() if value})

    @property
    def json(self) -> bool:
        """Whether stdout is to carry a JSON document."""
        return self.format == "json"

    def load(self, *, warn: bool = True) -> Project:
        """The project, with its warnings told."""
        project = Project.load(self.project)
        if warn and not self.quiet:
            shown_warnings = project.warnings if self.verbose else project.warnings[:_MOST_WARNINGS]
            for warning in shown_warnings:
                self.tell(warning_lines(warning))
            left = len(project.warnings) - len(shown_warnings)
            if left:
                self.tell([f"and {left} more warnings; --verbose shows them"])
        return project

    def tell(self, lines: Iterable[str]) -> None:
        """Lines for the reader, on stderr."""
        for line in lines:
            print(line, file=sys.stderr)

    def show(self, document: Callable[[], dict[str, Any]], lines: Callable[[], Iterable[str]]) -> None:
        """The result, on stdout, in the format that was asked for."""
        if self.json:
            print(dumps(document()))
        else:
            for line in lines():
                print(line)

    def problems(self, project: Project) -> int:
        """For commands that report: tell what is wrong with the project; the exit code."""
        for problem in project.problems:
            self.tell(error_lines(problem))
        return EXIT_FINDINGS if project.problems else 0


ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", help="The project's directory (default: the nearest one upwards).", metavar="DIR"
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="A postgresql:// URL, embedded, container, or none "
        "(default: MODALEMBIC_DATABASE_URL, the configuration, env.py).",
        metavar="URL",
    ),
]
FormatOption = Annotated[
    Format | None, typer.Option("--format", help="How the result is written.", show_default="text")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Only results and errors.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="All warnings and details.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Tracebacks of errors.")]
ColorOption = Annotated[bool, typer.Option("--no-color", help="No colour (as NO_COLOR=1).")]

_GLOBALS: dict[str, tuple[Any, Any]] = {
    "project": (ProjectOption, None),
    "database": (DatabaseOption, None),
    "format": (FormatOption, None),
    "quiet": (QuietOption, False),
    "verbose": (VerboseOption, False),
    "debug": (DebugOption, False),
    "no_color": (ColorOption, False),
}


def command(app: typer.Typer, name: str, **settings: Any) -> Callable[[Any], Any]:
    """Register a function `(frame, …) -> exit code or None` as the command `name`."""

    def register(function: Callable[..., int | None]) -> Callable[..., int | None]:
        hints = get_type_hints(function, include_extras=True)
        own = list(inspect.signature(function).parameters.values())[1:]

        @functools.wraps(function)
        def run(context: typer.Context, **values: Any) -> None:
            after = Frame(**{key: values.pop(key) for key in _GLOBALS})
            frame = (context.obj or Frame()).merged(after)
            raise typer.Exit(perform(frame, lambda: function(frame, **values)))

        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter("context", keyword, annotation=typer.Context),
            *(p.replace(annotation=hints[p.name], kind=keyword) for p in own),
            *(
                inspect.Parameter(key, keyword, annotation=annotation, default=default)
                for key, (annotation, default) in _GLOBALS.items()
            ),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        del run.__wrapped__
        app.command(name, **settings)(run)
        return function

    return register


def perform(frame: Frame, work: Callable[[], int | None]) -> int:
    """Do the work of a command; its exit code. Errors are told in a few lines."""
    if frame.no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        return work() or 0
    except ModalembicError as error:
        report(frame, error)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has seen enough (head, say).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        _report_unexpected(frame, error)
        return EXIT_FAILURE


def report(frame: Frame, error: ModalembicError, document: dict[str, Any] | None = None) -> None:
    """Tell an error: in a few lines on stderr, or as `document` (default: the error alone) on
    stdout; with --debug its traceback too."""
    if frame.debug:
        traceback.print_exception(error)
    if frame.json:
        print(dumps(document or error_document(error)))
    else:
        frame.tell(error_lines(error))


def _report_unexpected(frame: Frame, error: Exception) -> None:
    if frame.debug:
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    report(
        replace(frame, debug=False),
        ModalembicError(
            f"{type(error).__name__}: {error}",
            hint="this was not foreseen; --debug shows the traceback for a bug report",
            path=shown(place.filename),
            line=place.lineno,
        ),
    )
