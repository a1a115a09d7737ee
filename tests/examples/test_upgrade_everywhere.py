"""`modalembic upgrade heads` on the marketplace leaves what stock Alembic leaves, everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.place import ContainerSettings, EmbeddedSettings, open_place
from tests import catalog
from tests.examples.shops import MARKETPLACE

if TYPE_CHECKING:
    import psycopg

    from modalembic.postgres.url import DatabaseURL

Connect = Callable[[str], "psycopg.Connection[Any]"]
HISTORY = "modalembic_history"


def rows(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()


def assert_the_same(connect_to: Connect, ours: str, stock: str) -> None:
    one, other = connect_to(ours), connect_to(stock)
    assert rows(one) == rows(other)
    one.execute(f"DROP TABLE {HISTORY}")
    assert catalog.read(one) == catalog.read(other)


def upgrade(url: str) -> None:
    MARKETPLACE.python(None, "-m", "modalembic", "--database", url, "upgrade", "heads")


def test_on_a_url(make_database: Callable[[], str], connect_to: Connect) -> None:
    ours, stock = make_database(), make_database()
    upgrade(ours)
    MARKETPLACE.alembic(stock, "upgrade", "heads")
    assert_the_same(connect_to, ours, stock)


@contextmanager
def two_databases(place: DatabaseURL, connect_to: Connect) -> Iterator[tuple[str, str]]:
    connection = connect_to(place.conninfo)
    for name in ("ours", "stock"):
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield place.with_database("ours").conninfo, place.with_database("stock").conninfo


def test_on_an_embedded_server_of_its_own(server_directory: Path, connect_to: Connect) -> None:
    embedded = EmbeddedSettings(data=server_directory / "everywhere")
    with (
        open_place("embedded", embedded=embedded, container=ContainerSettings()) as place,
        two_databases(place, connect_to) as (ours, stock),
    ):
        upgrade(ours)
        MARKETPLACE.alembic(stock, "upgrade", "heads")
        assert_the_same(connect_to, ours, stock)


@pytest.mark.docker
@pytest.mark.slow
def test_in_a_container(postgres_image: str, tmp_path: Path, connect_to: Connect) -> None:
    with (
        open_place(
            "container",
            embedded=EmbeddedSettings(data=tmp_path),
            container=ContainerSettings(image=postgres_image),
        ) as place,
        two_databases(place, connect_to) as (ours, stock),
    ):
        upgrade(ours)
        MARKETPLACE.alembic(stock, "upgrade", "heads")
        assert_the_same(connect_to, ours, stock)


@pytest.mark.docker
@pytest.mark.slow
def test_a_container_for_one_run(postgres_image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODALEMBIC_POSTGRES_IMAGE", postgres_image)
    said = MARKETPLACE.python(
        None, "-m", "modalembic", "--database", "container", "upgrade", "heads"
    )
    assert "69 revisions of 13 modules" in said
