"""Facts about Postgres that modalembic's locks and timeouts rest on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

Connect = Callable[..., psycopg.Connection[Any]]
KEY = 4711
INDEX = "CREATE INDEX CONCURRENTLY one_id ON one (id)"


@pytest.fixture
def migrating(database_url: str, connect_to: Connect) -> psycopg.Connection[Any]:
    connection = connect_to(database_url)
    connection.execute("CREATE TABLE one (id int)")
    return connection


def _index_is_valid(connection: psycopg.Connection[Any]) -> bool:
    query = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'one_id'::regclass"
    return connection.execute(query).fetchall() == [(True,)]


def test_a_session_lock_survives_commit_and_rollback(
    database_url: str, connect_to: Connect, migrating: psycopg.Connection[Any]
) -> None:
    migrating.execute(f"SELECT pg_advisory_lock({KEY})")
    for end in ("COMMIT", "ROLLBACK"):
        migrating.execute("BEGIN")
        migrating.execute("SELECT 1")
        migrating.execute(end.encode())
    other = connect_to(database_url)
    assert other.execute(f"SELECT pg_try_advisory_lock({KEY})").fetchone() == (False,)


def test_who_holds_a_session_lock_outside_of_a_transaction_blocks_no_index(
    database_url: str, connect_to: Connect, migrating: psycopg.Connection[Any]
) -> None:
    connect_to(database_url).execute(f"SELECT pg_advisory_lock({KEY})")
    migrating.execute("SET statement_timeout = '5s'")
    migrating.execute(INDEX)
    assert _index_is_valid(migrating)


def test_who_waits_for_a_session_lock_inside_the_server_blocks_an_index(
    database_url: str, connect_to: Connect, migrating: psycopg.Connection[Any]
) -> None:
    """Which is why the lock is polled for."""
    migrating.execute(f"SELECT pg_advisory_lock({KEY})")
    waiter = connect_to(database_url)
    waiting = threading.Thread(target=_wait_for_lock, args=(waiter,))
    waiting.start()
    query = "SELECT wait_event FROM pg_stat_activity WHERE pid = %s"
    while migrating.execute(query, [waiter.info.backend_pid]).fetchone() != ("advisory",):
        time.sleep(0.01)
    migrating.execute("SET statement_timeout = '300ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        migrating.execute(INDEX)
    migrating.execute("SET statement_timeout = 0")
    migrating.execute(f"SELECT pg_advisory_unlock({KEY})")
    waiting.join()


def _wait_for_lock(connection: psycopg.Connection[Any]) -> None:
    connection.execute(f"SELECT pg_advisory_lock({KEY})")


def test_lock_timeout_makes_an_index_fail_and_leaves_it_invalid(
    database_url: str, connect_to: Connect, migrating: psycopg.Connection[Any]
) -> None:
    busy = connect_to(database_url)
    busy.execute("BEGIN")
    busy.execute("INSERT INTO one VALUES (1)")
    migrating.execute("SET lock_timeout = '50ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable) as caught:
        migrating.execute(INDEX)
    assert caught.value.sqlstate == "55P03"
    assert not _index_is_valid(migrating)


def test_a_lock_is_free_when_its_session_ends(
    database_url: str, connect_to: Connect, migrating: psycopg.Connection[Any]
) -> None:
    holder = connect_to(database_url)
    holder.execute(f"SELECT pg_advisory_lock({KEY})")
    holder.close()
    query = f"SELECT pg_try_advisory_lock({KEY})"
    deadline = time.monotonic() + 5
    while migrating.execute(query).fetchone() != (True,):
        assert time.monotonic() < deadline
        time.sleep(0.01)
