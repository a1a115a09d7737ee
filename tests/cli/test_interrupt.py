from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import CommandLine, finish, start, table
from tests.locks.runs import NAP, Runs
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg


@pytest.fixture
def runs(project: ProjectFiles, database_url: str, connect_to: Any) -> Runs:
    """Runs of a project whose module billing has been given a revision that sleeps for long."""
    project.module("billing", requires=["core"]).revision(
        "bill2", down="bill1", upgrade=f"{table('payments')['upgrade']}\n{NAP}"
    )
    runs = Runs(project, database_url, connect_to(database_url))
    runs.let_revisions_sleep(60)
    return runs


def tables(database: psycopg.Connection[Any]) -> set[str]:
    rows = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row[0] for row in rows}


def assert_interrupted_in_bill2(runs: Runs, cli: CommandLine) -> None:
    """The revision was rolled back, the lock is free, and the next run goes on from there."""
    assert "payments" not in tables(runs.database)
    assert "invoices" in tables(runs.database)
    runs.let_revisions_sleep(0)
    following = cli("upgrade", "--database", runs.url, "--lock-wait", "0s")
    assert following.out.startswith("upgraded to heads: 2 revisions of 2 modules")


@pytest.mark.parametrize("options", [(), ("--format", "json")])
def test_ctrl_c_rolls_the_revision_back_and_frees_the_lock(
    runs: Runs, cli: CommandLine, options: tuple[str, ...]
) -> None:
    process = runs.start(*options)
    runs.sleeper()
    process.send_signal(signal.SIGINT)
    outcome = finish(process)

    assert outcome.code == 130
    assert "Traceback" not in outcome.said
    if options:
        assert outcome.json["error"]["code"] == "interrupted"
        assert [step["revision"] for step in outcome.json["applied"]] == ["core1", "core2", "bill1"]
    else:
        assert outcome.err.splitlines()[-2:] == [
            "error: interrupted",
            "3 revisions were committed before it; the next run goes on from there",
        ]
    assert_interrupted_in_bill2(runs, cli)


def test_ctrl_c_while_a_run_waits_for_the_lock(runs: Runs) -> None:
    holder = runs.start()
    runs.sleeper()
    waiting = runs.start()
    runs.line(waiting, "waiting")

    waiting.send_signal(signal.SIGINT)
    outcome = finish(waiting)

    assert (outcome.code, outcome.err) == (130, "error: interrupted\n")
    assert holder.poll() is None
    holder.send_signal(signal.SIGINT)
    assert finish(holder).code == 130


def test_a_backend_that_is_terminated_is_a_lost_connection(runs: Runs, cli: CommandLine) -> None:
    process = runs.start()
    runs.database.execute("SELECT pg_terminate_backend(%s)", [runs.sleeper()])
    outcome = finish(process)

    assert outcome.code == 2
    assert "error: upgrade of bill2 (billing) failed: terminating connection due to" in outcome.err
    assert "hint: the connection was lost; what was committed stays" in outcome.err
    assert "3 revisions were committed before it" in outcome.err
    assert_interrupted_in_bill2(runs, cli)


def test_a_backend_that_is_terminated_while_it_waits_for_the_lock(runs: Runs) -> None:
    holder = runs.start()
    working = runs.sleeper()
    waiting = runs.start()
    runs.line(waiting, "waiting")
    others = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'modalembic %'
           AND pid <> ALL (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)
    """
    runs.database.execute(others)
    outcome = finish(waiting)

    assert outcome.code == 2
    assert "error: the connection to the database was lost: terminating connection" in outcome.err
    assert "hint: no revision was at work" in outcome.err
    assert runs.sleeper() == working
    holder.send_signal(signal.SIGINT)
    assert finish(holder).code == 130


def test_ctrl_c_before_the_work_begins_is_no_traceback(project: ProjectFiles) -> None:
    project.file(
        "migrations/env.py", "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\n"
    )

    outcome = finish(start(["current"], cwd=project.root))

    assert (outcome.code, outcome.err) == (130, "error: interrupted\n")
    assert outcome.out == ""
