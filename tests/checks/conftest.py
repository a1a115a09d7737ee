"""The marketplace's migrated database, for tests that make many copies of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from modalembic.postgres.url import DatabaseURL
from tests.checks.market import upgrade


@dataclass(frozen=True)
class Market:
    """The URL of a database that the marketplace's migrations made, the major version of its
    server, and a directory for the caches of those who work with it."""

    url: str
    major: int
    cache: Path


@contextmanager
def migrated_market(server_url: str, cache: Path) -> Iterator[Market]:
    """The marketplace's database on a server, for as long as the block lasts."""
    name = f"test_market_{secrets.token_hex(4)}"
    named = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(named))
        market = Market(
            DatabaseURL.parse(server_url).with_database(name).conninfo,
            server.info.server_version // 10000,
            cache,
        )
        try:
            upgrade(market.url, cache=cache)
            yield market
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(named))


@pytest.fixture(scope="module")
def market(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """The marketplace, migrated once for all tests of a file."""
    with migrated_market(server_url, tmp_path_factory.mktemp("cache")) as market:
        yield market
