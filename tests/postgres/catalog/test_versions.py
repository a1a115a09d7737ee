"""Two major versions print the same schema in two ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from modalembic.postgres.catalog import ScratchNormaliser, compare, scratch_database
from modalembic.postgres.embedded import open_embedded
from modalembic.postgres.settings import EmbeddedSettings
from modalembic.postgres.url import DatabaseURL
from tests.postgres.catalog.conftest import ASSETS, read

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog


def created(server: DatabaseURL) -> Catalog:
    """The catalog of what every version can create, on a server."""
    with scratch_database(server) as connection:
        connection.execute((ASSETS / "everything.sql").read_bytes())
        return read(connection)


def test_the_same_schema_on_two_versions_differs_in_what_the_servers_are(
    server_url: str, local_programs: Path, server_directory: Path
) -> None:
    settings = EmbeddedSettings(
        server_directory / f"versions-{uuid4().hex[:8]}", local_programs, database="postgres"
    )
    one = DatabaseURL.parse(server_url)
    with open_embedded(settings, lambda _: None) as other:
        ours, theirs = created(one), created(other)
    if ours.major == theirs.major:
        pytest.skip("the server and the local programs are of one version")

    found = compare(ours, theirs, normaliser=ScratchNormaliser(lambda: scratch_database(one)))

    assert {(each.object, each.part, each.severity) for each in found} == {
        ("server", "version", "info"),
        ("extension", "version", "info"),
    }
