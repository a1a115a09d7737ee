"""`revision` as a command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commandline import CommandLine, shop
from tests.projects import ProjectFiles

TRANSFER = ("revision", "--transfer", "shipping", "--module", "billing", "-m", "Take parcels over")


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return shop(tmp_path / "shop")


@pytest.fixture
def run(project: ProjectFiles, command_line: Callable[[ProjectFiles], CommandLine]) -> CommandLine:
    return command_line(project)


def test_a_transfer_says_what_it_wrote_and_what_is_next(
    run: CommandLine, project: ProjectFiles
) -> None:
    lines = run(*TRANSFER, "--table", "parcels").out.splitlines()
    head = project.load().graph.heads["billing"][0]
    assert lines == [
        f"wrote app/modules/billing/migrations/versions/{head}_take_parcels_over.py",
        "wrote app/modules/billing/migrations/versions/HEAD",
        "next: commit it: what billing does to the tables from now on comes after it",
    ]
    again = run(*TRANSFER)
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("error: ")


def test_a_dry_run_shows_the_diff_and_writes_nothing(
    run: CommandLine, project: ProjectFiles
) -> None:
    before = sorted(project.root.rglob("*"))
    shown = run(*TRANSFER, "--dry-run").out
    assert '+"""Take parcels over\n' in shown
    assert '+depends_on: str | Sequence[str] | None = "ship1"\n' in shown
    assert sorted(project.root.rglob("*")) == before


def test_the_document_has_what_was_made(run: CommandLine, project: ProjectFiles) -> None:
    document = run(*TRANSFER, "--table", "parcels", "--format", "json").json
    assert document["revision"] == project.load().graph.heads["billing"][0]
    assert (document["module"], document["transfer"]) == ("billing", "shipping")
    assert (document["down_revision"], document["depends_on"]) == ("bill2", ["ship1"])
    assert document["tables"] == ["parcels"]
    assert document["written"] is True


def test_a_module_has_to_be_named(run: CommandLine) -> None:
    outcome = run("revision", "-m", "x")
    assert outcome.code == 2
    assert "--module NAME" in outcome.err


def test_a_revision_of_a_module_is_there_to_be_written(
    run: CommandLine, project: ProjectFiles
) -> None:
    told = run("revision", "--module", "core", "-m", "Add teams").out
    head = project.load().graph.heads["core"][0]
    assert f"next: write it: app/modules/core/migrations/versions/{head}_add_teams.py" in told
