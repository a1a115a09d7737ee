from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.cli.commandline import CommandLine, finish, shop, start, table
from tests.locks.runs import NAP, Runs
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg

NOTHING_TO_DO = "nothing to do: the database is at heads\n"


def test_of_eight_runs_at_once_one_does_the_work(
    project: ProjectFiles, runs: Runs, database: psycopg.Connection[Any]
) -> None:
    shop(project.root)
    project.module("slow").revision("slow1", upgrade='op.execute("SELECT pg_sleep(1)")')

    outcomes = [finish(process) for process in [runs.start() for _ in range(8)]]

    assert [outcome.code for outcome in outcomes] == [0] * 8
    results = sorted(outcome.out for outcome in outcomes)
    assert results[:7] == [NOTHING_TO_DO] * 7
    assert results[7].startswith("upgraded to heads: 6 revisions of 4 modules in ")
    ran = database.execute("SELECT count(*), count(DISTINCT run_id) FROM modalembic_history")
    assert ran.fetchone() == (6, 1)


def test_a_run_that_waits_says_who_holds_the_lock(
    project: ProjectFiles, runs: Runs, database: psycopg.Connection[Any]
) -> None:
    project.module("slow").revision("slow1", upgrade=NAP)
    runs.let_revisions_sleep(30)
    holder = runs.start()
    runs.sleeper()

    waiting = runs.start()
    line = runs.line(waiting, "waiting")
    who = r"held by pid (\d+), application modalembic \w+, user \w+,.* since 20\d\d-"
    said = re.match(f"waiting for the lock, {who}", line)

    assert said, line
    locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    assert (int(said[1]),) in database.execute(locks).fetchall()
    database.execute("SELECT pg_cancel_backend(%s)", [runs.sleeper()])
    runs.let_revisions_sleep(0)
    assert finish(holder).code == 2  # its statement was cancelled
    assert finish(waiting).code == 0


def test_a_run_gives_up_after_lock_wait_and_names_the_holder(
    project: ProjectFiles, runs: Runs, cli: CommandLine
) -> None:
    project.module("slow").revision("slow1", upgrade=NAP)
    runs.let_revisions_sleep(3)
    holder = runs.start()
    runs.sleeper()

    began = time.monotonic()
    outcome = cli("upgrade", "--database", runs.url, "--lock-wait", "1s")

    assert outcome.code == 2
    assert 0.9 < time.monotonic() - began < 2.5
    assert "error: another run holds the lock (pid " in outcome.err
    assert "application modalembic" in outcome.err
    assert "it was not free within 1 s" in outcome.err
    assert "hint: wait longer: --lock-wait" in outcome.err
    stamp = cli("stamp", "heads", "--database", runs.url, "--lock-wait", "0s")
    assert "another run holds the lock" in stamp.err
    assert finish(holder).code == 0


def test_commands_that_change_nothing_do_not_wait(
    project: ProjectFiles, runs: Runs, cli: CommandLine
) -> None:
    project.module("slow").revision("slow1", upgrade=NAP)
    runs.let_revisions_sleep(3)
    holder = runs.start()
    runs.sleeper()

    for arguments in (["current"], ["modules"], ["plan"], ["upgrade", "--dry-run"]):
        assert cli(*arguments, "--database", runs.url).code == 0
    assert holder.poll() is None
    assert finish(holder).code == 0


def test_a_run_waits_for_the_backend_of_one_that_was_killed(
    project: ProjectFiles, runs: Runs, database: psycopg.Connection[Any]
) -> None:
    project.module("slow").revision("slow1", upgrade=f"{NAP}\n{table('parcels')['upgrade']}")
    runs.let_revisions_sleep(4)
    # Or else the server ends what the dead client has left it at.
    setting = "client_connection_check_interval = '1h'"
    database.execute(f'ALTER DATABASE "{database.info.dbname}" SET {setting}'.encode())
    killed = runs.start()
    backend = runs.sleeper()
    killed.send_signal(signal.SIGKILL)
    finish(killed)
    runs.let_revisions_sleep(0)

    following = runs.start()
    line = runs.line(following, "waiting")

    assert f"held by pid {backend}," in line
    assert runs.sleeper() == backend  # still at its statement, though nobody waits for it
    outcome = finish(following)
    assert outcome.code == 0
    assert "upgraded to heads: 1 revision of 1 module" in outcome.out
    assert database.execute("SELECT count(*) FROM modalembic_history").fetchone() == (1,)


def test_a_run_that_waits_does_not_hold_up_an_index_made_concurrently(
    project: ProjectFiles, runs: Runs, database: psycopg.Connection[Any]
) -> None:
    module = project.module("slow")
    module.revision("slow1", upgrade=f"{NAP}\n{table('parcels')['upgrade']}")
    module.revision(
        "slow2",
        down="slow1",
        upgrade="""
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY parcels_id ON parcels (id)")
        """,
    )
    runs.let_revisions_sleep(1.5)
    holder = runs.start("--statement-timeout", "10s")
    runs.sleeper()
    waiting = runs.start()
    runs.line(waiting, "waiting")

    began = time.monotonic()
    assert finish(holder).code == 0
    assert time.monotonic() - began < 8
    assert finish(waiting).out == NOTHING_TO_DO
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'parcels_id'::regclass"
    assert database.execute(valid).fetchone() == (True,)


def test_different_version_tables_have_different_locks(
    project: ProjectFiles, runs: Runs, cli: CommandLine
) -> None:
    project.module("slow").revision("slow1", upgrade=NAP)
    other = ProjectFiles(project.root.parent / "other").configure(
        'modules = ["app/modules/*"]\nversion_table = "other_version"'
    )
    other.module("quick").revision("quic1")
    runs.let_revisions_sleep(3)
    holder = runs.start()
    runs.sleeper()

    outcome = cli.bare(
        "upgrade", "--project", other.root, "--database", runs.url, "--lock-wait", "0s"
    )

    assert outcome.code == 0, outcome.err
    assert holder.poll() is None
    assert finish(holder).code == 0


def test_different_databases_of_one_server_have_different_locks(
    project: ProjectFiles, runs: Runs, cli: CommandLine, make_database: Callable[[], str]
) -> None:
    project.module("slow").revision(
        "slow1", upgrade='op.execute("CREATE TABLE IF NOT EXISTS naps (seconds float)")\n' + NAP
    )
    runs.let_revisions_sleep(3)
    holder = runs.start()
    runs.sleeper()

    outcome = cli("upgrade", "--database", make_database(), "--lock-wait", "0s")

    assert outcome.code == 0, outcome.err
    assert holder.poll() is None
    assert finish(holder).code == 0


def test_an_env_py_that_alone_knows_the_database_takes_the_same_locks(
    project: ProjectFiles, runs: Runs, cli: CommandLine
) -> None:
    project.module("slow").revision("slow1", upgrade=NAP)
    project.file(
        "migrations/env.py",
        f"""
        from alembic import context
        from sqlalchemy import NullPool, create_engine

        url = {runs.url.replace("postgresql:", "postgresql+psycopg:")!r}
        with create_engine(url, poolclass=NullPool).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """,
    )
    runs.let_revisions_sleep(3)
    holder = start(["upgrade"], cwd=project.root)
    runs.sleeper()

    outcome = cli("upgrade", "--lock-wait", "0s")

    assert outcome.code == 2
    assert "another run holds the lock" in outcome.err
    assert finish(holder).code == 0
    assert cli("upgrade").out == NOTHING_TO_DO
