"""`merge` and `rebase` as commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.authoring.branches import TwoBranches, two_branches
from tests.cli.commandline import CommandLine
from tests.projects import GLOB, ProjectFiles


@pytest.fixture
def branches(tmp_path: Path) -> TwoBranches:
    """`mine` has a revision of its own, and `main`'s beside it."""
    branches = two_branches(tmp_path / "shop")
    branches.billing.revision("mine1", down="b1")
    branches.merge()
    return branches


@pytest.fixture
def run(branches: TwoBranches, command_line: Callable[[ProjectFiles], CommandLine]) -> CommandLine:
    return command_line(branches.project)


def test_a_rebase_makes_the_project_sound_again(run: CommandLine) -> None:
    assert run("plan", "--database", "none").code == 2
    done = run("rebase", "billing")
    assert done.out.splitlines() == [
        "changed app/modules/billing/migrations/versions/mine1.py",
        "wrote app/modules/billing/migrations/versions/HEAD",
        "next: look at the diff, and commit it",
    ]
    assert run("plan", "--database", "none").code == 0
    again = run("rebase", "billing")
    assert (again.code, again.out) == (0, "")
    assert again.err == "the revisions of billing stand on main already\n"


def test_a_dry_run_shows_the_diff_and_writes_nothing(
    run: CommandLine, branches: TwoBranches
) -> None:
    shown = run("rebase", "billing", "--dry-run").out
    assert "-down_revision = 'b1'\n+down_revision = 'b2'\n" in shown
    assert branches.repository.git("status", "--porcelain") == ""
    shown = run("merge", "billing", "--dry-run", "-m", "Both lines").out
    assert '+"""Both lines' in shown
    assert branches.repository.git("status", "--porcelain") == ""


def test_a_rebase_refuses_what_the_database_has_run(
    run: CommandLine, branches: TwoBranches, database_url: str
) -> None:
    branches.billing.revision_path("b2").rename(branches.project.root / "b2.py")
    assert run("upgrade", "--database", database_url).code == 0
    (branches.project.root / "b2.py").rename(branches.billing.revision_path("b2"))
    refused = run("rebase", "billing", "--database", database_url)
    assert refused.code == 2
    assert "error: the database has run mine1" in refused.err


def test_a_rebase_needs_a_base(run: CommandLine, branches: TwoBranches) -> None:
    branches.project.configure(GLOB)
    refused = run("rebase", "billing")
    assert refused.code == 2
    assert "--base origin/main" in refused.err


def test_after_a_merge_both_lines_run(
    run: CommandLine, branches: TwoBranches, database_url: str
) -> None:
    done = run("merge", "billing", "--format", "json").json
    assert done["down_revision"] == ["b2", "mine1"]
    assert run("upgrade", "--database", database_url).code == 0
    refused = run("merge", "billing")
    assert (refused.code, refused.err.splitlines()[0]) == (
        2,
        f"error: billing has one head, {done['revision']}; nothing was written",
    )
    assert branches.project.load().problems == ()


def test_a_read_only_tree_is_refused(run: CommandLine, branches: TwoBranches) -> None:
    branches.billing.revision_path("mine1").chmod(0o444)
    refused = run("rebase", "billing")
    assert refused.code == 2
    assert "is read-only; nothing was written" in refused.err
    assert branches.repository.git("status", "--porcelain", "--untracked-files=all") in {
        "",
        " M app/modules/billing/migrations/versions/mine1.py\n",
    }
