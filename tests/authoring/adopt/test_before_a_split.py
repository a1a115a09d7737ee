"""`adopt` where no module is there yet, and with the lines changed that it else lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.adopt.singular import with_plural_heads
from tests.authoring.adopt.layouts import generic
from tests.authoring.moving import commit, git
from tests.projects import ProjectFiles
from tests.runtime.support import done, modalembic

# What Alembic says of ini files that are older than it.
pytestmark = pytest.mark.filterwarnings("ignore:.*path_separator:DeprecationWarning")

TESTS = 'from alembic import command\r\n\r\ncommand.upgrade("alembic.ini", "head")\r\n'


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = generic(tmp_path / "shop").file("app/__init__.py")
    project.file("deploy.sh", "alembic upgrade head; alembic stamp head\n")
    (project.root / "tests.py").write_bytes(TESTS.encode())
    project.file("pyproject.toml", '[tool.poe.tasks]\nmigrate = "alembic upgrade head"\n')
    commit(project)
    return project


def test_modules_may_be_to_come(project: ProjectFiles) -> None:
    said = done(modalembic(project, "adopt", "--modules", "app/modules/*"))
    assert "no directory matches app/modules/* yet" in said.err
    done(modalembic(project, "new-module", "billing", "--components", "services"))
    assert (project.root / "app/modules/billing/definition.py").is_file()
    assert project.load().module_order == ("legacy", "billing")


@pytest.mark.parametrize("pattern", ["modules/*", "ap/modules/*", "app/modules", "../x/y/*"])
def test_modules_that_nothing_leads_to_are_refused(project: ProjectFiles, pattern: str) -> None:
    refused = modalembic(project, "adopt", "--modules", pattern)
    assert refused.code == 2
    assert "matches no directory" in refused.err
    assert git(project, "status", "--porcelain") == ""


def test_heads_are_written_where_a_singular_one_stands(project: ProjectFiles) -> None:
    document = done(modalembic(project, "adopt", "--write-heads", "--format", "json")).document
    assert document["heads"] == []
    assert not any("head" in step for step in document["next"] if "upgrade heads" not in step)
    deploy = (project.root / "deploy.sh").read_text()
    assert deploy == "alembic upgrade heads; alembic stamp heads\n"
    assert (project.root / "tests.py").read_bytes() == TESTS.replace('"head"', '"heads"').encode()
    configuration = (project.root / "pyproject.toml").read_text()
    assert configuration.startswith('[tool.poe.tasks]\nmigrate = "alembic upgrade heads"\n')
    assert "[tool.modalembic]" in configuration


def test_the_diff_has_them_too(project: ProjectFiles) -> None:
    shown = done(modalembic(project, "adopt", "--write-heads", "--dry-run")).out
    assert "+alembic upgrade heads; alembic stamp heads\n" in shown
    assert git(project, "status", "--porcelain") == ""


def test_a_file_with_changes_that_git_does_not_have_stops_it(project: ProjectFiles) -> None:
    project.file("deploy.sh", "set -e\nalembic upgrade head\n")
    refused = modalembic(project, "adopt", "--write-heads")
    assert refused.code == 2
    assert "deploy.sh" in refused.err
    assert (project.root / "deploy.sh").read_text() == "set -e\nalembic upgrade head\n"


def test_what_is_plural_already_stays() -> None:
    text = "alembic upgrade heads\n"
    assert with_plural_heads(Path("x.sh"), text) == text
