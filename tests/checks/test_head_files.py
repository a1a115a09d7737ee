"""The `HEAD` files of version locations, as `check history` has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.mend import mend
from modalembic.authoring.revision import plan_revision
from modalembic.checks.finding import Finding
from modalembic.checks.history import check_history
from tests.checks.repository import Repository, repository
from tests.projects import GLOB, ProjectFiles

HEAD = "app/modules/billing/migrations/versions/HEAD"


@pytest.fixture
def kept(tmp_path: Path) -> Repository:
    """Billing has b1 and b2, and a HEAD file that says so; all is committed."""
    project = ProjectFiles(tmp_path / "shop").configure()
    project.module("billing").revision("b1", labels="billing").revision("b2", down="b1")
    project.file(HEAD, "b2\n")
    return repository(project.root, project)


def only(kept: Repository) -> Finding:
    (finding,) = check_history(kept.project.load())
    return finding


def mended(kept: Repository) -> list[str]:
    return [what for what, _ in mend(kept.project.load(), "history")]


def test_one_that_names_the_head_is_fine(kept: Repository) -> None:
    assert [*check_history(kept.project.load())] == []
    assert mended(kept) == []


def test_one_that_is_missing_is_told_and_written(kept: Repository) -> None:
    (kept.top / HEAD).unlink()
    assert (only(kept).rule, only(kept).severity) == ("history/head-file-missing", "info")
    assert mended(kept) == ["the head"]
    assert (kept.top / HEAD).read_text() == "b2\n"


def test_outside_of_git_none_is_missed(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "shop").configure()
    project.module("billing").revision("b1", labels="billing")
    assert [*check_history(project.load())] == []


@pytest.mark.parametrize("text", ["b1\n", "", "nowhere\n", "b1\nb2\n"])
def test_one_that_names_something_else_is_an_error(kept: Repository, text: str) -> None:
    kept.project.file(HEAD, text)
    finding = only(kept)
    assert (finding.rule, finding.severity) == ("history/head-file-stale", "error")
    assert (finding.expected, finding.path) == ("b2", kept.top / HEAD)
    assert mended(kept) == ["the head"]
    assert only_rules(kept) == []


def only_rules(kept: Repository) -> list[str]:
    return [finding.rule for finding in check_history(kept.project.load())]


def test_one_in_conflict_is_in_conflict_and_not_unreadable(kept: Repository) -> None:
    kept.project.module("billing").revision("b3", down="b1")
    kept.project.file(HEAD, "<<<<<<< HEAD\nb2\n=======\nb3\n>>>>>>> main\n")
    finding = only(kept)
    assert (finding.rule, finding.severity) == ("history/head-file-conflict", "error")
    assert (finding.expected, finding.actual) == ("b2, b3", "b2, b3")
    assert finding.fix == "modalembic rebase billing"
    assert mended(kept) == []


def test_a_conflict_over_one_head_is_mended(kept: Repository) -> None:
    kept.project.file(HEAD, "<<<<<<< HEAD\nb1\n=======\nb2\n>>>>>>> main\n")
    assert mended(kept) == ["the head"]
    assert (kept.top / HEAD).read_text() == "b2\n"


def test_several_heads_on_purpose_stand_in_lines(kept: Repository) -> None:
    kept.project.configure(f"{GLOB}\n[tool.modalembic.module.billing]\nmultiple_heads = true\n")
    kept.project.module("billing").revision("b3", down="b1")
    assert only(kept).rule == "history/head-file-stale"
    assert mended(kept) == ["the head"]
    assert (kept.top / HEAD).read_text() == "b2\nb3\n"
    assert only_rules(kept) == []


@pytest.mark.parametrize("pattern", ["HEAD", "*", "app/modules/billing/**"])
def test_a_merge_without_conflicts_is_an_error(kept: Repository, pattern: str) -> None:
    kept.project.file(".gitattributes", f"{pattern} merge=union\n")
    finding = only(kept)
    assert (finding.rule, finding.severity) == ("history/head-file-union", "error")
    assert finding.fix == "add to .gitattributes: **/HEAD merge"
    kept.project.file(".gitattributes", f"{pattern} merge=union\n**/HEAD merge\n")
    assert only_rules(kept) == []


def test_an_installed_package_needs_none(kept: Repository) -> None:
    shop = kept.project.module("billing", at="vendor/site-packages/app/modules/stock")
    shop.revision("s1", labels="stock")
    kept.project.configure('modules = ["app/modules/*", "vendor/site-packages/app/modules/*"]')
    assert [finding.module for finding in check_history(kept.project.load())] == []


def test_a_central_location_needs_none_and_one_that_is_there_is_kept(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "shop").configure(f'{GLOB}\nlocations = {{ old = "old" }}\n')
    project.location("old", name="old").revision("a1", labels="old")
    project.module("billing").revision("b1", labels="billing", depends_on="a1")
    project.file(HEAD, "b1\n")
    kept = repository(project.root, project)
    assert [*check_history(project.load())] == []
    plan_revision(project.load(), "old", "More").changes.apply()
    assert not (project.root / "old/HEAD").exists()
    project.file("old/HEAD", "a0\n")
    assert (only(kept).rule, only(kept).module) == ("history/head-file-stale", "old")
    plan_revision(project.load(), "old", "Still more").changes.apply()
    (head,) = project.load().graph.heads["old"]
    assert (project.root / "old/HEAD").read_text() == f"{head}\n"


def test_a_merge_without_conflicts_is_found_from_a_hook_of_git(
    kept: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.project.file(".gitattributes", "HEAD merge=union\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert only(kept).rule == "history/head-file-union"
