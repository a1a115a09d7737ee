"""What `doctor` says of modules that were uninstalled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import ProjectFiles
from tests.runtime.support import alembic_process, done, modalembic, new_project, table, tables


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = new_project(tmp_path)
    project.module("core").revision("c1", **table("people"))
    project.module("loyalty", requires=["core"]).revision("l1", depends_on="c1", **table("cards"))
    return project


@pytest.fixture
def url(project: ProjectFiles, database_url: str) -> str:
    """A database without loyalty."""
    done(modalembic(project, "upgrade", url=database_url))
    done(modalembic(project, "uninstall", "loyalty", "--yes", "--no-backup", url=database_url))
    return database_url


def found(project: ProjectFiles, url: str) -> dict[str, str]:
    """The rules of the findings, and what mends each."""
    result = modalembic(project, "doctor", "--format", "json", url=url)
    return {each["rule"]: each["fix"] for each in result.document["findings"]}


def test_nothing_is_wrong_with_a_module_that_is_not_installed(
    project: ProjectFiles, url: str
) -> None:
    assert found(project, url) == {}


def test_one_that_stock_alembic_brought_back_is_found(project: ProjectFiles, url: str) -> None:
    locations = "app/modules/core/migrations/versions\n    app/modules/loyalty/migrations/versions"
    stock = url.replace("postgresql:", "postgresql+psycopg:").replace("%", "%%")
    project.file(
        "alembic.ini",
        f"[alembic]\nscript_location = migrations\npath_separator = newline\n"
        f"version_locations =\n    {locations}\n"
        f"sqlalchemy.url = {stock}\n",
    )
    ended = alembic_process(project, "upgrade", "heads")
    assert ended.code == 0, ended.err
    assert tables(url) == {"people", "cards"}
    fix = "modalembic uninstall loyalty, or modalembic install loyalty if it is to stay"
    assert found(project, url)["doctor/uninstalled-applied"] == fix
    assert modalembic(project, "current", "--check", url=url).code == 0
    done(modalembic(project, "uninstall", "loyalty", "--yes", "--no-backup", url=url))
    assert found(project, url) == {}


def test_one_that_another_requires_is_found(project: ProjectFiles, url: str) -> None:
    project.module("core", requires=["loyalty"])
    project.module("loyalty", requires=[])
    fix = "modalembic install loyalty, or modalembic uninstall core"
    assert found(project, url) == {"doctor/requires-uninstalled": fix}
