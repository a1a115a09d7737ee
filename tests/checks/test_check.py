"""`check` as a command: which checks, whose findings, and what fails."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from modalembic.checks.names import NAMES
from modalembic.checks.registry import CHECKS
from modalembic.cli import check as command
from modalembic.reporting.findings import CheckFormat
from tests.checks.repository import repository
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic

STATIC = ("history", "structure")


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "shop").configure()
    billing = project.module("billing").revision("b1", labels="billing")
    billing.revision("b2", down="b1").revision("b3", down="b1")
    project.module("orders").revision("o1", labels="orders", depends_on="billing")
    return project


def test_the_command_line_knows_all_checks_and_formats() -> None:
    assert set(NAMES) == set(CHECKS)
    assert get_args(command.CheckFormat) == get_args(CheckFormat)


def test_all_checks_run_where_none_is_named_but_for_moves_without_a_base(
    project: ProjectFiles,
) -> None:
    document = modalembic(project, "--format", "json", "check").document
    assert document["checks"] == [name for name in sorted(CHECKS) if name != "moves"]


def test_an_unknown_check_is_a_usage_error(project: ProjectFiles) -> None:
    assert modalembic(project, "check", "histories").code == 2


def test_a_module_limits_what_is_found(project: ProjectFiles) -> None:
    result = modalembic(project, "--format", "json", "check", *STATIC, "--module", "orders")
    assert result.code == 0
    assert [finding["module"] for finding in result.document["findings"]] == ["orders"]
    both = ("--module", "orders", "--module", "billing")
    assert modalembic(project, "check", *STATIC, *both).code == 1


def test_an_unknown_module_is_an_error(project: ProjectFiles) -> None:
    assert modalembic(project, "check", *STATIC, "--module", "nowhere").code == 2


def test_what_belongs_to_no_module_is_found_for_each(project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\nlocations = { old = "nowhere" }')
    result = modalembic(project, "--format", "json", "check", *STATIC, "--module", "orders")
    assert result.code == 1
    assert None in [finding["module"] for finding in result.document["findings"]]


def test_warnings_fail_where_that_is_asked_for(project: ProjectFiles) -> None:
    project.module("billing").revision("b3", down="b2")
    assert modalembic(project, "check", *STATIC).code == 0
    assert modalembic(project, "check", *STATIC, "--fail-on", "warning").code == 1


def test_text_is_by_module_and_ends_with_the_numbers(project: ProjectFiles) -> None:
    lines = modalembic(project, "check", *STATIC).out.splitlines()
    assert [line for line in lines if line and line[0] != " "] == [
        "billing:",
        "orders:",
        "1 error, 1 warning (history, structure)",
    ]


def test_a_base_is_compared_with(project: ProjectFiles) -> None:
    repository(project.root, project)
    project.module("billing").revision_path("b3").unlink()
    result = modalembic(project, "--format", "json", "check", "history", "--base", "main")
    assert result.code == 1
    assert "history/deleted-revision" in [f["rule"] for f in result.document["findings"]]


def test_a_base_that_is_not_there_is_an_error(project: ProjectFiles) -> None:
    result = modalembic(project, "--format", "json", "check", *STATIC, "--base", "main")
    assert (result.code, result.document["error"]["code"]) == (2, "base-unavailable")


def test_files_are_written_beside_what_is_shown(project: ProjectFiles, tmp_path: Path) -> None:
    project.module("billing").revision("b3", down="b2")
    files = ("a.sarif", "b.xml", "c.md", "d.json", "e.txt")
    options = [part for name in files for part in ("--output", str(tmp_path / name))]
    annotations = f"github:{tmp_path / 'annotations'}"
    result = done(modalembic(project, "check", *STATIC, *options, "--output", annotations))
    assert all((tmp_path / name).read_text() for name in files)
    assert (tmp_path / "annotations").read_text().startswith("::warning file=")
    assert (tmp_path / "e.txt").read_text() == result.out


def test_a_file_whose_format_nobody_can_tell_is_refused_first(
    project: ProjectFiles, tmp_path: Path
) -> None:
    result = modalembic(project, "check", *STATIC, "--output", str(tmp_path / "findings"))
    assert (result.code, result.out) == (2, "")
    assert "FORMAT:" in result.err


def test_a_file_that_cannot_be_written_is_an_error(project: ProjectFiles, tmp_path: Path) -> None:
    missing = str(tmp_path / "no/such/directory.md")
    result = modalembic(project, "check", *STATIC, "--output", missing)
    assert result.code == 2
