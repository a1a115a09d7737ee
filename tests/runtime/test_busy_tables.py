"""Nobody queues behind a statement of an upgrade for longer than `lock_timeout`.

Who queues is read from `pg_locks`, not told by the clock: a long transaction stays open until the
test ends it, so that whoever gets through behind it did so because the upgrade gave way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import modalembic as api
from modalembic.errors import MigrationFailed
from modalembic.postgres.catalog import read_catalog
from modalembic.runtime.connection.session import PsycopgSession
from modalembic.runtime.options import Options
from tests.projects import ProjectFiles
from tests.runtime.support import Recorder, body, execute, fetch, history, new_project, sql

Connect = Callable[..., psycopg.Connection[Any]]

MAKE = (
    "CREATE TABLE busy (id int PRIMARY KEY, note text)",
    "CREATE INDEX busy_note ON busy (note)",
    "INSERT INTO busy SELECT n, 'x' FROM generate_series(1, 100) AS n",
    "CREATE TABLE other (id int PRIMARY KEY)",
    "CREATE MATERIALIZED VIEW kept AS SELECT * FROM busy",
    "CREATE UNIQUE INDEX ON kept (id)",
    "CREATE TABLE parent (id int) PARTITION BY RANGE (id)",
    "CREATE TABLE part PARTITION OF parent FOR VALUES FROM (0) TO (10)",
    "CREATE FUNCTION widen() RETURNS void LANGUAGE sql AS 'ALTER TABLE busy ADD c int'",
)
# What a revision does, what the long transaction does, what somebody does behind it.
ALTER = "ALTER TABLE busy ADD c int"
READ, WRITE = "SELECT count(*) FROM busy", "UPDATE busy SET note = 'y' WHERE id = 1"
QUEUES = {
    "alter": (sql(ALTER), READ, READ),
    "index": (sql("CREATE INDEX ON busy (id)"), "DELETE FROM busy WHERE id = 2", WRITE),
    "key": (
        sql("ALTER TABLE other ADD FOREIGN KEY (id) REFERENCES busy"),
        "DELETE FROM busy WHERE id = 2",
        WRITE,
    ),
    "lock": (sql("LOCK TABLE busy"), READ, READ),
    "truncate": (sql("TRUNCATE busy"), READ, READ),
    "drop": (sql("DROP TABLE busy CASCADE"), READ, READ),
    "block": (sql(f"DO $$ BEGIN {ALTER}; END $$"), READ, READ),
    "function": (sql("SELECT widen()"), READ, READ),
    "driver": (f"op.get_bind().connection.cursor().execute({ALTER!r})", READ, READ),
    "partition": (sql("ALTER TABLE parent DETACH PARTITION part"), "TABLE part", "TABLE part"),
}
CONCURRENTLY = {
    "create index": "CREATE INDEX CONCURRENTLY ON busy (id)",
    "drop index": "DROP INDEX CONCURRENTLY busy_note",
    "reindex": "REINDEX INDEX CONCURRENTLY busy_note",
    "reindex table": "REINDEX (VERBOSE) TABLE CONCURRENTLY busy",
    "reindex option": "REINDEX (CONCURRENTLY) TABLE busy",
}
WAITS = """
SELECT 1 FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid)
 WHERE a.application_name LIKE 'modalembic %' AND a.datname = current_database()
   AND NOT l.granted AND l.locktype = '{kind}'
"""
QUEUED = "SELECT 1 FROM pg_stat_activity WHERE pid = {pid} AND wait_event_type = 'Lock'"


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> ProjectFiles:
    project = new_project(tmp_path)
    project.module("billing").revision("b1", upgrade=sql(*MAKE))
    api.upgrade(project.load(), database=database_url)
    return project


def in_autocommit(statement: str) -> str:
    return f"with op.get_context().autocommit_block():\n    op.execute({statement!r})"


def until(condition: Callable[[], object]) -> None:
    """Return as soon as there is something; a test that waits for a minute has failed."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def go_on(connection: psycopg.Connection[Any], statement: str) -> None:
    """Run `statement`, which has to get through."""
    connection.execute("SET statement_timeout = '30s'")
    connection.execute(statement.encode())


class Upgrade:
    """An upgrade to b2 in a thread."""

    def __init__(self, project: ProjectFiles, url: str, **options: Any) -> None:
        self.recorder = Recorder()
        self.result: Any = None
        self.error: BaseException | None = None
        self._url = url
        given = {"lock_timeout": 0.3, "retries": 100, **options}
        self._project = project
        self._options = Options(**given)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = api.upgrade(
                self._project.load(),
                database=self._url,
                options=self._options,
                observer=self.recorder,
            )
        except BaseException as error:  # noqa: BLE001 - told by `ended`
            self.error = error

    def waits(self, kind: str = "relation") -> None:
        """Return once its statement waits."""
        until(lambda: fetch(self._url, WAITS.format(kind=kind)))

    def ended(self) -> Any:
        """Its result; raises what it raised."""
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        return self.result


@contextmanager
def long_transaction(connection: psycopg.Connection[Any], statement: str) -> Iterator[None]:
    """A transaction that has done `statement` and stays open for the block."""
    connection.execute("BEGIN")
    connection.execute(statement.encode())
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


class TestWhoeverQueuesBehindAnUpgrade:
    @pytest.mark.parametrize("kind", sorted(QUEUES))
    def test_gets_through_while_it_cannot(
        self, project: ProjectFiles, database_url: str, connect_to: Connect, kind: str
    ) -> None:
        revision, long, behind = QUEUES[kind]
        project.module("billing").revision("b2", down="b1", upgrade=revision)
        with long_transaction(connect_to(database_url), long):
            upgrade = Upgrade(project, database_url)
            try:
                upgrade.waits()
                go_on(connect_to(database_url), behind)
                assert upgrade.result is None
            except BaseException:
                upgrade.ended()
                raise
        assert [step.step.revision.id for step in upgrade.ended().applied] == ["b2"]

    def test_does_not_count_as_kept_waiting_by_a_lock_that_was_not_granted(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        project.module("billing").revision("b2", down="b1", upgrade=sql(ALTER))
        with long_transaction(connect_to(database_url), READ):
            upgrade = Upgrade(project, database_url, lock_timeout=60)
            upgrade.waits()
            time.sleep(2)
        (step,) = upgrade.ended().applied
        (lock,) = step.locks
        # Two seconds of waiting; it is looked at twenty times a second.
        assert step.ms >= 2000
        assert lock.ms <= step.ms - 1000

    def test_is_seen_to_queue_and_to_be_let_through(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        """The queue is there: without a timeout the reader would wait for the long transaction."""
        project.module("billing").revision("b2", down="b1", upgrade=sql(ALTER))
        reader = connect_to(database_url)
        with long_transaction(connect_to(database_url), READ):
            upgrade = Upgrade(project, database_url, lock_timeout=2)
            upgrade.waits()
            reading = threading.Thread(target=lambda: reader.execute(READ.encode()))
            reading.start()
            until(lambda: fetch(database_url, QUEUED.format(pid=reader.info.backend_pid)))
            reading.join(60)
            assert not reading.is_alive()
            until(lambda: upgrade.recorder.retries == 1)
        (step,) = upgrade.ended().applied
        assert step.attempts >= 2
        assert history(database_url, "details -> 'attempts'")[-1] == (step.attempts,)

    @pytest.mark.parametrize(
        ("statement", "long"),
        [
            ("ALTER TABLE busy ADD c int -- not CONCURRENTLY", READ),
            ("COMMENT ON TABLE busy IS 'CONCURRENTLY'", "LOCK TABLE busy"),
            (
                "REFRESH MATERIALIZED VIEW CONCURRENTLY kept",
                "REFRESH MATERIALIZED VIEW kept",
            ),
        ],
        ids=["comment", "string", "refresh"],
    )
    def test_the_word_concurrently_alone_lifts_no_timeout(
        self,
        project: ProjectFiles,
        database_url: str,
        connect_to: Connect,
        statement: str,
        long: str,
    ) -> None:
        project.module("billing").revision("b2", down="b1", upgrade=in_autocommit(statement))
        with (
            long_transaction(connect_to(database_url), long),
            pytest.raises(MigrationFailed, match="lock timeout"),
        ):
            Upgrade(project, database_url).ended()


def test_a_timeout_that_is_shorter_than_a_millisecond_is_not_none(
    project: ProjectFiles, database_url: str
) -> None:
    noted = "CREATE TABLE noted AS SELECT current_setting('lock_timeout') AS waits"
    project.module("billing").revision("b2", down="b1", upgrade=sql(noted))
    api.upgrade(project.load(), database=database_url, options=Options(lock_timeout=0.0004))
    assert fetch(database_url, "SELECT waits FROM noted") == [("1ms",)]


class TestConcurrently:
    @pytest.mark.parametrize(
        ("kind", "long"),
        [
            ("create index", WRITE),  # a reader does not keep it waiting
            *((kind, long) for kind in ("drop index", "reindex") for long in (READ, WRITE)),
            ("reindex table", READ),
            ("reindex option", READ),
        ],
    )
    def test_waits_for_a_long_transaction_and_keeps_nobody_waiting(
        self, project: ProjectFiles, database_url: str, connect_to: Connect, kind: str, long: str
    ) -> None:
        project.module("billing").revision(
            "b2", down="b1", upgrade=in_autocommit(CONCURRENTLY[kind])
        )
        with long_transaction(connect_to(database_url), long):
            upgrade = Upgrade(project, database_url)
            upgrade.waits("virtualxid")
            for behind in (READ, "UPDATE busy SET note = 'z' WHERE id = 9"):
                go_on(connect_to(database_url), behind)
            # Longer than lock_timeout, which would have ended it.
            time.sleep(0.5)
            assert fetch(database_url, WAITS.format(kind="virtualxid"))
        assert upgrade.ended().applied[0].attempts == 1

    def test_to_detach_waits_for_as_long_as_the_parent_is_in_use(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        statement = "ALTER TABLE parent DETACH PARTITION part CONCURRENTLY"
        project.module("billing").revision("b2", down="b1", upgrade=in_autocommit(statement))
        with long_transaction(connect_to(database_url), "TABLE parent"):
            upgrade = Upgrade(project, database_url)
            upgrade.waits("virtualxid")
            for behind in ("TABLE part", "TABLE parent"):
                go_on(connect_to(database_url), behind)
            time.sleep(0.5)
            assert fetch(database_url, WAITS.format(kind="virtualxid"))
        assert upgrade.ended().applied[0].attempts == 1

    @pytest.mark.parametrize("known", [True, False], ids=["by its URL", "by env.py alone"])
    def test_to_detach_gives_up_where_others_queue_for_the_partition(
        self, project: ProjectFiles, database_url: str, connect_to: Connect, known: bool
    ) -> None:
        """At its end it needs a lock that readers of the partition wait behind."""
        statement = "ALTER TABLE parent DETACH PARTITION part CONCURRENTLY"
        project.module("billing").revision("b2", down="b1", upgrade=in_autocommit(statement))
        if not known:
            env = project.root / "migrations/env.py"
            named = f"url = {database_url.replace('postgresql://', 'postgresql+psycopg://')!r}"
            env.write_text(
                env.read_text().replace(
                    'url = context.config.get_main_option("sqlalchemy.url")', named
                )
            )
            project_url = None
        else:
            project_url = database_url
        with long_transaction(connect_to(database_url), "TABLE part"):
            with pytest.raises(MigrationFailed, match="canceling statement") as caught:
                api.upgrade(project.load(), database=project_url, options=Options(lock_timeout=0.3))
            go_on(connect_to(database_url), "TABLE part")
        assert "FINALIZE" in str(caught.value.hint)
        execute(database_url, "ALTER TABLE parent DETACH PARTITION part FINALIZE")

    def test_a_revision_that_sets_its_own_timeout_has_its_way(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        upgrade = body("""
            with op.get_context().autocommit_block():
                op.execute("SET lock_timeout = '200ms'")
                op.execute("CREATE INDEX CONCURRENTLY ON busy (id)")
        """)
        project.module("billing").revision("b2", down="b1", upgrade=upgrade)
        with (
            long_transaction(connect_to(database_url), WRITE),
            pytest.raises(MigrationFailed, match="lock timeout"),
        ):
            api.upgrade(project.load(), database=database_url, options=Options(lock_timeout=60))


class TestGivingUp:
    def test_leaves_nothing_behind(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        project.module("billing").revision(
            "b2",
            down="b1",
            upgrade=sql(
                "CREATE TABLE new (id int)",
                "CREATE TEMP TABLE scratch (id int)",
                "INSERT INTO other VALUES (1)",
                ALTER,
            ),
        )
        before = state(database_url)
        with (
            long_transaction(connect_to(database_url), READ),
            pytest.raises(MigrationFailed, match="lock timeout") as caught,
        ):
            api.upgrade(
                project.load(),
                database=database_url,
                options=Options(lock_timeout=0.05, retries=2),
                observer=(recorder := Recorder()),
            )
        assert recorder.retries == 2
        assert "--retries" in str(caught.value.hint)
        assert state(database_url) == before
        assert api.upgrade(project.load(), database=database_url).applied[0].attempts == 1

    def test_a_deadlock_is_broken_at_the_cost_of_an_attempt(
        self, project: ProjectFiles, database_url: str, connect_to: Connect
    ) -> None:
        project.module("billing").revision(
            "b2", down="b1", upgrade=sql("ALTER TABLE other ADD c int", ALTER)
        )
        long = connect_to(database_url)
        with long_transaction(long, WRITE):
            upgrade = Upgrade(project, database_url, lock_timeout=30)
            upgrade.waits()
            # Who has waited the longest looks for a deadlock first, and is the one to give way.
            long.execute("SELECT * FROM other")
        assert upgrade.ended().applied[0].attempts == 2

    def test_what_could_not_be_serialized_is_tried_again(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        execute(database_url, "CREATE SEQUENCE tries")
        refuse = (
            "DO $$ BEGIN IF nextval('tries') = 1 THEN "
            "RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END IF; END $$"
        )
        project.module("billing").revision("b2", down="b1", upgrade=sql(ALTER, refuse))
        recorder = Recorder()
        (step,) = api.upgrade(project.load(), database=database_url, observer=recorder).applied
        assert (step.attempts, recorder.retries) == (2, 1)


def state(url: str) -> tuple[Any, ...]:
    """Everything that an upgrade may leave in a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        catalog = read_catalog(PsycopgSession(connection))
    return (
        catalog,
        fetch(url, "SELECT * FROM other"),
        fetch(url, "SELECT * FROM alembic_version"),
        fetch(url, "SELECT * FROM modalembic_history"),
        fetch(url, "SELECT relname FROM pg_class WHERE relpersistence = 't'"),
        fetch(
            url,
            "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database "
            "WHERE d.datname = current_database() AND l.pid <> pg_backend_pid() "
            "AND l.locktype = 'advisory'",
        ),
        fetch(
            url,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name LIKE 'modalembic%'",
        ),
    )
