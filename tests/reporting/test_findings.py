"""Findings in every format."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as ET

import pytest

from modalembic.errors import UsageError
from modalembic.reporting.findings import CheckFormat, Output, output, written
from modalembic.reporting.github import github
from modalembic.reporting.junit import junit
from modalembic.reporting.markdown import markdown
from modalembic.reporting.sarif import sarif
from tests.reporting.reports import ALL, NO_PLACE, OUTSIDE, PLAIN, SHOP, WARNING, report
from tests.reporting.sarif_schema import violations


@pytest.mark.parametrize("format_", get_args(CheckFormat))
def test_every_format_is_whole_lines(format_: CheckFormat) -> None:
    assert written(report(*ALL), format_).endswith("\n")
    empty = written(report(), format_)
    assert empty.endswith("\n") or (format_, empty) == ("github", "")


class TestOutput:
    @pytest.mark.parametrize(
        ("option", "path", "format_"),
        [
            ("a.json", "a.json", "json"),
            ("a.sarif", "a.sarif", "sarif"),
            ("a.sarif.json", "a.sarif.json", "sarif"),
            ("a.xml", "a.xml", "junit"),
            ("a.md", "a.md", "markdown"),
            ("a.txt", "a.txt", "text"),
            ("sarif:a.json", "a.json", "sarif"),
            ("github:log", "log", "github"),
            ("odd:a.json", "odd:a.json", "json"),
        ],
    )
    def test_has_the_format_that_it_says(self, option: str, path: str, format_: str) -> None:
        made = output(option)
        assert (made.path, made.format) == (Path(path), format_)
        assert isinstance(made, Output)

    @pytest.mark.parametrize("option", ["findings", "a.html", "html:a", "sarif:"])
    def test_has_to_say_one(self, option: str) -> None:
        with pytest.raises(UsageError, match="does not say its format"):
            output(option)


class TestSarif:
    def log(self, *findings: Any, root: Path = SHOP) -> Any:
        return json.loads(sarif(report(*findings, root=root)))

    def results(self, *findings: Any, root: Path = SHOP) -> Any:
        return self.log(*findings, root=root)["runs"][0]["results"]

    @pytest.mark.parametrize("findings", [(), ALL, (PLAIN, PLAIN)], ids=len)
    def test_is_valid(self, findings: Any) -> None:
        assert list(violations(self.log(*findings))) == []

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda run: run.pop("tool"),
            lambda run: run.update(odd=1),
            lambda run: run["results"][0].update(level="info"),
            lambda run: run["results"][0].update(message={}),
            lambda run: run["results"][1]["locations"][0]["physicalLocation"]["region"].update(
                startLine=0
            ),
        ],
    )
    def test_would_not_be_valid_otherwise(self, spoil: Any) -> None:
        log = self.log(*ALL)
        spoil(log["runs"][0])
        assert len(list(violations(log))) == 1

    def test_points_to_the_line(self) -> None:
        (result,) = self.results(PLAIN)
        (location,) = result["locations"]
        assert location["physicalLocation"] == {
            "artifactLocation": {"uri": "app/b3.py"},
            "region": {"startLine": 6},
        }
        assert (result["ruleId"], result["level"]) == ("history/multiple-heads", "error")
        assert result["message"]["text"].endswith(f"\nFix: {PLAIN.fix}")

    def test_spells_paths_as_uris(self) -> None:
        uris = [
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for result in self.results(*ALL)
        ]
        assert uris == [
            "pyproject.toml",
            "app/b3.py",
            "app/o%2C1%3A%20%C3%A9.py",
            "file:///usr/lib/a%20plugin/p1.py",
        ]

    def test_names_files_from_the_top_of_the_repository(self, tmp_path: Path) -> None:
        root = tmp_path / "services/shop"
        (tmp_path / ".git").mkdir()
        root.mkdir(parents=True)
        (result,) = self.results(replace(PLAIN, path=root / "app/b3.py"), root=root)
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert place == {"uri": "services/shop/app/b3.py"}

    def test_rules_are_described_once_and_in_order(self) -> None:
        run = self.log(*ALL, PLAIN)["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert rules == sorted({finding.rule for finding in ALL})
        assert [rules[result["ruleIndex"]] for result in run["results"]] == [
            result["ruleId"] for result in run["results"]
        ]

    def test_a_fingerprint_stays_when_lines_move_and_where_the_project_is(self) -> None:
        moved = (replace(PLAIN, line=60), replace(WARNING, line=None, message="in other words"))
        before, after = self.results(PLAIN, WARNING), self.results(*moved)
        prints = [
            [result["partialFingerprints"] for result in results] for results in (before, after)
        ]
        assert prints[0] == prints[1]
        assert prints[0][0] != prints[0][1]


class TestJUnit:
    def document(self, *findings: Any) -> ET.Element:
        return ET.fromstring(junit(report(*findings)))  # noqa: S314 - our own

    def test_counts_what_fails(self) -> None:
        root = self.document(*ALL)
        assert (root.get("tests"), root.get("failures")) == ("4", "2")
        suites = {suite.get("name"): suite.get("failures") for suite in root}
        assert suites == {"history": "1", "structure": "1"}
        assert len(root.findall(".//failure")) == 2

    def test_a_check_without_findings_is_a_test_that_passes(self) -> None:
        root = self.document()
        assert [case.get("name") for case in root.iter("testcase")] == ["no findings"] * 2
        assert (root.get("tests"), root.get("failures")) == ("2", "0")

    def test_a_test_says_what_where_and_how_to_mend_it(self) -> None:
        (case,) = (c for c in self.document(PLAIN).iter("testcase") if len(c))
        assert case.get("classname") == "modalembic.billing"
        assert (case.get("file"), case.get("line")) == ("app/b3.py", "6")
        failure = case.find("failure")
        assert failure is not None
        assert failure.get("type") == "history/multiple-heads"
        assert str(failure.text).splitlines()[1:] == ["at app/b3.py:6", f"fix: {PLAIN.fix}"]

    def test_holds_what_xml_cannot(self) -> None:
        failure = self.document(NO_PLACE).find(".//failure")
        assert failure is not None
        assert failure.get("message") == "none� at all�"


class TestGitHub:
    def test_is_one_line_for_each_finding(self) -> None:
        commands = [line.split(" ")[0] for line in github(report(*ALL)).splitlines()]
        assert commands == ["::error", "::error", "::warning", "::notice"]

    def test_points_to_the_line(self) -> None:
        (line,) = github(report(PLAIN)).splitlines()
        place, _, message = line.removeprefix("::error ").partition("::")
        assert place == "file=app/b3.py,title=history/multiple-heads,line=6"
        assert message == f"billing: {PLAIN.message}%0Afix: {PLAIN.fix}"

    def test_escapes_what_would_end_a_command(self) -> None:
        (line,) = github(report(WARNING)).splitlines()
        assert "file=app/o%2C1%3A é.py," in line
        assert "100%25%0Awhich" in line


class TestMarkdown:
    def test_has_a_table_for_each_module(self) -> None:
        text = markdown(report(*ALL))
        assert re.findall("^### (.+)$", text, re.MULTILINE) == [
            "project",
            "billing",
            "orders",
            "plugin",
        ]
        assert text.splitlines()[2] == ("Failed: 2 errors, 1 warning, 1 info (history, structure).")

    def test_every_row_has_as_many_cells_as_its_head(self) -> None:
        rows = [line for line in markdown(report(*ALL)).splitlines() if line.startswith("|")]
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}

    def test_code_holds_backticks(self) -> None:
        assert f"`` {PLAIN.fix} ``" in markdown(report(PLAIN))

    def test_says_that_all_is_well(self) -> None:
        assert markdown(report()).splitlines()[2] == "Passed: no findings (history, structure)."


def test_a_file_outside_of_the_repository_is_named_as_it_is() -> None:
    assert "file=/usr/lib/a plugin/p1.py," in github(report(OUTSIDE))
