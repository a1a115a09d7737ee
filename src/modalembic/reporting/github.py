"""Findings as annotations of GitHub Actions: workflow commands, one to a line."""

from __future__ import annotations

from modalembic.checks.finding import Finding
from modalembic.checks.report import CheckReport
from modalembic.reporting.places import path_in_repository
from modalembic.reporting.text import fix_text

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def github(report: CheckReport) -> str:
    """The lines; nothing where there are no findings."""
    return "".join(f"{_line(report, finding)}\n" for finding in report.findings)


def _line(report: CheckReport, finding: Finding) -> str:
    properties = {"file": path_in_repository(report, finding), "title": finding.rule}
    if finding.line is not None:
        properties["line"] = str(finding.line)
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    told = fix_text(finding)
    fix = f"\n{told}" if told else ""
    of = f"{finding.module}: " if finding.module else ""
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(of + finding.message + fix)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
