from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from modalembic.postgres.connection import connect
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL

ACCESS = """
local all postgres trust
local all closed_out reject
local all secretive scram-sha-256
local all no_such_role trust
local all no_login trust
"""


@pytest.fixture
def data(server_directory: Path) -> Path:
    """A directory for one embedded server's data; root's server can reach it."""
    return server_directory / f"project-{uuid4().hex[:8]}" / ".modalembic" / "postgres"


@pytest.fixture(scope="session", params=["wheel", "local"])
def strict_server(request: pytest.FixtureRequest, server_directory: Path) -> Iterator[DatabaseURL]:
    """A server that asks for passwords, of each kind that is here."""
    programs = request.getfixturevalue("local_programs") if request.param == "local" else None
    data = server_directory / f"strict-{request.param}-{uuid4().hex[:8]}"
    with open_embedded(EmbeddedSettings(data, programs), lambda _: None) as url:
        with connect(url) as connection:
            connection.execute("CREATE ROLE secretive LOGIN PASSWORD 'correct horse'")
            connection.execute("CREATE ROLE no_login NOLOGIN")
            connection.execute("CREATE DATABASE closed ALLOW_CONNECTIONS false")
            (data / "cluster" / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
            connection.execute("SELECT pg_reload_conf()")
        yield url
