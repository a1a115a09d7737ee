"""What all commands share: the global options, before or after the command, and one way to end.

A command is a function whose first parameter is a `Frame`; the decorator adds the global options to
its signature, so that Typer offers them after the command too.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from modalembic.cli import exits
from modalembic.cli.run_options import Group, options_of
from modalembic.cli.stderr import scrubbed_stderr
from modalembic.errors import Interrupted, ModalembicError, RunStopped, UsageError

if TYPE_CHECKING:
    from modalembic.cli.scrub import Scrubber
    from modalembic.errors import ProjectWarning
    from modalembic.project import Project
    from modalembic.reporting.logs.log import JsonLog

Format = Literal["text", "json"]
_MOST_WARNINGS = 5


@dataclass(frozen=True)
class Frame:
    """The global options of one call; None where one was not given. `format` is one of those that
    the command has; `given` are the texts on the command line, which may have passwords in them."""

    project: Path | None = None
    database: str | None = None
    format: str | None = None
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    no_color: bool = False
    log_format: str | None = None
    given: tuple[str, ...] = ()

    def merged(self, after: Frame) -> Frame:
        """These options, given before the command, with those given after it."""
        given = {field.name: getattr(after, field.name) for field in fields(after)}
        return replace(self, **{name: value for name, value in given.items() if value})

    def with_environment(self) -> Frame:
        """These options, with what the environment says for one that was not given."""
        named = self.log_format or os.environ.get("MODALEMBIC_LOG_FORMAT")
        return replace(self, log_format=named or None)

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
        from modalembic.reporting.text import counted

        project = Project.load(self.project)
        if warn and not self.quiet:
            shown_warnings = project.warnings if self.verbose else project.warnings[:_MOST_WARNINGS]
            for warning in shown_warnings:
                self.warn(warning)
            left = len(project.warnings) - len(shown_warnings)
            if left:
                self.tell([f"and {counted(left, 'more warning')}; --verbose shows them"])
        return project

    def warn(self, warning: ProjectWarning) -> None:
        """Tell a warning, on stderr."""
        log = self.log
        if log is not None:
            from modalembic.reporting.logs.progress import told

            log.write("warning", warning.message, level="warning", **told(warning))
            return
        from modalembic.reporting.text import warning_lines

        self.tell(warning_lines(warning))

    @property
    def log(self) -> JsonLog | None:
        """Where messages go under `--log-format json`; None where they are lines of text."""
        if self.log_format != "json":
            return None
        from modalembic.reporting.logs.capture import log_of

        return log_of(sys.stderr)

    def tell(self, lines: Iterable[str]) -> None:
        """Lines for the reader, on stderr."""
        log = self.log
        for line in lines:
            if log is not None:
                log.write("message", line)
            else:
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
LogFormatOption = Annotated[
    Format | None,
    typer.Option(
        "--log-format",
        help="What stderr carries: text (default), or json, an object a line "
        "(default: MODALEMBIC_LOG_FORMAT).",
        show_default=False,
        metavar="FORMAT",
    ),
]
ColorOption = Annotated[bool, typer.Option("--no-color", help="No colour (as NO_COLOR=1).")]

_GLOBALS: dict[str, tuple[Any, Any]] = {
    "project": (ProjectOption, None),
    "database": (DatabaseOption, None),
    "format": (FormatOption, None),
    "quiet": (QuietOption, False),
    "verbose": (VerboseOption, False),
    "debug": (DebugOption, False),
    "no_color": (ColorOption, False),
    "log_format": (LogFormatOption, None),
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
            frame = (context.obj or Frame()).merged(after).with_environment()
            frame = replace(frame, given=tuple(_texts((frame.database, *values.values()))))
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


def _texts(values: Any) -> Iterator[str]:
    """The texts among what was given on the command line, those of `-x` among the options too."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _texts(value)
        elif hasattr(value, "x"):
            yield from _texts(value.x)


def perform(frame: Frame, work: Callable[[], int | None]) -> int:
    """Do the work of a command; its exit code. Errors are told in a few lines, or in an object of
    the log."""
    if frame.no_color:
        os.environ["NO_COLOR"] = "1"
    scrubber = _LateScrubber(frame)
    if frame.log_format != "json":
        chosen = work if frame.log_format in (None, "text") else _no_such_format
        with scrubbed_stderr(scrubber.text):
            _warn_of_passwords(frame)
            return _perform(frame, chosen)
    from modalembic.reporting.logs.capture import captured

    with captured(scrubber.document):
        _warn_of_passwords(frame)
        return _perform(frame, work)


class _LateScrubber:
    """A `Scrubber`, made when there is something to say."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    @cached_property
    def _scrubber(self) -> Scrubber:
        from modalembic.cli.scrub import Scrubber

        return Scrubber(self._frame.project, self._frame.given)

    def text(self, text: str) -> str:
        return self._scrubber.text(text)

    def document(self, value: Any) -> Any:
        return self._scrubber.document(value)


def _warn_of_passwords(frame: Frame) -> None:
    """A password in an argument is seen by whoever may list processes."""
    suspects = [text for text in frame.given if "://" in text]
    if frame.quiet or not suspects:
        return
    from modalembic.cli.scrub import passwords_in

    if any(any(passwords_in(text)) for text in suspects):
        frame.warn(password_argument())


def password_argument() -> ProjectWarning:
    """The warning of a password on the command line."""
    from modalembic.errors import ProjectWarning

    return ProjectWarning(
        "password-argument",
        "a password on the command line is in the list of processes and in the shell's history",
        hint="give the URL by MODALEMBIC_DATABASE_URL, or the password by PGPASSWORD, ~/.pgpass or "
        "a service file",
    )


def _no_such_format() -> int:
    raise UsageError("MODALEMBIC_LOG_FORMAT is neither text nor json")


def _perform(frame: Frame, work: Callable[[], int | None]) -> int:
    try:
        code = work() or 0
        sys.stdout.flush()
    except ModalembicError as error:
        report(frame, error)
        return error.exit_code
    except KeyboardInterrupt as error:
        told = interrupted(error)
        report(frame, told, cause=error)
        return told.exit_code
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

    scrub = Scrubber(frame.project, frame.given)
    trace = None
    if frame.debug:
        import traceback

        trace = scrub.text("".join(traceback.format_exception(cause or error)))
    if frame.log is not None:
        from modalembic.reporting.logs.progress import told

        more: dict[str, Any] = {} if trace is None else {"traceback": trace}
        frame.log.write("error", error.message, level="error", **told(error), **more)
    elif trace is not None:
        print(trace, file=sys.stderr, end="")
    if frame.json:
        print(dumps(scrub.document(document or error_document(error))))
    elif frame.log is None:
        frame.tell(scrub.text(line) for line in error_lines(error))


def interrupted(error: BaseException | None) -> ModalembicError:
    """The error to tell of a command that Ctrl-C or SIGTERM ended."""
    from modalembic.runtime.stopping.signals import SIGTERM_WORDS, Terminated

    if isinstance(error, Terminated):
        return RunStopped(f"{SIGTERM_WORDS} ended the command", hint="run it again")
    return Interrupted("interrupted")


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
