"""What all commands share: the global options, before or after the command, and one way to end.

A command is a function whose first parameter is a `Frame`; the decorator adds the global options to
its signature, so that Typer offers them after the command too.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from modalembic.cli import exits
from modalembic.cli.run_options import Group, options_of
from modalembic.errors import Interrupted, ModalembicError

if TYPE_CHECKING:
    from modalembic.project import Project

Format = Literal["text", "json"]
_MOST_WARNINGS = 5


@dataclass(frozen=True)
class Frame:
    """The global options of one call; None where one was not given. `format` is one of those that
    the command has."""

    project: Path | None = None
    database: str | None = None
    format: str | None = None
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

    @property
    def width(self) -> int | None:
        """The columns of the terminal that stdout is; None where it is none."""
        return shutil.get_terminal_size().columns if sys.stdout.isatty() else None

    def load(self, *, warn: bool = True) -> Project:
        """The project, with its warnings told."""
        from modalembic.project import Project
        from modalembic.reporting.text import counted, warning_lines

        project = Project.load(self.project)
        if warn and not self.quiet:
            shown_warnings = project.warnings if self.verbose else project.warnings[:_MOST_WARNINGS]
            for warning in shown_warnings:
                self.tell(warning_lines(warning))
            left = len(project.warnings) - len(shown_warnings)
            if left:
                self.tell([f"and {counted(left, 'more warning')}; --verbose shows them"])
        return project

    def tell(self, lines: Iterable[str]) -> None:
        """Lines for the reader, on stderr."""
        for line in lines:
            print(line, file=sys.stderr)

    def show(
        self, document: Callable[[], dict[str, Any]], lines: Callable[[], Iterable[str]]
    ) -> None:
        """The result, on stdout, in the format that was asked for."""
        if self.json:
            from modalembic.reporting.document import dumps

            print(dumps(document()))
        else:
            from modalembic.reporting.text import fitted

            for line in fitted(lines(), self.width):
                print(line)

    def problems(self, project: Project) -> int:
        """For commands that report: tell what is wrong with the project; the exit code."""
        from modalembic.reporting.text import error_lines

        for problem in project.problems:
            self.tell(error_lines(problem))
        return exits.FINDINGS if project.problems else 0


ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project",
        help="The project's directory (default: the nearest one upwards).",
        metavar="DIR",
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
    Format | None,
    typer.Option("--format", help="text (default) or json.", show_default=False, metavar="FORMAT"),
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


def command(
    app: typer.Typer,
    name: str,
    *,
    options: Group | None = None,
    formats: Any = FormatOption,
    **settings: Any,
) -> Callable[[Any], Any]:
    """Register a function `(frame, …) -> exit code or None` as the command `name`.

    With `options`, a group in `run_options`, the command has these too, and the function gets them
    as its second parameter, `options`. `formats` is the option `--format` of a command that has
    more than the usual ones.
    """
    own_globals: Group = {**_GLOBALS, "format": (formats, None)}
    groups = (own_globals,) if options is None else (options, own_globals)

    def register(function: Callable[..., int | None]) -> Callable[..., int | None]:
        own = list(inspect.signature(function, eval_str=False).parameters.values())
        own = own[1:] if options is None else own[2:]
        hints = _evaluated(function, own)

        def run(context: typer.Context, **values: Any) -> None:
            if options is not None:
                values["options"] = options_of(options, values)
            after = Frame(**{key: values.pop(key) for key in _GLOBALS})
            frame = (context.obj or Frame()).merged(after)
            raise typer.Exit(perform(frame, lambda: function(frame, **values)))

        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter("context", keyword, annotation=typer.Context),
            *(p.replace(annotation=hints[p.name], kind=keyword) for p in own),
            *(
                inspect.Parameter(key, keyword, annotation=annotation, default=default)
                for group in groups
                for key, (annotation, default) in group.items()
            ),
        ]
        run.__doc__ = function.__doc__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        app.command(name, **settings)(run)
        return function

    return register


def _evaluated(function: Callable[..., Any], own: list[inspect.Parameter]) -> dict[str, Any]:
    """The annotations of a command's own parameters; those of `frame` and `options` may name what
    is imported for types only."""
    wanted = type("wanted", (), {"__annotations__": {p.name: p.annotation for p in own}})
    return get_type_hints(wanted, function.__globals__, include_extras=True)


def perform(frame: Frame, work: Callable[[], int | None]) -> int:
    """Do the work of a command; its exit code. Errors are told in a few lines."""
    if frame.no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        code = work() or 0
        sys.stdout.flush()
    except ModalembicError as error:
        report(frame, error)
        return error.exit_code
    except KeyboardInterrupt as error:
        report(frame, Interrupted("interrupted"), cause=error)
        return exits.INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has seen enough (head, say).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - nobody is above to tell it
        report(frame, _unexpected(error), cause=error)
        return exits.FAILURE
    return code


def report(
    frame: Frame,
    error: ModalembicError,
    document: dict[str, Any] | None = None,
    *,
    cause: BaseException | None = None,
) -> None:
    """Tell an error: in a few lines on stderr, or as `document` (default: the error alone) on
    stdout; with --debug also the traceback of `cause` (default: the error). No password is told."""
    from modalembic.cli.scrub import Scrubber
    from modalembic.reporting.document import dumps, error_document
    from modalembic.reporting.text import error_lines

    scrub = Scrubber(frame.project, frame.database)
    if frame.debug:
        import traceback

        told = "".join(traceback.format_exception(cause or error))
        print(scrub.text(told), file=sys.stderr, end="")
    if frame.json:
        print(dumps(scrub.document(document or error_document(error))))
    else:
        frame.tell(scrub.text(line) for line in error_lines(error))


def _unexpected(error: Exception) -> ModalembicError:
    import traceback

    from modalembic.reporting.text import shown

    place = traceback.extract_tb(error.__traceback__)[-1]
    return ModalembicError(
        f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}",
        hint="this was not foreseen; --debug shows the traceback for a bug report",
        path=shown(place.filename),
        line=place.lineno,
    )
