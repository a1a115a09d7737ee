from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from modalembic.postgres.catalog import Catalog, Connection, read_catalog, scratch_database
from modalembic.postgres.catalog.reading.session import READ_ONLY
from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg

ASSETS = Path(__file__).parent / "assets"


class InTransaction(Connection):
    """Reads inside of the transaction that is open, so that what it changed is seen and undone."""

    def run(self, statement: str) -> None:
        if statement != READ_ONLY:
            super().run(statement)


def read(connection: psycopg.Connection[Any], **options: Any) -> Catalog:
    """The catalog of a database, without Alembic's table."""
    return read_catalog(Connection(connection), ignore_tables=["alembic_version"], **options)


@pytest.fixture(scope="session", params=["wheel", "local"])
def catalog_server(
    request: pytest.FixtureRequest, server_directory: Path, server_url: str
) -> Iterator[DatabaseURL]:
    """A server of each kind that is here, so of more than one version if possible."""
    if request.param == "wheel":
        yield DatabaseURL.parse(server_url)
        return
    programs = request.getfixturevalue("local_programs")
    data = server_directory / f"catalog-{uuid4().hex[:8]}"
    settings = EmbeddedSettings(data, programs, database="postgres")
    with open_embedded(settings, lambda _: None) as url:
        yield url


@pytest.fixture(scope="session")
def everything_script(catalog_server: DatabaseURL) -> str:
    """SQL that creates an object of every kind that the server has."""
    with connect(catalog_server) as connection:
        major = connection.info.server_version // 10000
    names = ["everything", *(f"since_{since}" for since in (15, 18) if major >= since)]
    return "\n".join((ASSETS / f"{name}.sql").read_text(encoding="utf-8") for name in names)


@pytest.fixture(scope="session")
def everything(
    catalog_server: DatabaseURL, everything_script: str
) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a database with an object of every kind. A test undoes what it changes."""
    with scratch_database(catalog_server) as connection:
        connection.execute(everything_script.encode())
        yield connection


@pytest.fixture(scope="session")
def everything_catalog(everything: psycopg.Connection[Any]) -> Catalog:
    """The catalog of that database."""
    return read(everything)


@pytest.fixture
def changed(
    everything: psycopg.Connection[Any],
) -> Callable[[str], Catalog]:
    """Runs SQL in that database, reads its catalog, and undoes what was done."""

    def change(script: str) -> Catalog:
        with everything.transaction(force_rollback=True):
            everything.execute(script.encode())
            return read_catalog(InTransaction(everything), ignore_tables=["alembic_version"])

    return change


@pytest.fixture
def empty(catalog_server: DatabaseURL) -> Iterator[psycopg.Connection[Any]]:
    """A connection to an empty database on the same server."""
    with scratch_database(catalog_server) as connection:
        yield connection


@contextmanager
def two_databases(
    server: DatabaseURL, first: str, second: str
) -> Iterator[tuple[Catalog, Catalog]]:
    """The catalogs of two databases, created by two scripts."""
    with scratch_database(server) as one, scratch_database(server) as other:
        one.execute(first.encode())
        other.execute(second.encode())
        yield read(one), read(other)
