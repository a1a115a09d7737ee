"""An upgrade of tables that are in use all the time, by short transactions and long ones.

pgbench is the load. A sampler reads from `pg_locks` how long whoever stands behind a statement of
the upgrade has waited while that statement itself waits; the log of pgbench has every transaction.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

import modalembic as api
from modalembic.runtime.options import Options
from tests.projects import ProjectFiles
from tests.runtime.support import execute, fetch, history, new_project, sql, versions

CLIENTS = 6
LONG_SECONDS = 0.6
LOCK_TIMEOUT = 0.2
# The server's clock measures, but a machine of two cores may be late to act on its timer.
SLACK = 1.0
SHORT = r"""
\set id random(1, 1000)
BEGIN;
SELECT note FROM account WHERE id = :id;
UPDATE account SET balance = balance + 1 WHERE id = :id;
INSERT INTO entry (account) VALUES (:id);
END;
"""
LONG = rf"""
\set id random(1, 1000)
BEGIN;
SELECT count(*) FROM account;
SELECT count(*) FROM entry WHERE account = :id;
\sleep {int(LONG_SECONDS * 1000)} ms
END;
"""
REVISIONS = {
    "b2": sql("ALTER TABLE account ADD city text"),
    "b3": sql("ALTER TABLE entry ADD FOREIGN KEY (account) REFERENCES account NOT VALID"),
    "b4": sql("ALTER TABLE entry VALIDATE CONSTRAINT entry_account_fkey"),
    "b5": "with op.get_context().autocommit_block():\n"
    "    op.execute('CREATE INDEX CONCURRENTLY entry_account ON entry (account)')",
    "b6": sql("CREATE INDEX account_note ON account (note)"),
    "b7": sql("ALTER TABLE account DROP COLUMN city", "ALTER TABLE account ADD town text"),
    "b8": "with op.get_context().autocommit_block():\n"
    "    op.execute('REINDEX TABLE CONCURRENTLY account')",
}
# For how long others have stood behind a statement of the upgrade that waits itself; and of which
# of its statements. Who waits for what the upgrade holds already is counted elsewhere.
SAMPLE = """
SELECT max(extract(epoch FROM clock_timestamp() - greatest(own.waitstart, behind.waitstart)))
  FROM pg_stat_activity AS upgrade
  JOIN pg_locks AS own ON own.pid = upgrade.pid AND NOT own.granted AND own.locktype = 'relation'
  JOIN pg_locks AS behind ON NOT behind.granted AND behind.relation = own.relation
   AND behind.pid <> own.pid
 WHERE upgrade.application_name LIKE 'modalembic %' AND upgrade.datname = current_database()
"""


@dataclass
class Samples:
    """What was seen: seconds that somebody has stood behind a waiting statement."""

    seconds: list[float] = field(default_factory=list)


@contextmanager
def sampled(url: str) -> Iterator[Samples]:
    """Look every few milliseconds, for the length of the block."""
    samples, ended = Samples(), threading.Event()

    def look() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not ended.wait(0.005):
                row = connection.execute(SAMPLE.encode()).fetchone()
                if row is not None and row[0] is not None:
                    samples.seconds.append(float(row[0]))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


@contextmanager
def load(url: str, directory: Path) -> Iterator[None]:
    """Clients at work for the length of the block."""
    pgbench = shutil.which("pgbench")
    if pgbench is None:
        pytest.skip("no pgbench: it comes with Postgres")
    (directory / "short.sql").write_text(SHORT)
    (directory / "long.sql").write_text(LONG)
    command = [pgbench, "--no-vacuum", "--time=120", f"--client={CLIENTS}", "--jobs=1", "--log"]
    command += ["--file=short.sql@60", "--file=long.sql@1", "--rate=150", url]
    process = subprocess.Popen(
        command,
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PGAPPNAME": "load"},
    )
    try:
        yield
        assert process.poll() is None, process.stdout and process.stdout.read()
    finally:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def latencies(directory: Path) -> list[float]:
    """Of each short transaction, in seconds; see the manual of pgbench for its log."""
    found = []
    for log in directory.glob("pgbench_log.*"):
        # pgbench writes by the block, and is stopped: its last line may have no end.
        for line in log.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                continue
            client, _, microseconds, script, *_ = line.split()
            if script == "0" and client.isdigit():
                found.append(int(microseconds) / 1e6)
    return found


@pytest.mark.slow
def test_nobody_stands_behind_a_waiting_statement_for_longer_than_lock_timeout(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every lock is looked at, however fast this machine is.
    monkeypatch.setattr("modalembic.runtime.watch.held.PRECISION", 0.0)
    project = _project(tmp_path, database_url)
    with load(database_url, tmp_path), sampled(database_url) as samples:
        _until_a_long_one_is_at_work(database_url)
        result = api.upgrade(
            project.load(),
            database=database_url,
            options=Options(lock_timeout=LOCK_TIMEOUT, retries=60),
        )

    assert [step.step.revision.id for step in result.applied] == list(REVISIONS)
    assert versions(database_url) == {"b8"}
    assert samples.seconds, "nobody was seen to stand behind a statement: the load is too light"
    assert max(samples.seconds) <= LOCK_TIMEOUT + SLACK
    # Every lock that was held is accounted for, and stands in the way no longer than it says.
    held = {step.step.revision.id: step.locks for step in result.applied}
    assert [lock.table for lock in held["b2"]] == ["public.account"]
    assert {lock.table for lock in held["b3"]} == {"public.account", "public.entry"}
    assert held["b4"] == held["b5"] == held["b8"] == ()
    assert [lock.mode for lock in held["b6"]] == ["ShareLock"]
    noted = dict(history(database_url, "revision, details -> 'attempts'"))
    assert {step.step.revision.id: step.attempts for step in result.applied} == {
        id_: noted[id_] for id_ in REVISIONS
    }
    longest = max((lock.ms for locks in held.values() for lock in locks), default=0) / 1000
    done = latencies(tmp_path)
    print(
        f"{len(done)} transactions beside {len(REVISIONS)} revisions in "
        f"{sum(step.attempts for step in result.applied)} attempts; stood behind one for at most "
        f"{max(samples.seconds):.3f} s, of {len(samples.seconds)} samples; longest lock "
        f"{longest:.3f} s; longest transaction {max(done):.3f} s"
    )
    assert len(done) > 100


def _project(directory: Path, url: str) -> ProjectFiles:
    project = new_project(directory)
    module = project.module("billing").revision(
        "b1",
        upgrade=sql(
            "CREATE TABLE account (id int PRIMARY KEY, note text, balance int NOT NULL DEFAULT 0)",
            "CREATE TABLE entry (id bigserial PRIMARY KEY, account int NOT NULL)",
            "INSERT INTO account SELECT n, 'x' FROM generate_series(1, 1000) AS n",
        ),
    )
    api.upgrade(project.load(), database=url)
    execute(url, "ANALYZE")
    down = "b1"
    for id_, upgrade in REVISIONS.items():
        module.revision(id_, down=down, upgrade=upgrade)
        down = id_
    return project


def _until_a_long_one_is_at_work(url: str) -> None:
    asleep = (
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'load' "
        "AND state = 'idle in transaction' AND clock_timestamp() - state_change > interval '0.1 s'"
    )
    pause = threading.Event()
    for _ in range(3000):
        if fetch(url, asleep):
            return
        pause.wait(0.01)
    raise AssertionError("no long transaction within half a minute")
