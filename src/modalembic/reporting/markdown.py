"""Findings as Markdown, for a comment or the summary of a job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from modalembic.checks.finding import Finding
from modalembic.checks.move import Move
from modalembic.checks.report import CheckReport
from modalembic.checks.rules import page_of
from modalembic.reporting.findings_text import summary, verdicts
from modalembic.reporting.places import path_in_repository
from modalembic.reporting.text import MOST_FIX_LINES

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def markdown(report: CheckReport) -> str:
    """The text, a table for each module."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: CheckReport) -> Iterator[str]:
    yield "## modalembic check"
    yield ""
    yield f"{'Passed' if report.ok else 'Failed'}: {summary(report)}."
    if report.moves:
        yield from _moves(report.moves)
    for module, findings in report.modules:
        yield ""
        yield f"### {_escaped(module or 'project')}"
        yield ""
        yield "| severity | rule | finding | where | fix |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_row(report, finding) for finding in findings)


def _moves(moves: Sequence[Move]) -> Iterator[str]:
    yield ""
    yield "### moved tables"
    yield ""
    yield "| table | from | to | proof | order |"
    yield "| --- | --- | --- | --- | --- |"
    for move in moves:
        owners = (_escaped(owner or "(none)") for owner in (move.source, move.target))
        yield f"| {' | '.join((_escaped(move.table), *owners, *verdicts(move)))} |"


def _row(report: CheckReport, finding: Finding) -> str:
    line = "" if finding.line is None else f":{finding.line}"
    where = "" if finding.path is None else _code(f"{path_in_repository(report, finding)}{line}")
    cells = (
        finding.severity,
        f"[{finding.rule}]({page_of(finding.rule)})",
        _escaped(finding.message),
        where,
        _fix(finding),
    )
    return f"| {' | '.join(cells)} |"


def _fix(finding: Finding) -> str:
    if finding.fix is None:
        return "" if finding.fix_reason is None else f"none: {_escaped(finding.fix_reason)}"
    # A comment ends with its line.
    lines = [line for line in finding.fix.split("\n") if line.strip()]
    more = "<br>…" if len(lines) > MOST_FIX_LINES else ""
    return "<br>".join(map(_code, lines[:MOST_FIX_LINES])) + more


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def _code(text: str) -> str:
    """Text between backticks, more of them than there are in it; a bar would end the cell."""
    text = _one_line(text).replace("|", "\\|")
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
