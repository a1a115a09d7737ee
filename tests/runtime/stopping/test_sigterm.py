from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import Outcome, finish, start, table
from tests.locks.runs import NAP, Runs, until
from tests.projects import ProjectFiles
from tests.runtime.stopping.environments import DRIVERS, environment

if TYPE_CHECKING:
    import psycopg

LOCKS = """
SELECT count(*) FROM pg_locks
 WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database
                                              WHERE datname = current_database())
"""
# What a revision that is stopped says of itself: that it has come this far.
ARRIVED = 'print("arrived", file=sys.stderr, flush=True)'


def two_revisions(project: ProjectFiles, second: str) -> None:
    """A module whose first revision is quick, and whose second one is at `second` when the run is
    to end. It has made a table by then."""
    module = project.module("slow")
    module.revision("slow1", **table("parcels"))
    body = f"import sys, time\n{table('letters')['upgrade']}\n{second}"
    module.revision("slow2", down="slow1", upgrade=body)


def upgrade(
    runs: Runs, name: str = "given", *options: str, target: str = "heads"
) -> subprocess.Popen[str]:
    """An upgrade under the `env.py` called `name`."""
    runs.project.file("migrations/env.py", environment(name, runs.url))
    database = ["--database", runs.url] if name == "given" else []
    return start(["upgrade", target, *database, *options], cwd=runs.project.root)


def assert_stopped(
    runs: Runs,
    outcome: Outcome,
    reason: str = "SIGTERM",
    *,
    applied: Sequence[str] = ("slow1",),
) -> None:
    """It said so, the revision was rolled back, and no lock is left."""
    assert outcome.code == 2, outcome.said
    assert "Traceback" not in outcome.said
    document = outcome.json
    assert document["error"]["code"] == "stopped"
    assert document["error"]["message"].startswith(f"{reason} ended the run in slow2 (slow)")
    assert document["error"]["hint"].startswith("the revision was rolled back")
    assert [step["revision"] for step in document["applied"]] == list(applied)
    assert document["failed"]["revision"] == "slow2"
    assert document["failed"]["path"].endswith("slow2.py")
    assert_left_alone(runs.database, "parcels")


def assert_left_alone(database: psycopg.Connection[Any], *expected: str) -> None:
    """No lock is held any more, nobody is at work, and these tables are there."""
    until(lambda: database.execute(LOCKS).fetchone() == (0,))
    rows = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    own = {"alembic_version", "modalembic_history", "naps"}
    assert {row[0] for row in rows} - own == set(expected)


@pytest.mark.parametrize("name", DRIVERS)
def test_sigterm_ends_the_statement_at_work(project: ProjectFiles, runs: Runs, name: str) -> None:
    two_revisions(project, NAP)
    runs.let_revisions_sleep(60)
    process = upgrade(runs, name, "--format", "json")
    runs.sleeper()
    process.send_signal(signal.SIGTERM)

    assert_stopped(runs, finish(process))


# It says that it is there when the one that started it waits for it.
PROGRAM = """
import subprocess
subprocess.run(["sh", "-c", "sleep 0.5; echo arrived >&2; exec sleep 60"])
"""


@pytest.mark.parametrize("name", ["given", "asyncpg"])
@pytest.mark.parametrize(
    "busy",
    [
        f"{ARRIVED}\ntime.sleep(60)",
        f"{ARRIVED}\nwhile True:\n    pass",
        PROGRAM,
    ],
    ids=["sleep", "loop", "program"],
)
def test_sigterm_ends_a_revision_that_is_busy_in_python(
    project: ProjectFiles, runs: Runs, busy: str, name: str
) -> None:
    two_revisions(project, busy)
    process = upgrade(runs, name, "--format", "json")
    runs.line(process, "arrived")
    process.send_signal(signal.SIGTERM)

    assert_stopped(runs, finish(process))


# What ends only when its backend is terminated, five seconds after it was cancelled.
DEAF_PYTHON = f"""
for _ in range(2):
    try:
        {ARRIVED}
        time.sleep(60)
    except BaseException:
        pass
"""
DEAF_SQL = """
DO $$ BEGIN
  LOOP
    BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END;
  END LOOP;
END $$
"""


@pytest.mark.slow
def test_a_revision_that_swallows_everything_loses_its_backend(
    project: ProjectFiles, runs: Runs
) -> None:
    two_revisions(project, DEAF_PYTHON)
    process = upgrade(runs, "given", "--format", "json")
    runs.line(process, "arrived")
    process.send_signal(signal.SIGTERM)
    runs.line(process, "arrived")

    assert_stopped(runs, finish(process))


@pytest.mark.slow
def test_a_statement_that_swallows_its_cancellation_is_terminated(
    project: ProjectFiles, runs: Runs
) -> None:
    two_revisions(project, f'op.execute("""{DEAF_SQL}""")')
    process = upgrade(runs, "given", "--format", "json")
    runs.sleeper()
    process.send_signal(signal.SIGTERM)

    assert_stopped(runs, finish(process))


def test_sigterm_while_a_run_waits_for_the_lock(project: ProjectFiles, runs: Runs) -> None:
    two_revisions(project, NAP)
    runs.let_revisions_sleep(60)
    holder = upgrade(runs)
    runs.sleeper()
    for name in ("given", "asyncpg"):
        waiting = upgrade(runs, name)
        runs.line(waiting, "waiting")
        waiting.send_signal(signal.SIGTERM)
        outcome = finish(waiting)
        assert outcome.code == 2
        assert outcome.err.startswith("error: SIGTERM ended the run; no revision was at work\n")
    assert holder.poll() is None
    holder.send_signal(signal.SIGTERM)
    assert finish(holder).code == 2


def test_sigterm_between_two_attempts(
    project: ProjectFiles, runs: Runs, database: psycopg.Connection[Any]
) -> None:
    database.execute("CREATE TABLE busy (id int)")
    two_revisions(project, 'op.execute("ALTER TABLE busy ADD name text")')
    with database.transaction():
        database.execute("LOCK TABLE busy")
        options = ("--lock-timeout", "100ms", "--retries", "50", "--format", "json")
        process = upgrade(runs, "given", *options)
        for _ in range(3):  # by now it pauses for more than a second between two
            runs.line(process, "rolled back")
        process.send_signal(signal.SIGTERM)
        outcome = finish(process)

    assert outcome.code == 2
    assert outcome.json["failed"]["revision"] == "slow2"
    assert_left_alone(database, "parcels", "busy")


def test_sigterm_while_revisions_are_imported(project: ProjectFiles, runs: Runs) -> None:
    module = project.module("slow")
    module.revision("slow1")
    path = module.revision_path("slow1")
    path.write_text(f"import sys, time\n{path.read_text()}\n{ARRIVED}\ntime.sleep(60)\n")
    process = upgrade(runs)
    runs.line(process, "arrived")
    process.send_signal(signal.SIGTERM)
    outcome = finish(process)

    assert outcome.code == 2
    assert outcome.err.startswith("error: SIGTERM ended the run; no revision was at work\n")
    assert_left_alone(runs.database)


def test_a_revision_that_left_its_transaction_is_not_said_to_be_rolled_back(
    project: ProjectFiles, runs: Runs
) -> None:
    two_revisions(project, f"with op.get_context().autocommit_block():\n    {NAP}")
    runs.let_revisions_sleep(60)
    process = upgrade(runs)
    runs.sleeper()
    process.send_signal(signal.SIGTERM)
    outcome = finish(process)

    assert outcome.code == 2
    assert "SIGTERM ended the run in slow2 (slow)" in outcome.err
    assert "modalembic doctor" in outcome.err
    assert_left_alone(runs.database, "parcels", "letters")


def test_sigterm_beside_a_run_is_no_traceback(project: ProjectFiles) -> None:
    project.module("slow")
    project.file("migrations/env.py", "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n")
    outcome = finish(start(["current"], cwd=project.root))

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: SIGTERM ended the command\n")


def test_sigterm_twice_is_as_good_as_once(project: ProjectFiles, runs: Runs) -> None:
    two_revisions(project, NAP)
    runs.let_revisions_sleep(60)
    process = upgrade(runs, "given", "--format", "json")
    runs.sleeper()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)

    assert_stopped(runs, finish(process))


def test_the_next_run_goes_on_from_there(project: ProjectFiles, runs: Runs) -> None:
    two_revisions(project, NAP)
    runs.let_revisions_sleep(60)
    process = upgrade(runs)
    runs.sleeper()
    process.send_signal(signal.SIGTERM)
    outcome = finish(process)
    runs.let_revisions_sleep(0)

    assert outcome.err.splitlines()[-1] == (
        "1 revision was committed before it; the next run goes on from there"
    )
    assert finish(upgrade(runs)).out.startswith("upgraded to heads: 1 revision of 1 module")
