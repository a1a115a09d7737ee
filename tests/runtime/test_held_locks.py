"""How long a revision held the locks that others wait for."""

from __future__ import annotations

from pathlib import Path

import pytest

import modalembic as api
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.applied import AppliedStep, HeldLock
from modalembic.runtime.environment.templates import template_directory
from tests.projects import ProjectFiles
from tests.runtime.support import (
    body,
    done,
    history,
    modalembic,
    new_project,
    sql,
)

TABLES = (
    "CREATE TABLE one (id int PRIMARY KEY, note text)",
    "CREATE TABLE two (id int PRIMARY KEY)",
    "CREATE INDEX one_note ON one (note)",
    "CREATE VIEW seen AS SELECT * FROM one",
    "CREATE SEQUENCE numbers",
)
ACCESS_EXCLUSIVE = "AccessExclusiveLock"
CLOCK = 20  # ms that starting, looking and committing may take beside what sleeps


@pytest.fixture(autouse=True)
def _looks_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast this machine is."""
    monkeypatch.setattr("modalembic.runtime.watch.held.PRECISION", 0.0)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return new_project(tmp_path)


@pytest.fixture
def busy(project: ProjectFiles, database_url: str) -> ProjectFiles:
    """A project whose first revision has run."""
    project.module("billing").revision("b1", upgrade=sql(*TABLES))
    api.upgrade(project.load(), database=database_url)
    return project


def upgraded(project: ProjectFiles, url: str | None, upgrade: str) -> AppliedStep:
    """A second revision, run."""
    project.module("billing").revision("b2", down="b1", upgrade=upgrade)
    (applied,) = api.upgrade(project.load(), database=url).applied
    return applied


def modes(step: AppliedStep) -> list[tuple[str | None, str]]:
    return [(lock.table, lock.mode) for lock in step.locks]


def held(step: AppliedStep, table: str, mode: str = ACCESS_EXCLUSIVE) -> float:
    """For how long, in milliseconds."""
    (ms,) = [lock.ms for lock in step.locks if (lock.table, lock.mode) == (table, mode)]
    return ms


class TestWhatIsHeld:
    @pytest.mark.parametrize(
        ("statements", "expected"),
        [
            (["ALTER TABLE one ADD c int"], [("public.one", ACCESS_EXCLUSIVE)]),
            (["CREATE INDEX ON one (id)"], [("public.one", "ShareLock")]),
            (
                ["ALTER TABLE one ADD FOREIGN KEY (id) REFERENCES two"],
                [("public.one", "ShareRowExclusiveLock"), ("public.two", "ShareRowExclusiveLock")],
            ),
            (["LOCK TABLE two IN EXCLUSIVE MODE"], [("public.two", "ExclusiveLock")]),
            (["REINDEX INDEX one_note"], [("public.one", "ShareLock"), ("public.one_note", None)]),
            (["DROP INDEX one_note"], [("public.one", ACCESS_EXCLUSIVE)]),
            (["TRUNCATE two"], [("public.two", ACCESS_EXCLUSIVE)]),
            (["DROP TABLE two"], [("public.two", ACCESS_EXCLUSIVE)]),
            (["ALTER TABLE two RENAME TO three"], [("public.three", ACCESS_EXCLUSIVE)]),
            (["DROP VIEW seen"], [("public.seen", ACCESS_EXCLUSIVE)]),
            (["ALTER SEQUENCE numbers MAXVALUE 9"], [("public.numbers", "ShareRowExclusiveLock")]),
            (["DO $$ BEGIN ALTER TABLE one ADD c int; END $$"], [("public.one", ACCESS_EXCLUSIVE)]),
            (
                ["DO $$ BEGIN EXECUTE 'DROP ' || 'TABLE two'; END $$"],
                [("public.two", ACCESS_EXCLUSIVE)],
            ),
            (
                ['CREATE SCHEMA "a.b"', 'ALTER TABLE two SET SCHEMA "a.b"'],
                [('"a.b".two', ACCESS_EXCLUSIVE)],
            ),
        ],
        ids=lambda value: value[-1] if isinstance(value[0], str) else "",
    )
    def test_is_told_by_table_and_mode(
        self,
        busy: ProjectFiles,
        database_url: str,
        statements: list[str],
        expected: list[tuple[str, str | None]],
    ) -> None:
        step = upgraded(busy, database_url, sql(*statements))
        assert modes(step) == [(table, mode or ACCESS_EXCLUSIVE) for table, mode in expected]

    @pytest.mark.parametrize(
        "statements",
        [
            ["CREATE TABLE three (id int PRIMARY KEY)", "ALTER TABLE three ADD c int"],
            ["CREATE TABLE three (id int PRIMARY KEY)", "DROP TABLE three"],
            ["CREATE TEMP TABLE three AS SELECT * FROM one", "DROP TABLE three"],
            ["INSERT INTO two VALUES (1)", "UPDATE two SET id = 2", "DELETE FROM two"],
            ["SELECT * FROM one FOR UPDATE"],
        ],
    )
    def test_is_nothing_where_nobody_waits_for_a_table(
        self, busy: ProjectFiles, database_url: str, statements: list[str]
    ) -> None:
        assert upgraded(busy, database_url, sql(*statements)).locks == ()

    def test_what_one_revision_makes_the_next_one_locks(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        module = busy.module("billing")
        module.revision("b2", down="b1", upgrade=sql("CREATE TABLE three (id int)"))
        module.revision("b3", down="b2", upgrade=sql("ALTER TABLE three ADD c int"))
        made, changed = api.upgrade(busy.load(), database=database_url).applied
        assert made.locks == ()
        assert modes(changed) == [("public.three", ACCESS_EXCLUSIVE)]

    def test_a_downgrade_holds_locks_too(self, busy: ProjectFiles, database_url: str) -> None:
        busy.module("billing").revision("b1", downgrade=sql("DROP TABLE two"))
        (step,) = api.downgrade(busy.load(), "base", database=database_url).applied
        assert modes(step) == [("public.two", ACCESS_EXCLUSIVE)]

    def test_where_only_env_py_knows_the_database_a_dropped_table_has_no_name(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        env = busy.root / "migrations/env.py"
        env.write_text(
            env.read_text().replace(
                'context.config.get_main_option("sqlalchemy.url")',
                repr(DatabaseURL.parse(database_url).sqlalchemy),
            )
        )
        step = upgraded(busy, None, sql("DROP TABLE two", "ALTER TABLE one ADD c int"))
        assert modes(step) == [(None, ACCESS_EXCLUSIVE), ("public.one", ACCESS_EXCLUSIVE)]

    def test_an_asynchronous_env_py_is_no_exception(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        env = (template_directory("modular-async") / "env.py").read_text(encoding="utf-8")
        busy.file("migrations/env.py", env)
        url = database_url.replace("postgresql://", "postgresql+asyncpg://")
        step = upgraded(busy, url, sql("ALTER TABLE one ADD c int"))
        assert modes(step) == [("public.one", ACCESS_EXCLUSIVE)]


class TestForHowLong:
    def test_from_the_statement_that_took_it_until_the_commit(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        step = upgraded(
            busy,
            database_url,
            sql("SELECT pg_sleep(0.2)", "ALTER TABLE one ADD c int", "SELECT pg_sleep(0.15)"),
        )
        assert held(step, "public.one") >= 150
        assert held(step, "public.one") + 200 <= step.ms + CLOCK

    def test_python_between_statements_counts_as_well(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        step = upgraded(
            busy,
            database_url,
            f"import time\n{sql('ALTER TABLE one ADD c int')}\ntime.sleep(0.15)\n"
            f"{sql('ALTER TABLE two ADD c int')}",
        )
        assert held(step, "public.one") >= 150
        assert held(step, "public.two") + 150 <= step.ms + CLOCK

    def test_a_weaker_lock_stands_beside_a_stronger_one_that_came_later(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        step = upgraded(
            busy,
            database_url,
            sql("CREATE INDEX ON one (id)", "SELECT pg_sleep(0.1)", "ALTER TABLE one ADD c int"),
        )
        assert modes(step) == [("public.one", ACCESS_EXCLUSIVE), ("public.one", "ShareLock")]
        assert held(step, "public.one", "ShareLock") >= held(step, "public.one") + 100

    def test_what_a_savepoint_gives_back_is_held_no_longer(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        step = upgraded(
            busy,
            database_url,
            body("""
                with op.get_bind().begin_nested() as savepoint:
                    op.execute("ALTER TABLE one ADD c int")
                    op.execute("SELECT pg_sleep(0.05)")
                    savepoint.rollback()
                op.execute("SELECT pg_sleep(0.2)")
            """),
        )
        assert held(step, "public.one") >= 50
        assert held(step, "public.one") + 200 <= step.ms + CLOCK

    @pytest.mark.parametrize(
        "commit",
        [
            "with op.get_context().autocommit_block():\n    op.execute('SELECT pg_sleep(0.2)')",
            "op.execute('COMMIT')\nop.execute('SELECT pg_sleep(0.2)')",
        ],
        ids=["autocommit_block", "COMMIT"],
    )
    def test_what_was_committed_on_the_way_is_held_no_longer(
        self, busy: ProjectFiles, database_url: str, commit: str
    ) -> None:
        step = upgraded(busy, database_url, f"{sql('ALTER TABLE one ADD c int')}\n{commit}")
        assert held(step, "public.one") + 200 <= step.ms + CLOCK

    def test_a_statement_that_fails_within_a_savepoint_is_no_trouble(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        step = upgraded(
            busy,
            database_url,
            body("""
                from sqlalchemy.exc import DBAPIError
                op.execute("ALTER TABLE one ADD c int")
                op.execute("SELECT pg_sleep(0.05)")
                try:
                    with op.get_bind().begin_nested():
                        op.execute("ALTER TABLE nowhere ADD c int")
                except DBAPIError:
                    op.execute("ALTER TABLE two ADD c int")
            """),
        )
        assert modes(step) == [("public.one", ACCESS_EXCLUSIVE), ("public.two", ACCESS_EXCLUSIVE)]
        assert held(step, "public.one") >= 50


class TestWhereItIsTold:
    def test_in_the_document_and_in_the_history_table(
        self, busy: ProjectFiles, database_url: str
    ) -> None:
        busy.module("billing").revision("b2", down="b1", upgrade=sql("ALTER TABLE one ADD c int"))
        document = done(modalembic(busy, "upgrade", "--format", "json", url=database_url)).document
        (applied,) = document["applied"]
        (lock,) = applied["locks"]
        assert lock == {"table": "public.one", "mode": ACCESS_EXCLUSIVE, "ms": lock["ms"]}
        run_id, details = history(database_url, "run_id, details")[-1]
        assert (run_id, details["attempts"]) == (document["run_id"], 1)
        (noted,) = details["locks"]
        assert noted == {**lock, "ms": noted["ms"]}
        # The row is written before the commit that ends the lock.
        assert 0 < noted["ms"] <= lock["ms"] <= applied["ms"]

    def test_in_lines_with_verbose(self, busy: ProjectFiles, database_url: str) -> None:
        busy.module("billing").revision("b2", down="b1", upgrade=sql("ALTER TABLE one ADD c int"))
        result = done(modalembic(busy, "upgrade", "--verbose", url=database_url))
        assert "  held AccessExclusiveLock on public.one for " in result.err


def test_a_lock_is_a_value() -> None:
    lock = HeldLock("public.one", ACCESS_EXCLUSIVE, 1.5)
    assert lock.document == {"table": "public.one", "mode": ACCESS_EXCLUSIVE, "ms": 1.5}


def test_a_revision_that_is_through_at_once_is_not_looked_at(
    busy: ProjectFiles, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modalembic.runtime.watch.held.PRECISION", 60.0)
    step = upgraded(busy, database_url, sql("ALTER TABLE one ADD more int"))
    assert step.locks == ()
