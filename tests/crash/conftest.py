from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from modalembic.postgres.url import DatabaseURL
from tests.crash.cluster import Cluster, own_cluster
from tests.crash.trials import Workshop
from tests.crash.zygote import Zygote

if TYPE_CHECKING:
    import psycopg

JOBS = 2


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def zygotes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleQueue[Zygote]]:
    """Processes to fork from; as many as run at once."""
    ready: SimpleQueue[Zygote] = SimpleQueue()
    with ExitStack() as stack:
        for number in range(JOBS):
            directory = tmp_path_factory.mktemp(f"zygote{number}")
            ready.put(stack.enter_context(Zygote(directory)))
        yield ready


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server of the tests' own."""
    with own_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def short_database(
    server: psycopg.Connection, server_url: str
) -> Callable[[str], AbstractContextManager[str]]:
    """A context manager for the URL of a database made from a template, and dropped at the end of
    the block: a test makes hundreds."""
    lock, run, numbers = threading.Lock(), secrets.token_hex(4), itertools.count()

    @contextmanager
    def database(template: str) -> Iterator[str]:
        name = f"crash_{run}_{next(numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with lock:
            server.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield DatabaseURL.parse(server_url).with_database(name).conninfo
        finally:
            with lock:
                server.execute(drop)

    return database


@pytest.fixture
def workshop(
    zygotes: SimpleQueue[Zygote], short_database: Callable[[str], AbstractContextManager[str]]
) -> Workshop:
    """Where trials are made."""
    return Workshop(short_database, zygotes, JOBS)
