"""How two schemas differ, as text and as a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from modalembic.reporting.text import counted, shown

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Difference
    from modalembic.runtime.diff.comparison import Comparison
    from modalembic.runtime.places.belonging import Place

MOST_COLUMNS = 200


def diff_document(comparison: Comparison) -> dict[str, Any]:
    """`diff --format json`."""
    return {
        "ok": comparison.ok,
        "from": comparison.expected,
        "to": comparison.actual,
        "differences": [
            {**asdict(each), **_place(place), "fix": fix.sql, "fix_reason": fix.reason}
            for each, place, fix in zip(
                comparison.differences, comparison.places, comparison.fixes.of, strict=True
            )
        ],
    }


def diff_lines(comparison: Comparison) -> Iterator[str]:
    """Each difference, the gravest first."""
    if not comparison.differences:
        yield "no differences"
        return
    for each, place in zip(comparison.differences, comparison.places, strict=True):
        yield difference_line(each)
        yield from (f"  {line}" for line in _place_line(place))
    severities = [each.severity for each in comparison.differences]
    counts = (("error", "error"), ("warning", "warning"), ("info", "remark"))
    yield ", ".join(
        counted(severities.count(severity), noun)
        for severity, noun in counts
        if severity in severities
    )


def _place(place: Place) -> dict[str, Any]:
    path = None if place.path is None else str(place.path)
    return {"module": place.module, "path": path, "line": place.line}


def _place_line(place: Place) -> Iterator[str]:
    module = f"{place.module}: " if place.module is not None else ""
    if place.path is not None:
        line = "" if place.line is None else f":{place.line}"
        yield f"at {module}{shown(place.path)}{line}"
    elif place.module is not None:
        yield f"of {place.module}"


def diff_sql(comparison: Comparison) -> Iterator[str]:
    """`diff --sql`: a script for psql that mends the differences."""
    if not comparison.differences:
        yield "-- no differences"
        return
    there, wanted = (
        " ".join(source.split()) for source in (comparison.actual, comparison.expected)
    )
    yield f"-- Makes {there}"
    yield f"-- as {wanted} is."
    yield comparison.fixes.script.removesuffix("\n")


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
