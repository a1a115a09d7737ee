from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.errors import NoDatabase
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.catalog import live_catalog
from tests.runtime.support import ENV, modalembic, new_project, table

if TYPE_CHECKING:
    import psycopg

ASYNC_ENV = """
import asyncio
from alembic import context
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

def run(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def main():
    engine = create_async_engine({url!r}, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()

asyncio.run(main())
"""


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_a_database_that_only_env_py_knows_is_read_as_any_other(
    tmp_path: Path,
    database_url: str,
    connect_to: Callable[..., psycopg.Connection[Any]],
    driver: str,
) -> None:
    script = Path(__file__).parents[1] / "postgres" / "catalog" / "assets" / "everything.sql"
    connect_to(database_url).execute(script.read_bytes())
    url = DatabaseURL.parse(database_url).sqlalchemy
    env = ENV.replace('context.config.get_main_option("sqlalchemy.url")', repr(url))
    if driver == "asyncpg":
        env = ASYNC_ENV.format(url=url.replace("+psycopg", "+asyncpg"))
    project = new_project(tmp_path, env=env)
    project.module("billing").revision("b1", **table("one"))
    assert modalembic(project, "upgrade").code == 0

    by_env = live_catalog(project.load())
    by_url = live_catalog(project.load(), database_url)

    assert by_env.database is None
    assert by_url.database == database_url
    assert by_env.catalog == by_url.catalog
    assert "one" in {each.name for each in by_url.catalog.tables}


def test_no_database_at_all_is_an_error(tmp_path: Path) -> None:
    project = new_project(tmp_path)
    (project.root / "migrations" / "env.py").unlink()

    with pytest.raises(NoDatabase):
        live_catalog(project.load(), "none")
