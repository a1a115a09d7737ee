from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from psycopg.errors import FeatureNotSupported

from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL
from tests.corpora.commands import Look
from tests.corpora.environments import REPOSITORY, Environments

if TYPE_CHECKING:
    import psycopg

DIRECTORY = "MODALEMBIC_CORPUS_DIR"


@pytest.fixture(scope="session")
def environments(given_environment: dict[str, str]) -> Environments:
    """Environments below `MODALEMBIC_CORPUS_DIR`, by default `.corpora` in the repository."""
    return Environments(Path(given_environment.get(DIRECTORY, REPOSITORY / ".corpora")))


@pytest.fixture
def look(connect_to: Callable[[str], psycopg.Connection[Any]]) -> Look:
    return Look(connect_to)


@pytest.fixture(scope="session")
def icu_server_url(
    server_url: str, server_directory: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A server with ICU: the one that all tests share, else one with the programs of a local
    installation."""
    if _has_icu(server_url):
        yield server_url
        return
    programs = request.getfixturevalue("local_programs")
    data = server_directory / f"icu-{uuid4().hex[:8]}"
    with open_embedded(EmbeddedSettings(data, programs, "postgres"), lambda _: None) as url:
        yield url.conninfo


def _has_icu(server_url: str) -> bool:
    with connect(DatabaseURL.parse(server_url)) as connection:
        try:
            with connection.transaction(force_rollback=True):
                connection.execute("CREATE COLLATION probe (provider = icu, locale = 'und')")
        except FeatureNotSupported:
            return False
        return True
