"""Findings as JUnit XML: a suite for each check, a test for each finding, one that passes where
there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from modalembic.checks.finding import Finding
from modalembic.checks.report import CheckReport
from modalembic.reporting.places import path_in_repository
from modalembic.reporting.text import fix_text

# What XML 1.0 cannot hold in any spelling.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: CheckReport) -> str:
    """The text of the document."""
    root = Element("testsuites", name="modalembic check")
    of_check: dict[str, list[Finding]] = {name: [] for name in report.checks}
    for finding in report.findings:
        of_check.setdefault(finding.rule.partition("/")[0], []).append(finding)
    for name, findings in of_check.items():
        _suite(root, report, name, findings)
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, report: CheckReport, name: str, findings: Sequence[Finding]) -> None:
    failures = sum(map(report.fails, findings))
    suite = SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(findings) or 1),
        failures=str(failures),
        errors="0",
        skipped="0",
    )
    if not findings:
        SubElement(suite, "testcase", classname=f"modalembic.{name}", name="no findings")
    for finding in findings:
        _case(suite, report, finding)


def _case(suite: Element, report: CheckReport, finding: Finding) -> None:
    what = " ".join(filter(None, (finding.name, finding.part)))
    case = SubElement(
        suite,
        "testcase",
        classname=_clean(f"modalembic.{finding.module or 'project'}"),
        name=_clean(f"{finding.rule} {what}".rstrip()),
        file=_clean(path_in_repository(report, finding)),
    )
    if finding.line is not None:
        case.set("line", str(finding.line))
    line = "" if finding.line is None else f":{finding.line}"
    detail = [f"{finding.severity}: {finding.message}"]
    detail.append(f"at {path_in_repository(report, finding)}{line}")
    fix = fix_text(finding)
    detail.extend([fix] if fix else [])
    if report.fails(finding):
        told = SubElement(case, "failure", type=finding.rule, message=_clean(finding.message))
    else:
        told = SubElement(case, "system-out")
    told.text = _clean("\n".join(detail))


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
