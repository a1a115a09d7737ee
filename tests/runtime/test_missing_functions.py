"""A revision that cannot go the way it is asked to stops the run before it changes anything."""

from __future__ import annotations

from pathlib import Path

import pytest

import modalembic as api
from modalembic.errors import RevisionImportError
from tests.projects import ModuleFiles
from tests.runtime.support import done, modalembic, new_project, table, tables

WITHOUT_DOWNGRADE = """
revision = "b1"
down_revision = None

def upgrade():
    from alembic import op
    op.execute("CREATE TABLE one (id int)")
"""


@pytest.fixture
def billing(tmp_path: Path) -> ModuleFiles:
    billing = new_project(tmp_path).module("billing")
    return billing.raw("b1.py", WITHOUT_DOWNGRADE).revision("b2", down="b1", **table("two"))


def test_a_downgrade_through_it_undoes_nothing(billing: ModuleFiles, database_url: str) -> None:
    project = billing.project.load()
    api.upgrade(project, database=database_url)
    with pytest.raises(RevisionImportError) as caught:
        api.downgrade(project, "base", database=database_url)
    assert caught.value.message == "revision b1 of billing has no downgrade()"
    assert str(caught.value.hint).startswith("nothing was run")
    assert (caught.value.path, caught.value.line) == (billing.revision_path("b1"), 2)
    assert tables(database_url) == {"one", "two"}


def test_a_downgrade_above_it_runs(billing: ModuleFiles, database_url: str) -> None:
    done(modalembic(billing.project, "upgrade", url=database_url))
    done(modalembic(billing.project, "downgrade", "b1", url=database_url))
    assert tables(database_url) == {"one"}


def test_its_sql_cannot_be_printed(billing: ModuleFiles) -> None:
    result = modalembic(billing.project, "downgrade", "b2:base", "--sql")
    assert result.code == 2
    assert result.out == ""
    assert "revision b1 of billing has no downgrade()" in result.err
