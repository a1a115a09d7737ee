"""The tree of a commit, laid out beside the working tree."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from modalembic.errors import BaseUnavailable
from modalembic.runtime.earlier.tree import commit_of, earlier_tree, merge_base
from tests.checks.repository import Repository, git, repository
from tests.projects import ProjectFiles


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    project = ProjectFiles(tmp_path / "repo")
    project.file("app/models.py", "x = 1\n").file("data/one.sql", "SELECT 1;\n")
    return repository(tmp_path / "repo", project)


def laid_out(repo: Repository, reference: str = "HEAD") -> dict[str, bytes]:
    """Every file of the tree, by its path."""
    with earlier_tree(repo.top, commit_of(repo.top, reference)) as tree:
        return {
            path.relative_to(tree.laid_out).as_posix(): path.read_bytes()
            for path in tree.laid_out.rglob("*")
            if path.is_file()
        }


def test_every_file_of_the_commit_is_there_whatever_the_working_tree_has(
    repo: Repository,
) -> None:
    repo.project.file("app/models.py", "changed\n").file("app/new.py")
    (repo.top / "data/one.sql").unlink()

    assert laid_out(repo) == {"app/models.py": b"x = 1\n", "data/one.sql": b"SELECT 1;\n"}


def test_the_working_tree_and_its_index_are_not_touched(repo: Repository) -> None:
    repo.project.file("app/models.py", "changed\n").file("app/staged.py", "staged\n")
    repo.git("add", "app/staged.py")
    files = sorted(path for path in repo.top.rglob("*") if path.is_file())

    def state() -> dict[Path, tuple[str, int]]:
        return {
            path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in files
        }

    before = state()
    laid_out(repo)

    assert state() == before
    assert sorted(path for path in repo.top.rglob("*") if path.is_file()) == files
    assert repo.git("status", "--short") == " M app/models.py\nA  app/staged.py\n"


def test_it_is_gone_after_the_block(repo: Repository) -> None:
    with earlier_tree(repo.top, commit_of(repo.top, "HEAD")) as tree:
        place = tree.laid_out
        assert place.is_dir()
    assert not place.parent.exists()


def test_nothing_is_left_out_of_what_an_archive_would_leave_out(repo: Repository) -> None:
    repo.project.file(".gitattributes", "app/ export-ignore\n")
    repo.commit()

    assert "app/models.py" in laid_out(repo)


def test_line_ends_and_filters_are_those_of_the_commit(repo: Repository) -> None:
    repo.project.file(".gitattributes", "*.py text eol=crlf\n*.sql filter=loud\n")
    repo.git("config", "filter.loud.smudge", "tr a-z A-Z")
    repo.git("config", "filter.loud.clean", "cat")
    repo.commit()
    repo.project.file(".gitattributes", "")

    found = laid_out(repo)

    assert found["app/models.py"] == b"x = 1\r\n"
    assert found["data/one.sql"] == b"SELECT 1;\n".upper()


def test_a_sparse_working_tree_does_not_make_it_sparse(repo: Repository) -> None:
    repo.git("sparse-checkout", "set", "app")
    assert not (repo.top / "data").exists()

    assert "data/one.sql" in laid_out(repo)


def test_links_are_links(repo: Repository) -> None:
    (repo.top / "app/link.py").symlink_to("models.py")
    repo.commit()

    with earlier_tree(repo.top, commit_of(repo.top, "HEAD")) as tree:
        link = tree.laid_out / "app/link.py"
        assert link.is_symlink()
        assert link.resolve() == tree.laid_out / "app/models.py"


def test_a_submodule_is_there_at_its_commit(repo: Repository, tmp_path: Path) -> None:
    other = repository(
        tmp_path / "other", ProjectFiles(tmp_path / "other").file("lib.py", "old = 1\n")
    )
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.top), "lib"
    )
    repo.commit()
    inside = repo.top / "lib"
    (inside / "lib.py").write_text("new = 1\n")
    git(inside, "commit", "--quiet", "--all", "--message", "new")

    assert laid_out(repo)["lib/lib.py"] == b"old = 1\n"


def test_a_submodule_that_is_not_here_is_an_empty_directory(
    repo: Repository, tmp_path: Path
) -> None:
    other = repository(tmp_path / "other", ProjectFiles(tmp_path / "other").file("lib.py"))
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.top), "lib"
    )
    repo.commit()
    repo.git("submodule", "--quiet", "deinit", "--force", "lib")

    assert not any(name.startswith("lib/") for name in laid_out(repo))


def test_single_files_that_git_ignores_are_lent(repo: Repository) -> None:
    repo.project.file(".gitignore", ".env\n_version.py\nbuild/\n*.pyc\nmodels.py\n")
    repo.commit()
    repo.project.file(".env", "A=1\n").file("app/_version.py", "v = 1\n").file("build/x.py")
    repo.project.file("app/x.pyc").file("app/models.py", "changed\n")

    found = laid_out(repo)

    assert found[".env"] == b"A=1\n"
    assert found["app/_version.py"] == b"v = 1\n"
    assert found["app/models.py"] == b"x = 1\n"
    assert not {"build/x.py", "app/x.pyc"} & found.keys()


def test_paths_lead_from_one_tree_to_the_other_and_back(repo: Repository) -> None:
    with earlier_tree(repo.top, commit_of(repo.top, "HEAD"), called="main") as tree:
        there = tree.mirror(repo.top.resolve() / "app/models.py")
        assert there is not None
        assert there.read_text() == "x = 1\n"
        assert tree.original(there) == repo.top.resolve() / "app/models.py"
        assert tree.mirror(there) == there
        assert tree.mirror(Path("/elsewhere")) is None
        assert tree.told(f"in {there}:1") == f"in {repo.top.resolve()}/app/models.py:1"
        assert tree.short == tree.commit[:12]


def test_a_hook_of_git_does_not_lead_it_astray(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo.top / ".git/other"))
    monkeypatch.setenv("GIT_DIR", os.devnull)

    assert "app/models.py" in laid_out(repo)


def test_a_linked_worktree_has_it_too(repo: Repository, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))

    assert "app/models.py" in laid_out(Repository(tmp_path / "linked", repo.project))


@pytest.mark.parametrize("find", [commit_of, merge_base])
def test_a_reference_that_is_not_there_is_an_error(repo: Repository, find: object) -> None:
    assert callable(find)
    with pytest.raises(BaseUnavailable, match=r"git has no commit nowhere$"):
        find(repo.top, "nowhere")


@pytest.mark.parametrize("find", [commit_of, merge_base])
def test_a_shallow_clone_says_how_to_deepen_it(
    repo: Repository, tmp_path: Path, find: object
) -> None:
    assert callable(find)
    repo.commit()
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repo.top}", "clone")

    with pytest.raises(BaseUnavailable) as caught:
        find(tmp_path / "clone", "HEAD~1")
    assert "fetch-depth: 0" in str(caught.value.hint)
