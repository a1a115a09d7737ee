"""What pruning deletes of the history table, and that nobody can tell afterwards."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import modalembic as api
from modalembic.errors import UsageError
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.connection.session import PsycopgSession
from modalembic.runtime.state.recorded import read_recorded
from modalembic.runtime.state.situation import read_situation
from tests.runtime.support import (
    done,
    execute,
    fetch,
    history,
    modalembic,
    new_project,
    sql,
    table,
    versions,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import ProjectFiles

OLD = "UPDATE modalembic_history SET started_at = started_at - interval '100 days'"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = new_project(tmp_path)
    core = project.module("core").revision("c1", **table("c_one"))
    core.revision("c2", down="c1", **table("c_two"))
    project.module("orders").revision("o1", depends_on="c1", **table("o_one"))
    return project


@pytest.fixture
def lived(project: ProjectFiles, database_url: str) -> str:
    """A database whose history is 100 days old: up, down, up, stamped, and one module gone."""
    for arguments in (["upgrade"], ["downgrade", "base"], ["upgrade"], ["stamp", "c1"]):
        done(modalembic(project, *arguments, url=database_url))
    done(modalembic(project, "stamp", "heads", url=database_url))
    execute(database_url, OLD)
    return database_url


def rows(url: str) -> int:
    return int(fetch(url, "SELECT count(*) FROM modalembic_history")[0][0])


def known(project: ProjectFiles, url: str) -> tuple[Any, ...]:
    """All that is ever asked of the history table."""
    with connect(DatabaseURL.parse(url)) as connection:
        session = PsycopgSession(connection)
        situation = read_situation(project.load(), session, rows_of_history=True)
        lineage = situation.history.lineage(session, ["c1", "c2", "o1"])
        return (
            situation.state,
            situation.orphans,
            situation.recorded,
            situation.ran,
            lineage,
            read_recorded(session, situation.history),
            modalembic(project, "doctor", "--format", "json", url=url).document,
        )


class TestPruning:
    def test_leaves_every_answer_as_it_was(self, project: ProjectFiles, lived: str) -> None:
        before = known(project, lived)
        pruned = api.prune(project.load(), timedelta(days=90), database=lived)
        assert pruned.deleted == 3
        assert rows(lived) == pruned.kept
        assert known(project, lived) == before

    def test_leaves_what_a_module_that_is_gone_was_built_on(
        self, project: ProjectFiles, lived: str
    ) -> None:
        api.prune(project.load(), timedelta(), database=lived)
        shutil.rmtree(project.root / "app/modules/orders")
        assert not api.upgrade(project.load(), database=lived).applied
        assert modalembic(project, "current", "--check", url=lived).code == 0

    def test_leaves_what_an_edited_file_is_compared_with(
        self, project: ProjectFiles, lived: str
    ) -> None:
        project.module("core").revision("c1", **table("c_changed"))
        before = known(project, lived)
        api.prune(project.load(), timedelta(), database=lived)
        assert known(project, lived) == before

    def test_deletes_nothing_twice(self, project: ProjectFiles, lived: str) -> None:
        api.prune(project.load(), timedelta(days=90), database=lived)
        assert api.prune(project.load(), timedelta(days=90), database=lived).deleted == 0

    def test_deletes_nothing_that_is_younger(self, project: ProjectFiles, lived: str) -> None:
        assert api.prune(project.load(), timedelta(days=101), database=lived).deleted == 0

    def test_leaves_what_was_interrupted(self, project: ProjectFiles, database_url: str) -> None:
        body = f"""
        {sql("CREATE TABLE half (id int)")}
        with op.get_context().autocommit_block():
            op.execute("SELECT 1")
            op.execute("SELECT 1/0")
        """
        project.module("core").revision("c3", down="c2", upgrade=body)
        for _ in range(2):
            assert modalembic(project, "upgrade", url=database_url).code == 2
        execute(
            database_url,
            OLD,
            "INSERT INTO modalembic_history (run_id, version_table, module, revision, direction,"
            " state, parents, started_at, who, modalembic_version) SELECT 'later', version_table,"
            " module, revision, direction, state, parents, now(), who, modalembic_version"
            " FROM modalembic_history WHERE revision = 'c3'",
        )
        interrupted = "SELECT count(*) FROM modalembic_history WHERE revision = 'c3'"
        before = fetch(database_url, interrupted)
        api.prune(project.load(), timedelta(), database=database_url)
        assert fetch(database_url, interrupted) == before

    def test_leaves_other_projects_alone(self, project: ProjectFiles, lived: str) -> None:
        """They share the table where their version tables are in one schema."""
        execute(
            lived,
            "INSERT INTO modalembic_history (run_id, version_table, module, revision, direction,"
            " parents, started_at, who, modalembic_version) SELECT run_id, 'other_version', module,"
            " revision, direction, parents, started_at, who, modalembic_version"
            " FROM modalembic_history",
        )
        theirs = "SELECT count(*) FROM modalembic_history WHERE version_table = 'other_version'"
        before = fetch(lived, theirs)
        assert api.prune(project.load(), timedelta(), database=lived).deleted == 3
        assert fetch(lived, theirs) == before

    def test_does_not_change_the_version_rows(self, project: ProjectFiles, lived: str) -> None:
        before = versions(lived)
        api.prune(project.load(), timedelta(), database=lived)
        assert versions(lived) == before

    def test_refuses_what_is_no_length_of_time(self, project: ProjectFiles) -> None:
        with pytest.raises(UsageError):
            api.prune(project.load(), timedelta(days=-1), database="none")


class TestTheCommand:
    def test_counts_first(self, project: ProjectFiles, lived: str) -> None:
        before = history(lived)
        told = done(modalembic(project, "prune", "--older-than", "90d", "--dry-run", url=lived)).out
        assert told.startswith("3 rows of public.modalembic_history would be deleted, older than ")
        assert history(lived) == before

    def test_tells_what_it_has_done(self, project: ProjectFiles, lived: str) -> None:
        arguments = ["prune", "--older-than", "12w", "--format", "json"]
        document = done(modalembic(project, *arguments, url=lived)).document
        assert document["deleted"] == 3
        assert document["kept"] == rows(lived)
        assert document["table"] == "public.modalembic_history"
        assert document["dry_run"] is False

    def test_has_nothing_to_do_without_the_table(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        result = done(modalembic(project, "prune", "--older-than", "1d", url=database_url))
        assert result.out == "there is no public.modalembic_history\n"

    def test_finds_the_database_that_only_env_py_knows(
        self, project: ProjectFiles, lived: str
    ) -> None:
        env = (project.root / "migrations/env.py").read_text()
        url = DatabaseURL.parse(lived).sqlalchemy
        known_there = env.replace('context.config.get_main_option("sqlalchemy.url")', repr(url))
        project.file("migrations/env.py", known_there)
        told = done(modalembic(project, "prune", "--older-than", "90d")).out
        assert told.startswith("3 rows of public.modalembic_history deleted")

    @pytest.mark.parametrize("age", ["", "yesterday", "-1d", "9" * 30 + "w"])
    def test_refuses_what_is_no_length_of_time(
        self, project: ProjectFiles, lived: str, age: str
    ) -> None:
        before = rows(lived)
        assert modalembic(project, "prune", f"--older-than={age}", url=lived).code == 2
        assert rows(lived) == before

    @pytest.mark.parametrize("age", ["800000d", "9999999d", "999999999d"])
    def test_finds_nothing_that_is_older_than_dates_go(
        self, project: ProjectFiles, lived: str, age: str
    ) -> None:
        told = done(modalembic(project, "prune", "--older-than", age, url=lived)).out
        assert told.startswith("0 rows of public.modalembic_history deleted")

    def test_has_to_be_told_how_old(self, project: ProjectFiles, lived: str) -> None:
        assert modalembic(project, "prune", url=lived).code == 2
