"""Findings as text."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.report import SEVERITIES, CheckReport
from modalembic.reporting.text import counted, findings_lines


def report_lines(report: CheckReport) -> Iterator[str]:
    """`check`: the findings by module, and how many there are."""
    yield from findings_lines(report.findings)
    if report.findings:
        yield ""
    yield summary(report)


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
    return f"{', '.join(counts) or 'no findings'}{known} ({', '.join(report.checks)})"
