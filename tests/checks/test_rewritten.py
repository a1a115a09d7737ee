"""`check history --base`: what became of the revisions that the base has."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.checks.finding import Finding
from modalembic.checks.report import find
from modalembic.checks.request import CheckRequest
from modalembic.errors import BaseUnavailable
from tests.checks.repository import Repository, git, repository
from tests.projects import GLOB, ProjectFiles


def written(directory: Path) -> ProjectFiles:
    project = ProjectFiles(directory).configure()
    billing = project.module("billing").revision("b1", labels="billing")
    billing.revision("b2", down="b1", upgrade='op.execute("SELECT 2")', downgrade="op.f()")
    project.module("orders").revision("o1", labels="orders", depends_on="b2")
    return project


@pytest.fixture(params=["", "services/shop"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    """The project at the top of its repository, and in a subdirectory; on a branch off main."""
    top = tmp_path / "repository"
    project = written(top / request.param)
    project.cache = tmp_path / "cache"
    made = repository(top, project)
    made.git("switch", "--quiet", "--create", "feature")
    return made


def found(repo: Repository, base: str = "main") -> list[Finding]:
    findings = find(CheckRequest(repo.project.load(), base), ["history"]).findings
    return [each for each in findings if each.rule != "history/head-file-missing"]


def edit(repo: Repository, id_: str, old: str, new: str, module: str = "billing") -> None:
    path = repo.project.module(module).revision_path(id_)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_is_added_is_none_of_its_business(repo: Repository) -> None:
    repo.project.module("billing").revision("b3", down="b2")
    assert found(repo) == []


class TestAChangedRevision:
    def test_is_an_error(self, repo: Repository) -> None:
        edit(repo, "b2", "SELECT 2", "SELECT 3")
        (finding,) = found(repo)
        assert (finding.rule, finding.severity) == ("history/changed-revision", "error")
        assert (finding.module, finding.name, finding.line) == ("billing", "b2", 6)

    def test_is_found_when_it_is_committed(self, repo: Repository) -> None:
        edit(repo, "b2", "SELECT 2", "SELECT 3")
        repo.commit()
        assert [finding.name for finding in found(repo)] == ["b2"]

    def test_comes_back_with_the_command_that_it_names(self, repo: Repository) -> None:
        edit(repo, "b2", "SELECT 2", "SELECT 3")
        (finding,) = found(repo)
        assert finding.fix is not None
        assert finding.fix.startswith("git restore ")
        git(repo.project.root, *finding.fix.replace("'", "").split()[1:])
        assert found(repo) == []

    def test_follows_another_parent(self, repo: Repository) -> None:
        repo.project.module("billing").revision("b0", down="b1")
        edit(repo, "b2", "down_revision = 'b1'", "down_revision = 'b0'")
        assert [finding.rule for finding in found(repo)] == ["history/changed-revision"]

    def test_needs_something_else(self, repo: Repository) -> None:
        edit(repo, "o1", "'b2'", "'b1'", "orders")
        (finding,) = found(repo)
        assert (finding.part, finding.expected, finding.actual) == ("depends_on", "b2", "b1")

    def test_that_no_longer_parses_is_changed_all_the_same(self, repo: Repository) -> None:
        edit(repo, "b2", "def downgrade", "def downgrade(")
        rules = {finding.rule for finding in found(repo)}
        assert "structure/revision-file" in rules


class TestARevisionThatIsOnlyWrittenOtherwise:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("import sqlalchemy as sa", "import sqlalchemy as sa  # why"),
            ('"SELECT 2"', "'SELECT 2'"),
            ('"""b2 of billing"""', '"""What b2 is for."""'),
            ("\n\n", "\n\n\n\n"),
            ("branch_labels = None", "branch_labels = ()"),
        ],
    )
    def test_is_told(self, repo: Repository, old: str, new: str) -> None:
        edit(repo, "b2", old, new)
        (finding,) = found(repo)
        assert (finding.rule, finding.severity) == ("history/reworded-revision", "info")

    def test_may_have_its_dependencies_mended(self, repo: Repository) -> None:
        edit(repo, "o1", "'b2'", "('b1', 'b2')", "orders")
        rules = [finding.rule for finding in found(repo)]
        assert rules == ["history/redundant-dependency", "history/reworded-revision"]

    def test_is_not_told_of_other_line_ends(self, repo: Repository) -> None:
        path = repo.project.module("billing").revision_path("b2")
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert found(repo) == []

    def test_is_not_told_of_a_file_that_was_only_renamed(self, repo: Repository) -> None:
        path = repo.project.module("billing").revision_path("b2")
        path.rename(path.with_name("2024_b2.py"))
        assert found(repo) == []


class TestADeletedRevision:
    def test_is_an_error(self, repo: Repository) -> None:
        path = repo.project.module("orders").revision_path("o1")
        path.unlink()
        (finding,) = found(repo)
        assert (finding.rule, finding.severity) == ("history/deleted-revision", "error")
        assert (finding.module, finding.name, finding.path) == ("orders", "o1", path)

    def test_is_found_where_its_module_is_gone(self, repo: Repository) -> None:
        repo.project.configure('modules = ["app/modules/billing"]')
        (finding,) = found(repo)
        assert (finding.rule, finding.module) == ("history/deleted-revision", None)


class TestTheBase:
    def test_is_where_the_branches_parted(self, repo: Repository) -> None:
        repo.project.module("billing").revision("b3", down="b2")
        repo.commit()
        repo.git("switch", "--quiet", "main")
        repo.project.module("orders").revision("o2", down="o1")
        repo.commit()
        repo.git("switch", "--quiet", "feature")
        assert found(repo) == []

    def test_leaves_the_working_tree_and_its_index_alone(self, repo: Repository) -> None:
        edit(repo, "b2", "SELECT 2", "SELECT 3")
        repo.git("add", "--all")
        edit(repo, "b2", "SELECT 3", "SELECT 4")
        # It refreshes the index itself.
        status = repo.git("status", "--porcelain")
        index = (repo.top / ".git/index").read_bytes()
        found(repo)
        assert (repo.top / ".git/index").read_bytes() == index
        assert repo.git("status", "--porcelain") == status

    def test_has_what_export_ignore_leaves_out(self, repo: Repository) -> None:
        repo.git("switch", "--quiet", "main")
        (repo.top / ".gitattributes").write_text("*.py export-ignore\n")
        repo.commit()
        repo.git("switch", "--quiet", "--create", "other")
        edit(repo, "b2", "SELECT 2", "SELECT 3")
        assert [finding.name for finding in found(repo)] == ["b2"]

    def test_may_be_without_a_project(self, repo: Repository) -> None:
        root = repo.project.root
        (root / "pyproject.toml").unlink()
        repo.commit()
        base = repo.git("rev-parse", "HEAD").strip()
        repo.project.configure(GLOB)
        repo.commit()
        (finding,) = found(repo, base)
        assert (finding.rule, finding.severity) == ("history/base-without-project", "warning")

    def test_is_found_from_a_hook_of_git(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", ".git")
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
        assert found(repo) == []


class TestABaseThatIsNotThere:
    def test_is_an_error_with_what_git_says(self, repo: Repository) -> None:
        with pytest.raises(BaseUnavailable, match="no merge base of nowhere and HEAD"):
            found(repo, "nowhere")

    def test_may_look_like_an_option(self, repo: Repository) -> None:
        with pytest.raises(BaseUnavailable, match="no merge base"):
            found(repo, "--all")

    def test_is_named_in_a_shallow_clone(self, repo: Repository, tmp_path: Path) -> None:
        repo.project.module("billing").revision("b3", down="b2")
        repo.commit()
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo.top}", str(clone))
        git(clone, "fetch", "--quiet", "--depth=1", "origin", "main:main")
        root = clone / repo.project.root.relative_to(repo.top)
        shallow = Repository(clone, ProjectFiles(root))
        with pytest.raises(BaseUnavailable, match="shallow") as caught:
            found(shallow)
        assert "fetch-depth: 0" in str(caught.value.hint)

    def test_is_an_error_outside_of_a_repository(self, tmp_path: Path) -> None:
        project = written(tmp_path / "shop")
        with pytest.raises(BaseUnavailable, match="rev-parse"):
            find(CheckRequest(project.load(), "main"), ["history"])
