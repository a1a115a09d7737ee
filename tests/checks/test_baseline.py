"""`--baseline`: only new findings fail, and an entry that no longer holds has to come out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.projects import ProjectFiles
from tests.runtime.support import Result, modalembic

STATIC = ("history", "structure")


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """Billing has two heads; orders names a label."""
    project = ProjectFiles(tmp_path / "shop").configure()
    billing = project.module("billing").revision("b1", labels="billing")
    billing.revision("b2", down="b1").revision("b3", down="b1")
    project.module("orders").revision("o1", labels="orders", depends_on="billing")
    return project


def check(project: ProjectFiles, *arguments: str, file: str = "baseline.json") -> Result:
    baseline = ("--baseline", str(project.root / file))
    checks = () if {"history", "structure"} & set(arguments) else STATIC
    return modalembic(project, "--format", "json", "check", *checks, *arguments, *baseline)


def rules(result: Result) -> list[str]:
    return [finding["rule"] for finding in result.document["findings"]]


def entries(project: ProjectFiles) -> list[str]:
    document = json.loads((project.root / "baseline.json").read_text())
    return [entry["rule"] for entry in document["findings"]]


def test_what_is_taken_in_does_not_fail_any_more(project: ProjectFiles) -> None:
    assert modalembic(project, "check", *STATIC).code == 1
    assert check(project, "--write-baseline").code == 0
    assert entries(project) == ["history/label-dependency", "history/multiple-heads"]
    result = check(project, "--fail-on", "warning")
    assert (result.code, rules(result)) == (0, [])


def test_what_is_new_fails(project: ProjectFiles) -> None:
    check(project, "--write-baseline")
    project.module("stock").revision("s1", labels="stock", down="missing")
    result = check(project)
    assert result.code == 1
    assert "structure/missing-revision" in rules(result)


def test_a_second_one_that_is_the_same_is_new(project: ProjectFiles) -> None:
    check(project, "--write-baseline")
    file = project.root / "baseline.json"
    document = json.loads(file.read_text())
    document["findings"] *= 2
    file.write_text(json.dumps(document))
    assert rules(check(project)) == ["baseline/stale-entry"] * 2


def test_an_entry_that_no_longer_holds_fails(project: ProjectFiles) -> None:
    check(project, "--write-baseline")
    modalembic(project, "check", "history", "--fix")
    result = check(project)
    assert (result.code, rules(result)) == (1, ["baseline/stale-entry"])
    assert result.document["findings"][0]["name"] == "o1"
    check(project, "--write-baseline")
    assert (check(project).code, entries(project)) == (0, ["history/multiple-heads"])


@pytest.mark.parametrize("limited", [["structure"], ["--module", "billing"]])
def test_entries_of_other_checks_and_modules_are_left_alone(
    project: ProjectFiles, limited: list[str]
) -> None:
    check(project, "--write-baseline")
    before = entries(project)
    modalembic(project, "check", "history", "--fix")
    assert check(project, *limited).code == 0
    check(project, *limited, "--write-baseline")
    assert entries(project) == before


def test_it_holds_wherever_the_project_is(project: ProjectFiles, tmp_path: Path) -> None:
    project.file("alembic.ini", "[alembic]\nscript_location = migrations\n")
    check(project, "--write-baseline")
    assert str(tmp_path) not in (project.root / "baseline.json").read_text()
    shutil.copytree(project.root, tmp_path / "elsewhere/shop")
    moved = ProjectFiles(tmp_path / "elsewhere/shop")
    assert (check(moved).code, rules(check(moved))) == (0, [])


def test_lines_may_move(project: ProjectFiles) -> None:
    check(project, "--write-baseline")
    path = project.module("orders").revision_path("o1")
    path.write_text(f"# a comment\n\n{path.read_text()}")
    assert (check(project).code, rules(check(project))) == (0, [])


def test_what_is_only_told_is_not_taken_in(project: ProjectFiles) -> None:
    project.module("stock").revision("s1")
    check(project, "--write-baseline")
    assert "history/implied-label" not in entries(project)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{"rule": 1}]}'],
)
def test_a_file_that_is_none_is_an_error(project: ProjectFiles, text: str) -> None:
    project.file("baseline.json", text)
    result = check(project)
    assert (result.code, result.document["error"]["code"]) == (2, "configuration")
    assert result.document["error"]["path"].endswith("baseline.json")


def test_a_file_that_is_not_there_is_an_error(project: ProjectFiles) -> None:
    result = check(project)
    assert result.code == 2
    assert "--write-baseline" in result.document["error"]["hint"]


def test_a_file_has_to_be_named_to_be_written(project: ProjectFiles) -> None:
    assert modalembic(project, "check", *STATIC, "--write-baseline").code == 2


def test_text_says_how_many_it_has(project: ProjectFiles) -> None:
    check(project, "--write-baseline")
    result = modalembic(
        project, "check", *STATIC, "--baseline", str(project.root / "baseline.json")
    )
    assert result.out == "no findings; 2 more in the baseline (history, structure)\n"
