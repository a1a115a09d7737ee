from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import CommandLine, finish, shop, start, table
from tests.locks.runs import NAP, Runs, until
from tests.projects import ProjectFiles
from tests.runtime.stopping.environments import environment

if TYPE_CHECKING:
    import psycopg

    from tests.plugins.pgbouncer import MakePooler

pytestmark = pytest.mark.pgbouncer

HELD = """
SELECT count(*) FROM pg_locks
 WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database
                                              WHERE datname = current_database())
"""
RAN = "SELECT count(*), count(DISTINCT revision) FROM modalembic_history"
POOLS = "it pools transactions"


@pytest.fixture(autouse=True)
def _shop(project: ProjectFiles) -> None:
    shop(project.root)


def assert_refused(code: int, said: str, reason: str) -> None:
    assert code == 2
    assert re.search(r"error: a connection pooler stands before the server, .*: .*" + reason, said)
    assert "migration_database in [tool.modalembic]" in said


def test_a_session_lock_is_really_lost_behind_a_pooler_of_transactions(
    make_pooler: MakePooler, database_url: str, connect_to: Callable[..., psycopg.Connection[Any]]
) -> None:
    """What all this is for: two clients hold one lock, and neither can give it back."""
    through = make_pooler(pool_mode="transaction")
    one, two, three = (connect_to(through(database_url)) for _ in range(3))
    take = "SELECT pg_try_advisory_lock(7)"

    assert one.execute(take).fetchone() == (True,)
    assert two.execute(take).fetchone() == (True,)
    with three.transaction():
        three.execute("SELECT 1")
        assert one.execute("SELECT pg_advisory_unlock(7)").fetchone() == (False,)
    one.close()
    two.close()
    assert connect_to(database_url).execute(HELD).fetchone() == (1,)


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_does_not_keep_sessions_is_refused_and_no_lock_is_left_in_it(
    make_pooler: MakePooler,
    database_url: str,
    database: psycopg.Connection[Any],
    cli: CommandLine,
    mode: str,
) -> None:
    through = make_pooler(pool_mode=mode)
    reason = POOLS if mode == "transaction" else "transaction blocks not allowed"

    for command in (["upgrade"], ["stamp", "heads"], ["downgrade", "base"]):
        outcome = cli(*command, "--database", through(database_url))
        assert_refused(outcome.code, outcome.err, reason)

    assert database.execute(HELD).fetchone() == (0,)
    made = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert made.fetchone() == (0,)


@pytest.mark.parametrize("name", ["given", "owned", "psycopg-async", "asyncpg"])
def test_a_pooler_that_keeps_sessions_is_proven_and_works(
    make_pooler: MakePooler, runs: Runs, project: ProjectFiles, name: str
) -> None:
    url = make_pooler(pool_mode="session")(runs.url)
    project.file("migrations/env.py", environment(name, url))
    database = ["--database", url] if name == "given" else []

    outcomes = [
        finish(process)
        for process in [start(["upgrade", *database], cwd=project.root) for _ in range(3)]
    ]

    assert [outcome.code for outcome in outcomes] == [0] * 3, outcomes
    assert runs.database.execute(RAN).fetchone() == (5, 5)
    assert runs.database.execute(HELD).fetchone() == (0,)


@pytest.mark.parametrize("name", ["owned", "psycopg-async", "asyncpg"])
def test_an_engine_of_env_py_that_leads_through_one_is_looked_at_too(
    make_pooler: MakePooler, database: psycopg.Connection[Any], runs: Runs, name: str
) -> None:
    url = make_pooler(pool_mode="transaction")(runs.url)
    if name == "asyncpg":
        # As its users have to write it for such a pooler.
        url += "&prepared_statement_cache_size=0"
    text = environment(name, url)
    if name == "asyncpg":
        unnamed = 'connect_args={"prepared_statement_name_func": lambda: ""}'
        text = text.replace("poolclass", f"{unnamed}, poolclass")
    runs.project.file("migrations/env.py", text)

    outcome = finish(start(["upgrade"], cwd=runs.project.root))

    assert_refused(outcome.code, outcome.err, POOLS)
    assert database.execute(HELD).fetchone() == (0,)


def test_one_pool_with_many_idle_backends_in_turn_is_found_out(
    make_pooler: MakePooler,
    database_url: str,
    cli: CommandLine,
    connect_to: Callable[..., psycopg.Connection[Any]],
) -> None:
    through = make_pooler(pool_mode="transaction", server_round_robin=1)
    clients = [connect_to(through(database_url)) for _ in range(8)]
    for client in clients:
        client.execute("BEGIN")
        client.execute("SELECT 1")
    for client in clients:
        client.execute("ROLLBACK")

    outcome = cli("upgrade", "--database", through(database_url))

    assert_refused(outcome.code, outcome.err, POOLS)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_pool_that_is_too_small_to_tell_is_refused_in_time(
    make_pooler: MakePooler, database_url: str, cli: CommandLine, mode: str
) -> None:
    through = make_pooler(pool_mode=mode, default_pool_size=1)
    reason = POOLS if mode == "transaction" else "it had no 3 more backends within 5 s"

    outcome = cli("upgrade", "--database", through(database_url))

    assert_refused(outcome.code, outcome.err, reason)


def test_a_pooler_that_is_at_work_for_others_is_found_out(
    make_pooler: MakePooler,
    database_url: str,
    cli: CommandLine,
    connect_to: Callable[..., psycopg.Connection[Any]],
) -> None:
    import threading

    through = make_pooler(pool_mode="transaction", default_pool_size=6)
    over = threading.Event()

    def serve(client: psycopg.Connection[Any]) -> None:
        while not over.wait(0.001):
            client.execute("SELECT pg_sleep(0.002)", prepare=False)

    clients = [connect_to(through(database_url)) for _ in range(4)]
    threads = [threading.Thread(target=serve, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    try:
        outcomes = [cli("upgrade", "--database", through(database_url)) for _ in range(10)]
    finally:
        over.set()
        for thread in threads:
            thread.join()

    for outcome in outcomes:
        assert_refused(outcome.code, outcome.err, POOLS)


@pytest.mark.parametrize("mode", ["session", "transaction"])
@pytest.mark.parametrize("where", ["option", "configuration"])
def test_allow_pooler_lets_it_pass_and_still_one_run_at_a_time_works(
    make_pooler: MakePooler, runs: Runs, project: ProjectFiles, where: str, mode: str
) -> None:
    url = make_pooler(pool_mode=mode)(runs.url)
    options = ["--allow-pooler"]
    if where == "configuration":
        options = []
        project.configure('modules = ["app/modules/*"]\nallow_pooler = true')
    command = ["upgrade", "--database", url, *options]

    outcomes = [finish(process) for process in [start(command, cwd=project.root) for _ in range(6)]]

    assert [outcome.code for outcome in outcomes] == [0] * 6, outcomes
    assert runs.database.execute(RAN).fetchone() == (5, 5)
    assert runs.database.execute(HELD).fetchone() == (0,)
    for outcome in outcomes:
        assert ("warning: a connection pooler" in outcome.err) is (mode == "transaction")


def test_a_long_history_runs_behind_a_pooler_that_was_let_pass(
    make_pooler: MakePooler, runs: Runs, project: ProjectFiles
) -> None:
    """More revisions than it takes a driver to prepare a statement."""
    url = make_pooler(pool_mode="transaction")(runs.url)
    module = project.module("long")
    for number in range(12):
        down = f"long{number - 1}" if number else None
        module.revision(f"long{number}", down=down, **table(f"long{number}"))

    outcome = finish(start(["upgrade", "--allow-pooler", "--database", url], cwd=project.root))

    assert outcome.code == 0, outcome.err
    assert runs.database.execute(RAN).fetchone() == (17, 17)


@pytest.mark.parametrize("name", ["owned", "asyncpg"])
def test_prepared_statements_that_a_pooler_loses_are_explained(
    make_pooler: MakePooler, runs: Runs, project: ProjectFiles, name: str
) -> None:
    text = environment(name, make_pooler(pool_mode="transaction")(runs.url))
    if name == "owned":
        text = text.replace("poolclass", 'connect_args={"prepare_threshold": 0}, poolclass')
    project.file("migrations/env.py", text)
    command = ["upgrade", "--allow-pooler"]

    # The first one prepares them, the second one meets them.
    finish(start(command, cwd=project.root))
    outcome = finish(start(command, cwd=project.root))

    assert outcome.code == 2
    assert "prepared statement" in outcome.err
    assert "hint: is there a pooler that gives each transaction another backend" in outcome.err


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_sigterm_ends_a_statement_behind_a_pooler_too(
    make_pooler: MakePooler, runs: Runs, project: ProjectFiles, mode: str
) -> None:
    project.module("slow").revision("slow1", upgrade=f"{table('letters')['upgrade']}\n{NAP}")
    runs.let_revisions_sleep(60)
    url = make_pooler(pool_mode=mode)(runs.url)
    process = start(["upgrade", "--allow-pooler", "--database", url], cwd=project.root)
    runs.sleeper()
    process.send_signal(signal.SIGTERM)
    outcome = finish(process)

    assert outcome.code == 2
    assert "SIGTERM ended the run in slow1 (slow)" in outcome.err
    until(lambda: runs.database.execute(HELD).fetchone() == (0,))
    assert runs.database.execute("SELECT to_regclass('letters')").fetchone() == (None,)


def test_statement_mode_is_refused_whatever_is_allowed(
    make_pooler: MakePooler, database_url: str, cli: CommandLine
) -> None:
    url = make_pooler(pool_mode="statement")(database_url)

    outcome = cli("upgrade", "--allow-pooler", "--database", url)

    assert outcome.code == 2
    assert "transaction blocks not allowed" in outcome.err


@pytest.mark.parametrize("where", ["variable", "configuration"])
def test_a_url_for_migrations_leads_around_it(
    make_pooler: MakePooler,
    runs: Runs,
    project: ProjectFiles,
    cli: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    pooled = make_pooler(pool_mode="transaction")(runs.url)
    if where == "variable":
        monkeypatch.setenv("MODALEMBIC_DATABASE_URL", pooled)
        monkeypatch.setenv("MODALEMBIC_MIGRATION_DATABASE_URL", runs.url)
    else:
        monkeypatch.setenv("DIRECT", runs.url)
        urls = f'database = "{pooled}"\nmigration_database = "${{DIRECT}}"'
        project.configure(f'modules = ["app/modules/*"]\n{urls}')

    assert cli("upgrade", "--format", "json").json["database"] == runs.url
    assert cli("current", "--check").code == 0
    assert cli("stamp", "heads").code == 0
    assert runs.database.execute(RAN).fetchone() == (5, 5)


def test_a_direct_connection_is_asked_nothing_more(
    project: ProjectFiles,
    runs: Runs,
    cli: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from modalembic.runtime.connection import backend, session

    asked: list[str] = []
    execute = session.PsycopgSession._execute

    def noted(self: Any, statement: str, parameters: Any) -> Any:
        asked.append(statement)
        return execute(self, statement, parameters)

    monkeypatch.setattr(session.PsycopgSession, "_execute", noted)
    monkeypatch.setattr(backend, "unproven", None)

    assert cli("upgrade", "--database", runs.url).code == 0
    about_pids = [statement for statement in asked if "pg_backend_pid" in statement]
    assert len(about_pids) == 2  # the two locks themselves
    assert all("pg_try_advisory_lock" in statement for statement in about_pids)
