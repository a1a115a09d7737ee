"""`install`, and what `upgrade heads` means in a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import ProjectFiles
from tests.runtime.support import done, fetch, modalembic, new_project, table, tables, versions


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """core and billing; loyalty, which waits, and gifts, which requires it and waits too."""
    project = new_project(tmp_path)
    project.module("core", tier="core").revision("c1", **table("people"))
    project.module("billing", requires=["core"]).revision("b1", depends_on="c1", **table("bills"))
    loyalty = project.module("loyalty", requires=["core"], auto_install=False)
    loyalty.revision("l1", depends_on="c1", **table("cards")).revision(
        "l2", down="l1", **table("points")
    )
    project.module("gifts", requires=["loyalty"], auto_install=False).revision(
        "g1", depends_on="l1", **table("vouchers")
    )
    return project


def facts(url: str) -> list[tuple[str, str]]:
    return fetch(url, "SELECT module, state FROM modalembic_modules ORDER BY module")


class TestHeads:
    def test_leave_out_what_waits(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills"}

    def test_are_reached_without_it(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "upgrade", url=database_url))
        assert modalembic(project, "upgrade", "--check", url=database_url).code == 0
        assert modalembic(project, "current", "--check", url=database_url).code == 0
        assert "nothing to do" in modalembic(project, "plan", url=database_url).out

    def test_have_it_once_it_is_installed(self, project: ProjectFiles, database_url: str) -> None:
        done(modalembic(project, "install", "loyalty", url=database_url))
        done(modalembic(project, "upgrade", url=database_url))
        assert tables(database_url) == {"people", "bills", "cards", "points"}
