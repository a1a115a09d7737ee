"""What all commands share: the global options, before or after the command."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from modalembic.cli import exits

if TYPE_CHECKING:
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
