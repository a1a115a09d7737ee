"""Revisions that leave the transaction which modalembic began for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy

import modalembic as api
from modalembic.errors import MigrationFailed, TransactionEnded
from modalembic.runtime.options import Options
from tests.projects import ProjectFiles
from tests.runtime.support import execute, fetch, lock_table, new_project, sql, tables, versions

if TYPE_CHECKING:
    import psycopg

CREATE = 'bind = op.get_bind()\nbind.exec_driver_sql("CREATE TABLE one (id int)")\n'
SESSION = "from sqlalchemy.orm import Session\nsession = Session(bind=op.get_bind())\n"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return new_project(tmp_path)


@pytest.mark.parametrize(
    ("upgrade", "left"),
    [
        pytest.param(CREATE + "bind.rollback()", set(), id="rollback"),
        pytest.param(CREATE + "bind.commit()", {"one"}, id="commit"),
        pytest.param(
            CREATE + 'bind.commit()\nbind.exec_driver_sql("CREATE TABLE two (id int)")',
            {"one"},
            id="commit and go on",
        ),
        pytest.param(
            SESSION
            + 'session.connection().exec_driver_sql("CREATE TABLE one (id int)")\n'
            + "session.rollback()",
            set(),
            id="a session's rollback",
        ),
    ],
)
def test_one_that_ends_it_is_refused_and_never_noted_as_run(
    project: ProjectFiles, database_url: str, upgrade: str, left: set[str]
) -> None:
    project.module("billing").revision("b1", upgrade=upgrade).revision("b2", down="b1")

    with pytest.raises(TransactionEnded, match="b1 ended its own transaction") as caught:
        api.upgrade(project.load(), database=database_url)

    assert caught.value.where is not None
    assert "b1" in caught.value.where
    assert tables(database_url) == left
    assert versions(database_url) == set()


OWN_ENGINE = """
from alembic import context
from engine_of_the_application import engine
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
LOCKS = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
FAILS = 'op.execute("DO $$ BEGIN RAISE lock_not_available; END $$")'


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (FAILS, MigrationFailed),
        (f"try:\n    {FAILS}\nexcept Exception:\n    raise KeyboardInterrupt", KeyboardInterrupt),
    ],
    ids=["fails", "is interrupted"],
)
def test_one_that_ends_it_and_then_fails_is_not_tried_again_and_leaves_no_lock(
    project: ProjectFiles,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
    error: type[BaseException],
) -> None:
    """In a program that lives on, whose pool keeps the connection."""
    module = ModuleType("engine_of_the_application")
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    module.engine = sqlalchemy.create_engine(url)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    (project.root / "migrations/env.py").write_text(OWN_ENGINE)
    project.module("billing").revision("b1", upgrade=CREATE + f"bind.commit()\n{end}")
    with pytest.raises(error) as caught:
        api.upgrade(project.load(), database=None, options=Options(lock_wait=1))
    assert fetch(database_url, LOCKS) == [(0,)]
    assert error is KeyboardInterrupt or "lock_not_available" in str(caught.value)
    module.engine.dispose()


def test_an_autocommit_block_is_no_end(project: ProjectFiles, database_url: str) -> None:
    project.module("billing").revision(
        "b1",
        upgrade="with op.get_context().autocommit_block():\n"
        '    op.execute("CREATE TABLE one (id int)")\n'
        'op.execute("CREATE TABLE two (id int)")',
    )

    api.upgrade(project.load(), database=database_url)

    assert tables(database_url) == {"one", "two"}
    assert versions(database_url) == {"b1"}


def test_one_that_leaves_the_interpreter_has_failed(
    project: ProjectFiles, database_url: str
) -> None:
    project.module("billing").revision("b1", upgrade="raise SystemExit")

    with pytest.raises(MigrationFailed, match="SystemExit"):
        api.upgrade(project.load(), database=database_url)
    assert versions(database_url) == set()


@pytest.mark.parametrize(
    ("statement", "retried"),
    [
        ("-- a note\nCOMMIT; BEGIN", False),
        ("SELECT 1; COMMIT; BEGIN", False),
        ("/* COMMIT; */ SELECT ';COMMIT'", True),
        ("DO $$ BEGIN PERFORM 1; END; $$", True),
    ],
)
def test_control_in_sql_is_seen_wherever_it_stands(
    project: ProjectFiles,
    database_url: str,
    connect_to: Callable[..., psycopg.Connection[Any]],
    statement: str,
    retried: bool,
) -> None:
    execute(database_url, "CREATE TABLE busy (id int)", "CREATE TABLE tries (id int)")
    project.module("billing").revision(
        "b1", upgrade=sql("INSERT INTO tries VALUES (1)", statement, "LOCK TABLE busy")
    )

    lock_table(connect_to(database_url), "busy")
    with pytest.raises(MigrationFailed) as caught:
        api.upgrade(
            project.load(), database=database_url, options=Options(lock_timeout=0.05, retries=1)
        )

    assert ("was rolled back" in str(caught.value.hint)) is retried
    assert fetch(database_url, "SELECT count(*) FROM tries") == [(0 if retried else 1,)]


def test_a_timeout_of_its_own_is_seen_in_any_case(project: ProjectFiles, database_url: str) -> None:
    project.module("billing").revision(
        "b1",
        upgrade="with op.get_context().autocommit_block():\n"
        '    op.execute("CREATE TABLE one (id int)")\n'
        '    op.execute("SET LOCK_TIMEOUT = 777")\n'
        '    op.execute("CREATE INDEX CONCURRENTLY ON one (id)")\n'
        "    op.execute(\"CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS value\")",
    )

    api.upgrade(project.load(), database=database_url)

    assert fetch(database_url, "SELECT value FROM seen") == [("777ms",)]
