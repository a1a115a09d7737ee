"""One transaction for each revision, what happens when one fails, and what is never tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import modalembic as api
from modalembic.errors import MigrationFailed, RevisionImportError
from modalembic.runtime.options import Options
from tests.projects import ProjectFiles
from tests.runtime.support import (
    ENV,
    Recorder,
    body,
    column,
    done,
    execute,
    fetch,
    history,
    lock_table,
    modalembic,
    new_project,
    sql,
    table,
    tables,
    versions,
)

Connect = Callable[..., psycopg.Connection[Any]]


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return new_project(tmp_path)


class TestAFailingRevision:
    @pytest.fixture
    def failing(self, project: ProjectFiles) -> ProjectFiles:
        module = project.module("billing")
        module.revision("b1", **table("one"))
        module.revision(
            "b2", down="b1", upgrade=sql("CREATE TABLE two (id int)", "SELECT * FROM nowhere")
        )
        module.revision("b3", down="b2", **table("three"))
        return project

    def test_only_it_is_rolled_back_and_what_was_committed_stays(
        self, failing: ProjectFiles, database_url: str
    ) -> None:
        with pytest.raises(MigrationFailed) as caught:
            api.upgrade(failing.load(), database=database_url)
        assert [step.step.revision.id for step in caught.value.applied] == ["b1"]  # type: ignore[attr-defined]
        assert tables(database_url) == {"one"}
        assert versions(database_url) == {"b1"}
        assert history(database_url) == [("b1", "upgrade")]

    def test_the_next_run_goes_on_from_there(
        self, failing: ProjectFiles, database_url: str
    ) -> None:
        modalembic(failing, "upgrade", url=database_url)
        failing.module("billing").revision("b2", down="b1", **table("two"))
        result = api.upgrade(failing.load(), database=database_url)
        assert [step.step.revision.id for step in result.applied] == ["b2", "b3"]
        assert tables(database_url) == {"one", "two", "three"}

    def test_the_error_says_which_where_and_what_postgres_said(
        self, failing: ProjectFiles, database_url: str
    ) -> None:
        result = modalembic(failing, "upgrade", url=database_url)
        assert result.code == 2
        assert "upgrade of b2 (billing) failed" in result.err
        assert 'relation "nowhere" does not exist' in result.err
        assert "statement: SELECT * FROM nowhere" in result.err
        assert "b2.py:14" in result.err
        assert "rolled back" in result.err
        assert "1 revision was committed before it" in result.err
        assert "Traceback" not in result.err

    def test_its_document_has_what_failed(self, failing: ProjectFiles, database_url: str) -> None:
        result = modalembic(failing, "--format", "json", "upgrade", url=database_url)
        assert result.code == 2
        document = result.document
        assert [step["revision"] for step in document["applied"]] == ["b1"]
        failed = document["failed"]
        assert failed["path"].endswith("b2.py")
        assert {**failed, "path": None} == {
            "revision": "b2",
            "module": "billing",
            "path": None,
            "line": 14,
            "statement": "SELECT * FROM nowhere",
            "error": 'relation "nowhere" does not exist',
        }
        assert document["error"]["code"] == "migration-failed"

    def test_an_exception_of_its_own_is_told_with_its_type(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing").revision("b1", upgrade='raise LookupError("no rates")')
        with pytest.raises(MigrationFailed, match="LookupError: no rates") as caught:
            api.upgrade(project.load(), database=database_url)
        assert caught.value.failed["statement"] is None
        assert caught.value.line == 13

    def test_a_downgrade_that_fails_leaves_its_revision_applied(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        module = project.module("billing").revision("b1", **table("one"))
        module.revision("b2", down="b1", downgrade=sql("DROP TABLE one", "DROP TABLE nowhere"))
        api.upgrade(project.load(), database=database_url)
        with pytest.raises(MigrationFailed, match="downgrade of b2"):
            api.downgrade(project.load(), "base", database=database_url)
        assert versions(database_url) == {"b2"}
        assert tables(database_url) == {"one"}

    def test_in_autocommit_block_the_hint_says_that_it_was_not_rolled_back(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing").revision(
            "b1",
            upgrade=body("""
                with op.get_context().autocommit_block():
                    op.execute("CREATE TABLE one (id int)")
                    op.execute("SELECT * FROM nowhere")
            """),
        )
        with pytest.raises(MigrationFailed) as caught:
            api.upgrade(project.load(), database=database_url)
        assert "stays" in str(caught.value.hint)
        assert tables(database_url) == {"one"}
        assert versions(database_url) == set()

    def test_on_a_connection_in_autocommit_the_hint_says_so_too(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.file(
            "migrations/env.py",
            ENV.replace("poolclass=", 'isolation_level="AUTOCOMMIT", poolclass='),
        )
        project.module("billing").revision(
            "b1", upgrade=sql("CREATE TABLE one (id int)", "SELECT * FROM nowhere")
        )
        with pytest.raises(MigrationFailed) as caught:
            api.upgrade(project.load(), database=database_url)
        assert "stays" in str(caught.value.hint)
        assert tables(database_url) == {"one"}


class TestAFileThatCannotBeImported:
    @pytest.fixture
    def broken(self, project: ProjectFiles) -> ProjectFiles:
        module = project.module("billing").revision("b1", **table("one"))
        module.revision("b2", down="b1", **table("two"))
        path = module.revision_path("b2")
        path.write_text(path.read_text().replace("import sqlalchemy", "import nosuchmodule"))
        return project

    def test_stops_the_run_before_anything_changed(
        self, broken: ProjectFiles, database_url: str
    ) -> None:
        with pytest.raises(RevisionImportError, match="nosuchmodule") as caught:
            api.upgrade(broken.load(), database=database_url)
        assert caught.value.line == 3
        assert str(caught.value.hint).startswith("nothing was run")
        assert tables(database_url) == set()
        assert fetch(database_url, "SELECT to_regclass('modalembic_history')") == [(None,)]

    def test_stops_only_its_own_step_without_preflight(
        self, broken: ProjectFiles, database_url: str
    ) -> None:
        result = modalembic(broken, "upgrade", "--no-preflight", url=database_url)
        assert result.code == 2
        assert "nosuchmodule" in result.err
        assert "nothing was run" not in result.err
        assert tables(database_url) == {"one"}
        assert versions(database_url) == {"b1"}

    def test_is_no_trouble_where_it_has_run_already(
        self, broken: ProjectFiles, database_url: str
    ) -> None:
        api.stamp(broken.load(), ["b2"], database=database_url)
        assert not api.upgrade(broken.load(), database=database_url).applied

    def test_leaves_by_sys_exit_like_by_any_exception(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        module = project.module("billing").revision("b1")
        path = module.revision_path("b1")
        path.write_text(path.read_text() + "\nraise SystemExit('no way')\n")
        with pytest.raises(RevisionImportError, match="no way"):
            api.upgrade(project.load(), database=database_url)


class TestAutocommitBlock:
    def test_makes_an_index_concurrently(self, project: ProjectFiles, database_url: str) -> None:
        module = project.module("billing").revision("b1", **table("one"))
        module.revision("b2", down="b1", upgrade=CONCURRENTLY)
        api.upgrade(project.load(), database=database_url)
        assert versions(database_url) == {"b2"}
        assert _index_is_valid(database_url)

    def test_does_not_give_up_on_a_table_that_is_in_use(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        """With lock_timeout in force it would fail and leave an invalid index."""
        module = project.module("billing").revision("b1", **table("one"))
        api.upgrade(project.load(), database=database_url)
        module.revision("b2", down="b1", upgrade=CONCURRENTLY)
        busy = connect_to(database_url)
        busy.execute("BEGIN")
        busy.execute("INSERT INTO one VALUES (1)")
        timer = threading.Timer(0.5, busy.rollback)
        timer.start()
        api.upgrade(project.load(), database=database_url, options=Options(lock_timeout=0.05))
        timer.join()
        assert _index_is_valid(database_url)

    def test_keeps_the_lock_timeout_that_the_revision_sets_itself(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        module = project.module("billing").revision("b1", **table("one"))
        api.upgrade(project.load(), database=database_url)
        module.revision(
            "b2",
            down="b1",
            upgrade=body("""
                with op.get_context().autocommit_block():
                    op.execute("SET lock_timeout = '50ms'")
                    op.execute("CREATE INDEX CONCURRENTLY one_id ON one (id)")
            """),
        )
        lock_table(connect_to(database_url), "one")
        recorder = Recorder()
        with pytest.raises(MigrationFailed, match="lock timeout"):
            api.upgrade(project.load(), database=database_url, observer=recorder)
        assert recorder.retries == 0

    def test_has_the_lock_timeout_back_in_force_afterwards(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        show = "INSERT INTO seen SELECT current_setting('lock_timeout')"
        module = project.module("billing").revision(
            "b1", upgrade=sql("CREATE TABLE one (id int)", "CREATE TABLE seen (lock_timeout text)")
        )
        module.revision("b2", down="b1", upgrade=f"{CONCURRENTLY}\n{sql(show)}")
        module.revision("b3", down="b2", upgrade=sql(show))
        api.upgrade(project.load(), database=database_url, options=Options(lock_timeout=7))
        assert column(fetch(database_url, "SELECT * FROM seen")) == ["7s", "7s"]

    def test_commits_what_stood_before_it(self, project: ProjectFiles, database_url: str) -> None:
        project.module("billing").revision(
            "b1", upgrade=sql("CREATE TABLE one (id int)") + f"\n{CONCURRENTLY}"
        )
        api.upgrade(project.load(), database=database_url)
        assert _index_is_valid(database_url)
        assert history(database_url) == [("b1", "upgrade")]


CONCURRENTLY = body("""
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY one_id ON one (id)")
""")


def _index_is_valid(url: str) -> bool:
    found = fetch(url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'one_id'::regclass")
    return found == [(True,)]


class TestALockThatIsNotToBeHad:
    """lock_timeout, SQLSTATE 55P03, and another attempt at the whole revision."""

    @pytest.fixture
    def project(self, tmp_path: Path, database_url: str) -> ProjectFiles:
        project = new_project(tmp_path)
        project.module("billing").revision("b1", **table("one"))
        api.upgrade(project.load(), database=database_url)
        project.module("billing").revision(
            "b2", down="b1", upgrade=sql("CREATE TABLE two (id int)", "ALTER TABLE one ADD x int")
        )
        return project

    def test_is_asked_for_again_from_the_revisions_first_statement(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        busy = connect_to(database_url)
        lock_table(busy, "one")
        recorder = Recorder(on_retry=busy.rollback)
        options = Options(lock_timeout=0.05)
        api.upgrade(project.load(), database=database_url, options=options, observer=recorder)
        assert recorder.retries == 1
        assert tables(database_url) == {"one", "two"}
        assert history(database_url) == [("b1", "upgrade"), ("b2", "upgrade")]

    def test_is_given_up_after_as_many_retries_as_were_allowed(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        lock_table(connect_to(database_url), "one")
        recorder = Recorder()
        options = Options(lock_timeout=0.05, retries=1)
        with pytest.raises(MigrationFailed, match="lock timeout") as caught:
            api.upgrade(project.load(), database=database_url, options=options, observer=recorder)
        assert recorder.retries == 1
        assert "--retries" in str(caught.value.hint)
        assert tables(database_url) == {"one"}
        assert versions(database_url) == {"b1"}

    def test_fails_at_once_with_no_retries(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        lock_table(connect_to(database_url), "one")
        start = time.monotonic()
        result = modalembic(
            project, "upgrade", "--lock-timeout", "50ms", "--retries", "0", url=database_url
        )
        assert result.code == 2
        assert time.monotonic() - start < 3

    @pytest.mark.parametrize(
        "left",
        [
            body("""
                with op.get_context().autocommit_block():
                    op.execute("CREATE TABLE two (id int)")
            """),
            sql("CREATE TABLE two (id int)", "COMMIT"),
        ],
        ids=["autocommit_block", "raw COMMIT"],
    )
    def test_is_never_asked_for_again_once_the_revision_left_its_transaction(
        self,
        project: ProjectFiles,
        database_url: str,
        connect_to: Connect,
        left: str,
    ) -> None:
        project.module("billing").revision(
            "b2", down="b1", upgrade=f"{left}\n{sql('ALTER TABLE one ADD x int')}"
        )
        lock_table(connect_to(database_url), "one")
        recorder = Recorder()
        with pytest.raises(MigrationFailed) as caught:
            api.upgrade(
                project.load(),
                database=database_url,
                options=Options(lock_timeout=0.05),
                observer=recorder,
            )
        assert recorder.retries == 0
        assert "stays" in str(caught.value.hint)
        assert tables(database_url) == {"one", "two"}

    def test_a_savepoint_that_is_rolled_back_does_not_count_as_leaving(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        project.module("billing").revision(
            "b2",
            down="b1",
            upgrade=body("""
                with op.get_bind().begin_nested() as nested:
                    op.execute("CREATE TABLE never (id int)")
                    nested.rollback()
                op.execute("ALTER TABLE one ADD x int")
            """),
        )
        busy = connect_to(database_url)
        lock_table(busy, "one")
        recorder = Recorder(on_retry=busy.rollback)
        options = Options(lock_timeout=0.05)
        api.upgrade(project.load(), database=database_url, options=options, observer=recorder)
        assert recorder.retries == 1

    def test_the_pauses_grow(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        pauses: list[float] = []

        class Pauses(Recorder):
            def retrying(self, step: Any, attempt: int, pause: float, why: str) -> None:  # noqa: ARG002
                pauses.append(pause)

        lock_table(connect_to(database_url), "one")
        options = Options(lock_timeout=0.02, retries=3)
        with pytest.raises(MigrationFailed):
            api.upgrade(project.load(), database=database_url, options=options, observer=Pauses())
        assert len(pauses) == 3
        for attempt, pause in enumerate(pauses, 1):
            assert 0.1 * 2**attempt <= pause <= 0.2 * 2**attempt


class TestTimeouts:
    def test_a_statement_that_takes_too_long_is_cancelled(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing").revision("b1", upgrade=sql("SELECT pg_sleep(20)"))
        result = modalembic(project, "upgrade", "--statement-timeout", "100ms", url=database_url)
        assert result.code == 2
        assert "statement timeout" in result.err

    def test_the_configuration_has_defaults_for_all_of_them(
        self, tmp_path: Path, database_url: str
    ) -> None:
        configuration = 'modules = ["app/modules/*"]\nlock_timeout = "3s"\nstatement_timeout = "9s"'
        project = new_project(tmp_path, configuration)
        project.module("billing").revision("b1", upgrade=SEEN)
        api.upgrade(project.load(), database=database_url)
        assert fetch(database_url, "SELECT lock, statement FROM seen") == [("3s", "9s")]

    def test_by_default_a_lock_is_waited_for_five_seconds_and_a_statement_for_ever(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing").revision("b1", upgrade=SEEN)
        api.upgrade(project.load(), database=database_url)
        assert fetch(database_url, "SELECT lock, statement FROM seen") == [("5s", "0")]

    def test_what_one_revision_sets_for_its_session_does_not_reach_the_next(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        module = project.module("billing")
        module.revision(
            "b1",
            upgrade=sql(
                "CREATE SCHEMA elsewhere",
                "SET lock_timeout = 0",
                "SET statement_timeout = '1h'",
                "SET search_path TO elsewhere",
            ),
        )
        module.revision("b2", down="b1", upgrade=SEEN)
        api.upgrade(project.load(), database=database_url)
        assert fetch(database_url, "SELECT lock, statement, path FROM public.seen") == [
            ("5s", "0", '"$user", public')
        ]

    def test_a_dump_as_the_first_revision_leaves_no_empty_search_path(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        """pg_dump writes this at the head of every dump."""
        module = project.module("billing").revision(
            "b1", upgrade=sql("SELECT pg_catalog.set_config('search_path', '', false)")
        )
        module.revision("b2", down="b1", **table("two"))
        api.upgrade(project.load(), database=database_url)
        assert tables(database_url) == {"two"}
        assert versions(database_url) == {"b2"}

    def test_a_search_path_that_env_py_sets_stays_in_force(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        execute(database_url, "CREATE SCHEMA tenant")
        project.file(
            "migrations/env.py",
            ENV.replace(
                "    context.configure(connection",
                '    connection.exec_driver_sql("SET search_path TO public, tenant")\n'
                "        connection.commit()\n"
                "        context.configure(connection",
            ),
        )
        module = project.module("billing").revision("b1", upgrade=SEEN)
        module.revision(
            "b2", down="b1", upgrade=SEEN.replace("CREATE TABLE seen", "CREATE TABLE s2")
        )
        api.upgrade(project.load(), database=database_url)
        assert fetch(database_url, "SELECT path FROM s2") == [("public, tenant",)]


SEEN = sql(
    "CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS lock, "
    "current_setting('statement_timeout') AS statement, current_setting('search_path') AS path"
)


class TestTheConnectionOfTheProject:
    def test_gets_its_own_settings_back(self, project: ProjectFiles, database_url: str) -> None:
        """It may go on to serve the application that handed it over."""
        look = """
        connection.exec_driver_sql(
            "CREATE TABLE after AS SELECT current_setting('lock_timeout') AS lock, "
            "current_setting('application_name') AS name"
        )
        connection.commit()
    engine.dispose()"""
        project.file("migrations/env.py", ENV.replace("\n    engine.dispose()", look))
        project.module("billing").revision("b1")
        api.upgrade(project.load(), database=database_url)
        assert fetch(database_url, "SELECT lock, name FROM after") == [("0", "")]

    def test_holds_no_lock_any_more(self, project: ProjectFiles, database_url: str) -> None:
        project.module("billing").revision("b1")
        done(modalembic(project, "upgrade", url=database_url))
        query = """
            SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
             WHERE locktype = 'advisory' AND datname = current_database()
        """
        assert fetch(database_url, query) == [(0,)]
