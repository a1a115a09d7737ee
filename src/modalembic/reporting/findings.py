"""Findings in every format, and which format a file is to have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from modalembic.checks.report import CheckReport
from modalembic.errors import OutputFailed, UsageError

CheckFormat = Literal["text", "json", "sarif", "junit", "github", "markdown"]
_EXTENSIONS: Mapping[str, CheckFormat] = {
    ".json": "json",
    ".markdown": "markdown",
    ".md": "markdown",
    ".sarif": "sarif",
    ".txt": "text",
    ".xml": "junit",
}


@dataclass(frozen=True)
class Output:
    """A file to write, and its format."""

    path: Path
    format: CheckFormat


def output(option: str) -> Output:
    """What `--output` means: FILE, whose extension says the format, or FORMAT:FILE. Raises
    UsageError where neither tells it."""
    format_, colon, file = option.partition(":")
    if colon and file and format_ in get_args(CheckFormat):
        return Output(Path(file), cast(CheckFormat, format_))
    path = Path(option)
    # GitHub takes logs by this name, too.
    if path.name.endswith(".sarif.json"):
        return Output(path, "sarif")
    if path.suffix not in _EXTENSIONS:
        raise UsageError(
            f"--output {option} does not say its format",
            hint=f"write FORMAT:{option}, where FORMAT is {', '.join(get_args(CheckFormat))}; "
            f"or one of the extensions {', '.join(_EXTENSIONS)}",
        )
    return Output(path, _EXTENSIONS[path.suffix])


def written(report: CheckReport, format_: CheckFormat) -> str:
    """The report in a format, its last line ended."""
    return _WRITERS[format_](report)


def write_output(report: CheckReport, wanted: Output) -> None:
    """Write a file. Raises OutputFailed."""
    try:
        wanted.path.write_text(written(report, wanted.format), encoding="utf-8")
    except OSError as error:
        raise OutputFailed(f"cannot write: {error.strerror}", path=wanted.path) from error


def _text(report: CheckReport) -> str:
    from modalembic.reporting.findings_text import report_lines

    return "".join(f"{line}\n" for line in report_lines(report))


def _json(report: CheckReport) -> str:
    from modalembic.reporting.document import check_document, dumps

    return dumps(check_document(report.ok, report.checks, report.findings, report.moves)) + "\n"


def _sarif(report: CheckReport) -> str:
    from modalembic.reporting.sarif import sarif

    return sarif(report)


def _junit(report: CheckReport) -> str:
    from modalembic.reporting.junit import junit

    return junit(report)


def _github(report: CheckReport) -> str:
    from modalembic.reporting.github import github

    return github(report)


def _markdown(report: CheckReport) -> str:
    from modalembic.reporting.markdown import markdown

    return markdown(report)


_WRITERS: Mapping[CheckFormat, Callable[[CheckReport], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "markdown": _markdown,
}
