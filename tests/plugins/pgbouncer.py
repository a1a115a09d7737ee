"""A real PgBouncer before the test server, in whatever mode a test asks for."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg
    from psycopg import ConnectionInfo

PORT = 6432  # of a socket in a directory of its own
PATIENCE_SECONDS = 20.0
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

MakePooler = Callable[..., Callable[[str], str]]


@pytest.fixture
def make_pooler(
    server: psycopg.Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakePooler]:
    """Starts a PgBouncer with the settings that are given (`pool_mode="transaction"`); returns what
    makes of a database's URL the one that leads through it."""
    if PROGRAM is None:
        pytest.skip("no pgbouncer: apt-get install pgbouncer")
    with ExitStack() as stack:

        def make(**settings: object) -> Callable[[str], str]:
            directory = tmp_path_factory.mktemp("pgbouncer")
            stack.enter_context(_running(directory, server.info, settings))
            return lambda url: _through(directory, url, server.info)

        yield make


@contextmanager
def _running(directory: Path, info: ConnectionInfo, settings: dict[str, object]) -> Iterator[None]:
    configuration = directory / "pgbouncer.ini"
    log = directory / "log"
    configuration.write_text(_configuration(directory, info, settings))
    for path in (directory, *directory.parents[:3]):
        # It does not run as root, and pytest's directories are for their owner alone.
        path.chmod(0o777)
    account = ["-u", _account(info)] if os.geteuid() == 0 else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(PROGRAM), *account, str(configuration)], stdout=output, stderr=output
        )
    try:
        _wait_for(directory / f".s.PGSQL.{PORT}", process, log)
        yield
    finally:
        process.terminate()
        process.wait()


def _configuration(directory: Path, info: ConnectionInfo, settings: dict[str, object]) -> str:
    server = f"host={info.host} port={info.port} user={info.user}"
    if info.password:
        server += f" password={info.password}"
    values = {
        "listen_addr": "",
        "listen_port": PORT,
        "unix_socket_dir": directory,
        "auth_type": "any",
        "ignore_startup_parameters": "extra_float_digits",
        **settings,
    }
    lines = "\n".join(f"{key} = {value}" for key, value in values.items())
    return f"[databases]\n* = {server}\n\n[pgbouncer]\n{lines}\n"


def _account(info: ConnectionInfo) -> str:
    """Who can reach the server: the owner of its socket's directory."""
    directory = Path(info.host)
    if directory.is_absolute():
        return pwd.getpwuid(directory.stat().st_uid).pw_name
    return "nobody"


def _wait_for(socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not socket.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)


def _through(directory: Path, url: str, info: ConnectionInfo) -> str:
    name = DatabaseURL.parse(url).database
    return f"postgresql://{info.user}@/{name}?host={directory}&port={PORT}"
