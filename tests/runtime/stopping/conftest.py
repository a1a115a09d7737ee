from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.locks.runs import Runs
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """A project without modules as yet."""
    return ProjectFiles(tmp_path / "shop").configure()


@pytest.fixture
def database(database_url: str, connect_to: Any) -> psycopg.Connection[Any]:
    """A connection to the database that is upgraded."""
    connection: psycopg.Connection[Any] = connect_to(database_url)
    return connection


@pytest.fixture
def runs(project: ProjectFiles, database_url: str, database: psycopg.Connection[Any]) -> Runs:
    """Runs of the project on the database, in processes of their own."""
    return Runs(project, database_url, database)


@pytest.fixture
def sigterm_of_the_application() -> Iterator[list[int]]:
    """What an application's own handler for SIGTERM is given."""
    given: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: given.append(number))
    yield given
    signal.signal(signal.SIGTERM, before)
