"""How fixes are shown: SQL of several lines, and the reason where there is none."""

from __future__ import annotations

import json
from dataclasses import replace

from modalembic.checks.finding import Finding
from modalembic.reporting.findings import written
from modalembic.reporting.text import MOST_FIX_LINES
from tests.reporting.reports import PLAIN, report

SQL = "-- drops the column with all its values\nALTER TABLE t DROP COLUMN x;"
LONG = "\n".join(f"SELECT {number};" for number in range(MOST_FIX_LINES + 3))
REASON = "Postgres cannot reorder the labels of an enum: that takes a new type"


def shown(format_: str, **parts: str | None) -> str:
    finding: Finding = replace(PLAIN, **parts)  # type: ignore[arg-type]
    return written(report(finding), format_)  # type: ignore[arg-type]


def test_sql_of_several_lines_stands_below_its_finding_as_it_is() -> None:
    lines = shown("text", fix=SQL).splitlines()

    at = lines.index("    fix:")
    assert lines[at + 1 : at + 3] == [f"      {line}" for line in SQL.splitlines()]


def test_of_long_sql_the_text_has_the_beginning_and_json_has_all() -> None:
    lines = shown("text", fix=LONG).splitlines()

    assert f"      SELECT {MOST_FIX_LINES - 1};" in lines
    assert f"      SELECT {MOST_FIX_LINES};" not in lines
    assert "      -- 3 lines more: --format json has them" in lines
    assert json.loads(shown("json", fix=LONG))["findings"][0]["fix"] == LONG


def test_of_one_line_too_many_is_not_told_but_shown() -> None:
    sql = "\n".join(f"SELECT {number};" for number in range(MOST_FIX_LINES + 1))

    lines = shown("text", fix=sql).splitlines()

    assert f"      SELECT {MOST_FIX_LINES};" in lines
    assert not any("more" in line for line in lines)


def test_the_reason_is_told_in_every_format() -> None:
    told = {"fix": None, "fix_reason": REASON}

    assert f"    no fix: {REASON}" in shown("text", **told).splitlines()
    assert json.loads(shown("json", **told))["findings"][0]["fix_reason"] == REASON
    assert f"| none: {REASON} |" in shown("markdown", **told)
    for format_ in ("github", "junit"):
        assert f"no fix: {REASON}" in shown(format_, **told)
    assert f"No fix: {REASON}" in shown("sarif", **told)


def test_in_a_table_a_comment_ends_where_its_line_ends() -> None:
    assert "`-- drops the column with all its values`<br>`ALTER TABLE t DROP COLUMN x;`" in shown(
        "markdown", fix=SQL
    )
