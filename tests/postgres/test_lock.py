from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.errors import LockNotAcquired
from modalembic.postgres.connection import connect
from modalembic.postgres.filelock import poll
from modalembic.postgres.lock import (
    HOLDER,
    TRY_LOCK,
    UNLOCK,
    Holder,
    lock_key,
    wait_for_lock,
)
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    Connect = Callable[..., psycopg.Connection[Any]]

KEY = lock_key("public", "alembic_version", "run")


def try_lock(connection: psycopg.Connection, key: int) -> bool:
    return bool(_asked(connection, TRY_LOCK, key))


def unlock(connection: psycopg.Connection, key: int) -> bool:
    return bool(_asked(connection, UNLOCK, key))


def holder(connection: psycopg.Connection, key: int) -> Holder | None:
    row = connection.execute(HOLDER.format(key=key).encode()).fetchone()
    return None if row is None else Holder(*row)


def _asked(connection: psycopg.Connection, statement: str, key: int) -> object:
    row = connection.execute(statement.format(key=key).encode()).fetchone()
    assert row is not None
    return row[0]


def ignore(_holder: Holder | None, _waited: float) -> None:
    pass


def test_a_key_is_the_same_everywhere_and_for_ever() -> None:
    assert lock_key("public", "alembic_version", "run") == 2533309838302687895


def test_keys_differ_by_schema_table_and_purpose() -> None:
    keys = {
        lock_key(*parts)
        for parts in [("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("b", "a", "c")]
    }
    assert len(keys) == 4
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_one_session_at_a_time_holds_a_lock(database_url: str, connect_to: Connect) -> None:
    one, two = connect_to(database_url), connect_to(database_url)
    assert try_lock(one, KEY)
    assert not try_lock(two, KEY)
    assert unlock(one, KEY)
    assert not unlock(one, KEY)
    assert try_lock(two, KEY)


@pytest.mark.parametrize("key", [KEY, -1, 0, 1, 2**63 - 1, -(2**63), 2**32, -(2**32) - 5])
def test_the_holder_of_any_key_is_named(database_url: str, connect_to: Connect, key: int) -> None:
    one, two = connect_to(database_url, application_name="deploy 7"), connect_to(database_url)
    assert holder(two, key) is None
    try_lock(one, key)
    found = holder(two, key)
    assert found is not None
    assert found.pid == one.info.backend_pid
    assert found.application_name == "deploy 7"
    assert found.user == one.info.user
    assert found.since is not None
    assert str(found).startswith(f"pid {found.pid}, application deploy 7, user {found.user}")


def test_a_lock_in_another_database_is_another_lock(
    make_database: Callable[[], str], connect_to: Connect
) -> None:
    one, two = connect_to(make_database()), connect_to(make_database())
    assert try_lock(one, KEY)
    assert holder(two, KEY) is None
    assert try_lock(two, KEY)


def test_a_role_without_rights_is_told_the_holder_too(
    make_database: Callable[[], str], connect_to: Connect
) -> None:
    url = make_database()
    owner = connect_to(url, application_name="deploy 7")
    role = f"plain_{os.getpid()}"
    owner.execute(f"CREATE ROLE {role}")
    try:
        try_lock(owner, KEY)
        plain = connect_to(url)
        plain.execute(f"SET ROLE {role}")
        found = holder(plain, KEY)
        assert found is not None
        assert (found.pid, found.application_name) == (owner.info.backend_pid, "deploy 7")
    finally:
        owner.execute(f"DROP ROLE {role}")


def test_no_waiting_means_one_try_and_an_error_that_names_the_holder(
    database_url: str, connect_to: Connect
) -> None:
    one, two = connect_to(database_url, application_name="deploy 7"), connect_to(database_url)
    try_lock(one, KEY)
    tries: list[bool] = []

    def try_once() -> bool:
        tries.append(try_lock(two, KEY))
        return tries[-1]

    with pytest.raises(LockNotAcquired) as caught:
        wait_for_lock(
            try_once,
            lambda: holder(two, KEY),
            wait_seconds=0,
            on_wait=ignore,
        )
    assert tries == [False]
    assert caught.value.code == "lock-timeout"
    assert f"pid {one.info.backend_pid}, application deploy 7" in caught.value.message
    assert ", since 2" in caught.value.message
    assert f"pg_terminate_backend({one.info.backend_pid})" in (caught.value.hint or "")


def test_waiting_ends_in_time_and_is_told_of_at_once(
    database_url: str, connect_to: Connect
) -> None:
    one, two = connect_to(database_url), connect_to(database_url)
    try_lock(one, KEY)
    told: list[tuple[Holder | None, float]] = []
    begin = time.monotonic()
    with pytest.raises(LockNotAcquired, match=r"within 0\.4 s"):
        wait_for_lock(
            lambda: try_lock(two, KEY),
            lambda: holder(two, KEY),
            wait_seconds=0.4,
            on_wait=lambda who, waited: told.append((who, waited)),
        )
    assert 0.4 <= time.monotonic() - begin < 2
    assert len(told) == 1
    who, waited = told[0]
    assert who is not None
    assert who.pid == one.info.backend_pid
    assert waited < 0.3


def test_a_holder_that_left_between_the_try_and_the_question_is_no_puzzle() -> None:
    with pytest.raises(LockNotAcquired, match="by nobody just now"):
        wait_for_lock(lambda: False, lambda: None, wait_seconds=0, on_wait=ignore)


def test_of_eight_pollers_each_gets_its_turn_alone(database_url: str) -> None:
    inside: list[int] = []
    most: list[int] = []
    url = DatabaseURL.parse(database_url)

    def work(number: int) -> None:
        with connect(url) as connection:
            wait_for_lock(
                lambda: try_lock(connection, KEY),
                lambda: holder(connection, KEY),
                wait_seconds=30,
                on_wait=ignore,
            )
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.05)
            inside.remove(number)
            unlock(connection, KEY)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1] * 8


def test_a_poller_does_not_hold_up_an_index_that_is_built_concurrently(
    database_url: str, connect_to: Connect
) -> None:
    one, two = connect_to(database_url), connect_to(database_url)
    one.execute("CREATE TABLE t (a int)")
    try_lock(one, KEY)
    stop = threading.Event()

    def poller() -> None:
        while not stop.is_set():
            try_lock(two, KEY)

    thread = threading.Thread(target=poller)
    thread.start()
    try:
        one.execute("SET statement_timeout = '5s'")
        one.execute("CREATE INDEX CONCURRENTLY i ON t (a)")
    finally:
        stop.set()
        thread.join()


def test_a_lock_is_free_after_its_holder_was_killed(database_url: str, connect_to: Connect) -> None:
    code = f"""
import psycopg, sys
c = psycopg.connect({database_url!r}, autocommit=True)
print(c.execute("SELECT pg_try_advisory_lock({KEY})").fetchone()[0], flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        mine = connect_to(database_url)
        assert not try_lock(mine, KEY)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert poll(lambda: try_lock(mine, KEY), 10)
