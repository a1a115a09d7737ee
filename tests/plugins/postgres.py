"""A real Postgres for every test: `MODALEMBIC_TEST_DATABASE_URL`, else the embedded server.

All workers of a run share one server. Each test gets databases of its own.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import sql

from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg

SCRUBBED = ("MODALEMBIC_", "PG", "POSTGRES_", "DATABASE_URL", "ALEMBIC_")
SERVER_URL = "MODALEMBIC_TEST_DATABASE_URL"
IMAGE = "MODALEMBIC_POSTGRES_IMAGE"
# How workers of pytest-xdist learn of the directory that the controller made.
DIRECTORY = "MODALEMBIC_TEST_SERVER_DIRECTORY"
FILE_COPY_SINCE = 150000
DEBIAN_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))

directory_key = pytest.StashKey[Path]()
given_key = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[given_key] = {
        name: value for name, value in os.environ.items() if name.startswith(SCRUBBED)
    }
    if not hasattr(config, "workerinput"):
        directory = Path(tempfile.mkdtemp(prefix="modalembic-tests-"))
        directory.chmod(0o755)  # root's server runs as another account
        os.environ[DIRECTORY] = str(directory)
        config.stash[directory_key] = directory


def pytest_unconfigure(config: pytest.Config) -> None:
    directory = config.stash.get(directory_key, None)
    if directory is not None:
        os.environ.pop(DIRECTORY, None)
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _scrubbed_environment(server_directory: Path) -> Iterator[None]:
    """Nothing that a developer exports changes what a test sees, in subprocesses neither."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(SCRUBBED):
                patch.delenv(name)
        # Tests write a file anew within a second and as long as before: bytecode goes by just that.
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        patch.setattr(sys, "dont_write_bytecode", True)
        yield


@pytest.fixture(scope="session")
def server_directory() -> Path:
    """A directory of this test run, shared by its workers, that every account can enter."""
    return Path(os.environ[DIRECTORY])


@pytest.fixture(scope="session")
def given_environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """What was scrubbed from the environment, for tests that a variable is meant for."""
    return request.config.stash[given_key]


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """A Docker engine that answers, for tests that talk to one."""
    if shutil.which("docker") is None:
        pytest.skip("no docker command")
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no Docker engine is running")


@pytest.fixture(scope="session")
def postgres_image(docker_engine: None, given_environment: dict[str, str]) -> str:
    """The image for container tests; by default the one that `docker/local-images.sh` makes. It is
    there already: a test pulls nothing."""
    image = given_environment.get(IMAGE, "modalembic/postgres:local")
    found = subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False)
    if found.returncode != 0:
        pytest.skip(f"no image {image}: docker/local-images.sh makes it, {IMAGE} names another")
    return image


@pytest.fixture(scope="session")
def local_programs() -> Path:
    """The bin directory of a Postgres that is installed on this machine."""
    if not DEBIAN_PROGRAMS:
        pytest.skip("no local Postgres below /usr/lib/postgresql")
    return DEBIAN_PROGRAMS[0].parent


@pytest.fixture(scope="session")
def server_url(given_environment: dict[str, str], server_directory: Path) -> Iterator[str]:
    """The URL of a server, on a database to administer it from."""
    given = given_environment.get(SERVER_URL)
    if given:
        yield DatabaseURL.parse(given).conninfo
        return
    settings = EmbeddedSettings(server_directory / "postgres", database="postgres")
    with open_embedded(settings, lambda _message: None) as url:
        yield url.conninfo


@pytest.fixture(scope="session")
def server(server_url: str) -> Iterator[psycopg.Connection]:
    """An autocommit connection to the server, to create and drop databases with."""
    with connect(DatabaseURL.parse(server_url), application_name="tests") as connection:
        yield connection


@pytest.fixture(scope="session")
def _database_names() -> Iterator[str]:
    run = secrets.token_hex(4)  # the server may serve other runs and machines as well
    return (f"test_{run}_{number}" for number in itertools.count())


@pytest.fixture
def make_database(
    server: psycopg.Connection, server_url: str, _database_names: Iterator[str]
) -> Iterator[Callable[[], str]]:
    """Makes an empty database and returns its URL, as often as it is called."""
    made: list[str] = []

    def make() -> str:
        name = next(_database_names)
        _create(server, name)
        made.append(name)
        return DatabaseURL.parse(server_url).with_database(name).conninfo

    yield make
    for name in made:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@pytest.fixture
def database_url(make_database: Callable[[], str]) -> str:
    """The URL of an empty database."""
    return make_database()


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
def connect_to() -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """Opens autocommit connections to URLs; they are closed after the test."""
    with ExitStack() as stack:

        def open_connection(url: str, **options: Any) -> psycopg.Connection[Any]:
            return stack.enter_context(connect(DatabaseURL.parse(url), **options))

        yield open_connection


def _create(server: psycopg.Connection, name: str) -> None:
    # Measured on the embedded server: 8 ms with file_copy, 19 ms with wal_log.
    strategy = " STRATEGY file_copy" if server.info.server_version >= FILE_COPY_SINCE else ""
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        + sql.SQL(strategy)
    )
