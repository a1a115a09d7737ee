"""Symbolic links: followed to what the project has named, and to nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modalembic.authoring.changes import ChangeSet
from modalembic.authoring.laid_out import laid_out, load_copy
from modalembic.errors import LinkRefused, MissingLocation, ModuleNotFound, RevisionFileError
from tests.checks.repository import repository
from tests.projects import GLOB, ProjectFiles, SitePackages

if TYPE_CHECKING:
    from modalembic.project import Project

REVISION = 'revision = "{id}"\ndown_revision = {down!r}\n'
COMPUTED = """
import pathlib
pathlib.Path({trace!r}).write_text("ran")
revision = "".join(["x", "1"])
down_revision = None
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A directory outside of the project, with a file that leaves a trace where it is run."""
    directory = tmp_path / "elsewhere"
    directory.mkdir()
    (directory / "x1.py").write_text(COMPUTED.format(trace=str(tmp_path / "trace")))
    return directory


@pytest.fixture
def files(tmp_path: Path) -> ProjectFiles:
    files = ProjectFiles(tmp_path / "shop").configure()
    files.module("billing").revision("b1")
    return files


def ids(project: Project) -> set[str]:
    return set(project.graph.revisions)


def refusal(project: Project) -> LinkRefused:
    (problem,) = project.problems
    assert isinstance(problem, LinkRefused), problem
    return problem


def versions(files: ProjectFiles) -> Path:
    return files.root / "app/modules/billing/migrations/versions"


class TestAFileThatIsALink:
    def test_out_of_the_project_is_refused_and_not_run(
        self, files: ProjectFiles, elsewhere: Path, tmp_path: Path
    ) -> None:
        (versions(files) / "x1.py").symlink_to(elsewhere / "x1.py")
        project = files.load()
        problem = refusal(project)
        assert problem.path == versions(files) / "x1.py"
        assert problem.hint is not None
        assert problem.hint.endswith('name it: allow_links = ["../elsewhere"]')
        assert not (tmp_path / "trace").exists()
        assert ids(project) == {"b1"}

    def test_is_followed_where_the_hint_was_heeded(
        self, files: ProjectFiles, elsewhere: Path, tmp_path: Path
    ) -> None:
        (versions(files) / "x1.py").symlink_to(elsewhere / "x1.py")
        hint = str(refusal(files.load()).hint)
        files.configure(f"{GLOB}\nmultiple_heads = true\n{hint.partition('name it: ')[2]}")
        project = files.load()
        project.require_sound()
        assert ids(project) == {"b1", "x1"}
        assert (tmp_path / "trace").exists()

    @pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "relative"])
    def test_within_the_project_is_followed(self, files: ProjectFiles, absolute: bool) -> None:
        target = files.root / "shared" / "b2.py"
        target.parent.mkdir()
        target.write_text(REVISION.format(id="b2", down="b1"))
        link = versions(files) / "b2.py"
        link.symlink_to(target if absolute else os.path.relpath(target, link.parent))
        project = files.load()
        project.require_sound()
        assert ids(project) == {"b1", "b2"}

    def test_by_way_of_another_within_the_project_is_refused(
        self, files: ProjectFiles, elsewhere: Path
    ) -> None:
        (files.root / "step.py").symlink_to(elsewhere / "x1.py")
        (versions(files) / "x1.py").symlink_to(files.root / "step.py")
        assert "elsewhere" in refusal(files.load()).message

    def test_to_a_sibling_whose_name_begins_as_the_project_does_is_refused(
        self, files: ProjectFiles, tmp_path: Path
    ) -> None:
        (tmp_path / "shop2").mkdir()
        (tmp_path / "shop2/b2.py").write_text(REVISION.format(id="b2", down="b1"))
        (versions(files) / "b2.py").symlink_to(tmp_path / "shop2/b2.py")
        refusal(files.load())

    def test_is_refused_although_its_header_is_cached(
        self, files: ProjectFiles, elsewhere: Path
    ) -> None:
        files.configure(f'{GLOB}\nmultiple_heads = true\nallow_links = ["../elsewhere"]')
        (versions(files) / "x1.py").symlink_to(elsewhere / "x1.py")
        files.load().require_sound()
        files.configure(f"{GLOB}\nmultiple_heads = true")
        refusal(files.load())

    def test_that_leads_nowhere_is_an_error_of_the_file(self, files: ProjectFiles) -> None:
        (versions(files) / "b2.py").symlink_to("nothing.py")
        (problem,) = files.load().problems
        assert isinstance(problem, RevisionFileError)
        assert "leads nowhere: No such file" in problem.message

    def test_that_leads_to_itself_is_an_error_of_the_file(self, files: ProjectFiles) -> None:
        (versions(files) / "b2.py").symlink_to("b3.py")
        (versions(files) / "b3.py").symlink_to("b2.py")
        problems = files.load().problems
        assert [type(problem) for problem in problems] == [RevisionFileError] * 2
        assert "Too many levels of symbolic links" in problems[0].message

    def test_of_an_editor_is_passed_over(self, files: ProjectFiles) -> None:
        (versions(files) / ".#b1.py").symlink_to("me@machine.4711:1700000000")
        files.load().require_sound()


class TestADirectoryThatIsALink:
    @pytest.mark.parametrize("part", ["", "migrations", "migrations/versions"])
    def test_out_of_the_project_is_refused_as_a_whole(
        self, files: ProjectFiles, elsewhere: Path, tmp_path: Path, part: str
    ) -> None:
        module = files.root / "app/modules/orders"
        inside = elsewhere / "orders"
        shutil.copytree(files.root / "app/modules/billing", inside)
        (inside / "migrations/versions/b1.py").write_text(REVISION.format(id="o1", down=None))
        shutil.copy(elsewhere / "x1.py", inside / "migrations/versions/x1.py")
        if part:
            shutil.copytree(inside, module)
            shutil.rmtree(module / part)
        (module / part).symlink_to(inside / part)
        problem = refusal(files.load())
        assert problem.path == module / "migrations/versions"
        assert 'allow_links = ["../elsewhere/orders/migrations/versions"]' in str(problem.hint)
        assert not (tmp_path / "trace").exists()

    def test_into_the_same_repository_but_out_of_the_project_is_refused(
        self, files: ProjectFiles, tmp_path: Path
    ) -> None:
        """Who may write there may not be who may write the project."""
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        other = ProjectFiles(tmp_path / "other").configure()
        other.module("orders").revision("o1")
        (files.root / "app/modules/orders").symlink_to("../../../other/app/modules/orders")
        hint = str(refusal(files.load()).hint)
        files.configure(f"{GLOB}\n{hint.partition('name it: ')[2]}")
        project = files.load()
        project.require_sound()
        assert ids(project) == {"b1", "o1"}

    def test_that_the_configuration_names_is_followed(
        self, files: ProjectFiles, tmp_path: Path
    ) -> None:
        other = ProjectFiles(tmp_path / "other").configure()
        other.module("orders").revision("o1")
        other.location("central").revision("r1")
        (files.root / "addons").symlink_to(tmp_path / "other/app/modules")
        (files.root / "central").symlink_to(tmp_path / "other/central")
        files.configure(
            'modules = ["app/modules/*", "addons/*"]\n[tool.modalembic.locations]\nold = "central"'
        )
        project = files.load()
        project.require_sound()
        assert ids(project) == {"b1", "o1", "r1"}

    def test_within_the_project_is_followed(self, files: ProjectFiles) -> None:
        (files.root / "app/orders/migrations/versions").mkdir(parents=True)
        (files.root / "app/orders/__init__.py").touch()
        (files.root / "app/orders/migrations/versions/o1.py").write_text(
            REVISION.format(id="o1", down=None)
        )
        (files.root / "app/modules/orders").symlink_to("../orders")
        project = files.load()
        project.require_sound()
        assert ids(project) == {"b1", "o1"}

    def test_that_leads_nowhere_is_no_module_that_was_removed(self, files: ProjectFiles) -> None:
        (files.root / "app/modules/orders").symlink_to("gone")
        (problem,) = files.load().problems
        assert isinstance(problem, ModuleNotFound)
        assert "orders is a symbolic link that leads nowhere" in problem.message

    @pytest.mark.parametrize("part", ["migrations", "migrations/versions"])
    def test_of_a_module_that_leads_nowhere_is_an_error(
        self, files: ProjectFiles, part: str
    ) -> None:
        shutil.rmtree(files.root / "app/modules/billing" / part)
        (files.root / "app/modules/billing" / part).symlink_to("gone")
        (problem,) = files.load().problems
        assert isinstance(problem, MissingLocation)

    @pytest.mark.parametrize("recursive", ["true", "false"])
    def test_in_a_circle_is_read_once(self, files: ProjectFiles, recursive: str) -> None:
        """Alembic does not follow them either."""
        files.file(
            "pyproject.toml",
            f"[tool.alembic]\nrecursive_version_locations = {recursive}\n"
            f"[tool.modalembic]\n{GLOB}\n",
        )
        below = versions(files) / "2026"
        below.mkdir()
        (below / "b2.py").write_text(REVISION.format(id="b2", down="b1"))
        for name in ("one", "two"):
            (below / name).symlink_to("..")
        project = files.load()
        project.require_sound()
        assert ids(project) == ({"b1", "b2"} if recursive == "true" else {"b1"})


class TestAnInstalledDistribution:
    @pytest.fixture
    def installed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SitePackages:
        packages = SitePackages(tmp_path / "site-packages")
        packages.package("shop_tax", {"migrations/t1.py": REVISION.format(id="t1", down=None)})
        packages.distribution("shop-tax", "[shop.modules]\ntax = shop_tax\n")
        monkeypatch.setattr(sys, "path", [*sys.path, str(packages.path)])
        return packages

    @pytest.fixture
    def using(self, files: ProjectFiles) -> ProjectFiles:
        return files.configure(f'{GLOB}\nentry_points = ["shop.modules"]')

    def test_may_have_its_files_as_links(
        self, using: ProjectFiles, installed: SitePackages, tmp_path: Path
    ) -> None:
        """Installers do that: `uv pip install --link-mode symlink`, for one."""
        file = installed.path / "shop_tax/migrations/t1.py"
        (tmp_path / "cache").mkdir()
        shutil.move(file, tmp_path / "cache/t1.py")
        file.symlink_to(tmp_path / "cache/t1.py")
        project = using.load()
        project.require_sound()
        assert ids(project) == {"b1", "t1"}

    def test_may_be_a_link_itself(
        self, using: ProjectFiles, installed: SitePackages, tmp_path: Path
    ) -> None:
        shutil.move(installed.path / "shop_tax", tmp_path / "source")
        (installed.path / "shop_tax").symlink_to(tmp_path / "source")
        project = using.load()
        project.require_sound()
        assert ids(project) == {"b1", "t1"}

    def test_may_be_what_a_link_of_the_project_leads_to(
        self, files: ProjectFiles, installed: SitePackages
    ) -> None:
        (files.root / "app/modules/tax").symlink_to(installed.path / "shop_tax")
        project = files.load()
        project.require_sound()
        assert ids(project) == {"b1", "t1"}


def test_a_project_that_is_reached_by_a_link_is_where_it_leads(
    files: ProjectFiles, tmp_path: Path
) -> None:
    (tmp_path / "current").symlink_to(files.root)
    linked = ProjectFiles(tmp_path / "current").load()
    linked.require_sound()
    assert ids(linked) == {"b1"}


class TestACopyOfTheProject:
    """Commands that prove what they write lay the project out in another place."""

    @pytest.fixture
    def linked(self, files: ProjectFiles, tmp_path: Path) -> ProjectFiles:
        """Modules by a link within the project, one out of it, one out of the repository, and one
        that git ignores."""
        within = ProjectFiles(files.root / "own")
        within.module("orders").revision("o1")
        beside = ProjectFiles(tmp_path / "top/shared")
        beside.module("stock").revision("s1")
        outside = ProjectFiles(tmp_path / "outside")
        outside.module("tax").revision("t1")
        files.module("ignored").revision("i1")
        files.file(".gitignore", "app/modules/ignored\n")
        shutil.move(files.root, tmp_path / "top/shop")
        files.root = tmp_path / "top/shop"
        modules = files.root / "app/modules"
        (modules / "orders").symlink_to("../../own/app/modules/orders")
        (modules / "stock").symlink_to("../../../shared/app/modules/stock")
        (modules / "tax").symlink_to(outside.root / "app/modules/tax")
        return files.configure(f'{GLOB}\nallow_links = ["../shared", "../../outside"]')

    def test_has_the_same_revisions(self, linked: ProjectFiles, tmp_path: Path) -> None:
        repository(tmp_path / "top", linked)
        expected = {"b1", "o1", "s1", "t1", "i1"}
        assert ids(linked.load()) == expected
        with laid_out(linked.root, ChangeSet(linked.root, ())) as copy:
            project = load_copy(copy)
            project.require_sound()
            assert ids(project) == expected
        assert "MODALEMBIC_ALLOW_LINKS" not in os.environ

    def test_of_an_earlier_time_is_compared(self, linked: ProjectFiles, tmp_path: Path) -> None:
        repository(tmp_path / "top", linked)
        base = ["--base", "HEAD", "--database", "none"]
        for arguments in (["check", "history", *base], ["check", "moves", "--static", *base]):
            done = subprocess.run(
                [sys.executable, "-m", "modalembic", *arguments],
                cwd=linked.root,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
