"""Findings as SARIF 2.1.0, as code scanning reads it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from modalembic._version import __version__
from modalembic.checks.finding import Finding
from modalembic.checks.report import CheckReport
from modalembic.checks.rules import page_of, summary_of
from modalembic.reporting.places import uri
from modalembic.reporting.text import fix_text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_HOME = "https://github.com/modalembic/modalembic"


def sarif(report: CheckReport) -> str:
    """The text of a log with one run."""
    rules = sorted({finding.rule for finding in report.findings})
    run = {
        "tool": {
            "driver": {
                "name": "modalembic",
                "version": __version__,
                "informationUri": _HOME,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "automationDetails": {"id": f"modalembic/{'+'.join(report.checks)}/"},
        "results": [_result(report, finding, rules) for finding in report.findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: str) -> dict[str, Any]:
    return {
        "id": rule,
        "shortDescription": {"text": summary_of(rule)},
        "helpUri": page_of(rule),
    }


def _result(report: CheckReport, finding: Finding, rules: list[str]) -> dict[str, Any]:
    place: dict[str, Any] = {
        "artifactLocation": {"uri": uri(report, finding)},
    }
    if finding.line is not None:
        place["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": place}
    if finding.name is not None:
        named = ".".join(filter(None, (finding.module, finding.name, finding.part)))
        location["logicalLocations"] = [{"name": finding.name, "fullyQualifiedName": named}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(filter(None, (finding.message, _fix(finding))))},
        "locations": [location],
        "partialFingerprints": {"modalembic/v1": _fingerprint(report, finding)},
    }


def _fix(finding: Finding) -> str | None:
    told = fix_text(finding)
    return None if told is None else f"{told[0].upper()}{told[1:]}"


def _fingerprint(report: CheckReport, finding: Finding) -> str:
    """What stays the same when lines move, so that a finding is not told anew."""
    known = (finding.rule, finding.module, finding.object, finding.name, finding.part)
    named = (*known, finding.expected, finding.actual, uri(report, finding))
    said = () if finding.name is not None else (finding.message,)
    here = f"{report.root.as_posix()}/"
    text = "\n".join((part or "").replace(here, "") for part in (*named, *said))
    return sha256(text.encode()).hexdigest()[:32]
