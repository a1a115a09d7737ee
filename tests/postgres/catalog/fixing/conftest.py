from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.catalog import ScratchNormaliser, scratch_database
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg


@pytest.fixture(scope="session")
def workbench(catalog_server: DatabaseURL) -> Iterator[psycopg.Connection[Any]]:
    """A connection to an empty database. A test undoes what it does."""
    with scratch_database(catalog_server) as connection:
        yield connection


@pytest.fixture(scope="session")
def normaliser(catalog_server: DatabaseURL) -> ScratchNormaliser:
    return ScratchNormaliser(lambda: scratch_database(catalog_server))
