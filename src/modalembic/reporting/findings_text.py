"""Findings as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modalembic.checks.move import Move
from modalembic.checks.report import SEVERITIES, CheckReport
from modalembic.reporting.text import counted, findings_lines


def report_lines(report: CheckReport) -> Iterator[str]:
    """`check`: the tables that moved, the findings by module, and how many there are."""
    if report.moves:
        yield "moved tables:"
        yield from (f"  {line}" for line in _move_lines(report.moves))
        yield ""
    yield from findings_lines(report.findings)
    if report.findings:
        yield ""
    yield summary(report)


def _move_lines(moves: Sequence[Move]) -> Iterator[str]:
    tables = max(len(move.table) for move in moves)
    ways = [way(move) for move in moves]
    widest = max(map(len, ways))
    for move, from_to in zip(moves, ways, strict=True):
        yield f"{move.table:{tables}}  {from_to:{widest}}  {', '.join(verdicts(move))}"


def way(move: Move) -> str:
    """Both owners of a move."""
    return f"{move.source or '(none)'} -> {move.target or '(none)'}"


def verdicts(move: Move) -> tuple[str, str]:
    """What is known of a move: whether it is identical, and whether it is ordered."""
    return (
        {True: "identical", False: "changed", None: "not proven"}[move.identical],
        {True: "ordered", False: "not ordered", None: "order not known"}[move.ordered],
    )


def summary(report: CheckReport) -> str:
    """How many findings of each severity, and of which checks."""
    severities = [finding.severity for finding in report.findings]
    counts = [
        f"{severities.count(severity)} info"
        if severity == "info"
        else counted(severities.count(severity), severity)
        for severity in reversed(SEVERITIES)
        if severity in severities
    ]
    known = f"; {report.known} more in the baseline" if report.known else ""
    moved = f"; {counted(len(report.moves), 'table')} moved" if report.moves else ""
    return f"{', '.join(counts) or 'no findings'}{known}{moved} ({', '.join(report.checks)})"
