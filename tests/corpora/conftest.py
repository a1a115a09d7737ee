from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

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
