"""How two schemas differ, as text and as a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from modalembic.reporting.text import counted

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Difference
    from modalembic.runtime.diff import Comparison

MOST_COLUMNS = 200


def diff_document(comparison: Comparison) -> dict[str, Any]:
    """`diff --format json`."""
    return {
        "ok": comparison.ok,
        "from": comparison.expected,
        "to": comparison.actual,
        "differences": [asdict(each) for each in comparison.differences],
    }


def diff_lines(comparison: Comparison) -> Iterator[str]:
    """Each difference, the gravest first."""
    if not comparison.differences:
        yield "no differences"
        return
    for each in comparison.differences:
        yield difference_line(each)
    severities = [each.severity for each in comparison.differences]
    counts = (("error", "error"), ("warning", "warning"), ("info", "remark"))
    yield ", ".join(
        counted(severities.count(severity), noun)
        for severity, noun in counts
        if severity in severities
    )


def difference_line(each: Difference) -> str:
    """One difference in a line."""
    subject = f"{each.severity}: {each.object} {_short(each.name)}"
    if each.part is None:
        state = "is missing" if each.actual is None else "is not expected"
        return f"{subject} {state} ({_short(each.expected or each.actual or '')})"
    expected, actual = (
        "none" if value is None else _short(value) for value in (each.expected, each.actual)
    )
    return f"{subject}: {each.part} is {actual}, expected {expected}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_COLUMNS else f"{line[:MOST_COLUMNS]}…"
