"""The `env.py` files under which a run has to stop: each with a way of its own to wait."""

from __future__ import annotations

from dataclasses import replace

from modalembic.postgres.url import DatabaseURL

# The URL is modalembic's; so is the connection.
GIVEN = """
from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
"""

# Only env.py knows the database.
OWNED = """
from alembic import context
from sqlalchemy import NullPool, create_engine

engine = create_engine(URL, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

ASYNC = """
import asyncio

from alembic import context
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine


def work(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(URL, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(work)
    await engine.dispose()


asyncio.run(main())
"""

DRIVERS = {
    "given": (GIVEN, "psycopg"),
    "owned": (OWNED, "psycopg"),
    "psycopg-async": (ASYNC, "psycopg"),
    "asyncpg": (ASYNC, "asyncpg"),
}


def environment(name: str, url: str) -> str:
    """The text of the `env.py` called `name`, for the database of `url`."""
    text, driver = DRIVERS[name]
    own = replace(DatabaseURL.parse(url), driver=driver).sqlalchemy
    return text.replace("URL", repr(own))
