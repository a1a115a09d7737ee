"""Scratch databases are gone after success, failure and Ctrl-C, and left-overs are swept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.errors import MissingPrivilege
from modalembic.postgres.scratch import PREFIX, ScratchServer
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg

Connect = Callable[..., "psycopg.Connection[Any]"]
PATIENCE_SECONDS = 30
WAIT = """
import sys, time
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL

with ScratchServer(DatabaseURL.parse(sys.argv[1])).database() as url:
    print(url.database, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def scratch(server_url: str) -> ScratchServer:
    return ScratchServer(DatabaseURL.parse(server_url))


def is_there(server: psycopg.Connection[Any], name: str | None) -> bool:
    query = "SELECT count(*) FROM pg_database WHERE datname = %s"
    return server.execute(query, (name,)).fetchone() == (1,)


def test_a_database_is_there_inside_and_gone_after(
    scratch: ScratchServer, server: psycopg.Connection[Any], connect_to: Connect
) -> None:
    with scratch.database() as url:
        assert is_there(server, url.database)
        # Whoever is still connected does not keep it.
        connect_to(url.conninfo).execute("CREATE TABLE t ()")

    assert not is_there(server, url.database)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_it_is_gone_after_an_error_too(
    scratch: ScratchServer, server: psycopg.Connection[Any], error: type[BaseException]
) -> None:
    names: list[str | None] = []

    def fail() -> None:
        with scratch.database() as url:
            names.append(url.database)
            raise error

    with pytest.raises(error):
        fail()

    assert not is_there(server, names[0])


def test_it_is_gone_after_ctrl_c(server_url: str, server: psycopg.Connection[Any]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAIT, server_url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    assert is_there(server, name)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_SECONDS)

    assert not is_there(server, name)


def test_what_a_killed_run_left_is_swept_once_it_is_old(
    server_url: str, scratch: ScratchServer, server: psycopg.Connection[Any]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAIT, server_url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE_SECONDS)
    old = f"{PREFIX}{int(time.time()) - 7200:08x}_0123456789"
    server.execute(f"CREATE DATABASE {old} TEMPLATE template0".encode())

    swept = scratch.sweep()

    assert old in swept
    assert name not in swept, "it is not old"
    assert not is_there(server, old)
    assert is_there(server, name)
    server.execute(f"DROP DATABASE {name}".encode())


def test_what_somebody_is_connected_to_is_not_swept(
    scratch: ScratchServer, server: psycopg.Connection[Any], connect_to: Connect
) -> None:
    old = f"{PREFIX}{int(time.time()) - 7200:08x}_9876543210"
    server.execute(f"CREATE DATABASE {old} TEMPLATE template0".encode())
    connection = connect_to(scratch.url.with_database(old).conninfo)

    assert old not in scratch.sweep()

    connection.close()
    server.execute(f"DROP DATABASE {old} WITH (FORCE)".encode())


@pytest.mark.parametrize("name", [f"{PREFIX}mine", f"{PREFIX}zz_1"])
def test_what_is_only_called_alike_is_not_swept(
    scratch: ScratchServer, server: psycopg.Connection[Any], name: str
) -> None:
    server.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())

    assert name not in scratch.sweep(0.0)

    server.execute(f"DROP DATABASE {name}".encode())


def test_a_role_that_may_not_create_databases_is_told_so(
    scratch: ScratchServer, server: psycopg.Connection[Any]
) -> None:
    role = f"modest_{os.getpid()}"
    server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'modest'".encode())
    try:
        url = replace(scratch.url, user=role, password="modest")
        with (
            pytest.raises(MissingPrivilege, match="may not create databases") as raised,
            ScratchServer(url).database(),
        ):
            pass
        assert raised.value.hint is not None
        assert f'ALTER ROLE "{role}" CREATEDB' in raised.value.hint
    finally:
        server.execute(f"DROP ROLE {role}".encode())
