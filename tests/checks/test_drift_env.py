"""`check drift --against live` where only `env.py` knows the database."""

from __future__ import annotations

from pathlib import Path

from tests.checks.drift_shop import drift_of, drift_shop, meant
from tests.runtime.isolation import forgotten
from tests.runtime.support import done, execute, modalembic

ENVIRONMENT = """
from alembic import context
from sqlalchemy import NullPool, create_engine

given = context.config.attributes.get("connection")
if given is not None:
    context.configure(connection=given)
    context.run_migrations()
else:
    with create_engine({url!r}, poolclass=NullPool).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""


def test_the_database_that_only_env_py_knows_is_read(
    tmp_path: Path, server_url: str, database_url: str
) -> None:
    shop = drift_shop(tmp_path / "shop", server_url)
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    shop.file("migrations/env.py", ENVIRONMENT.format(url=url))
    with forgotten("app"):
        done(modalembic(shop, "upgrade"))
    execute(database_url, "ALTER TABLE people ADD shoes integer")

    assert meant(drift_of(shop, "live")) == {
        ("error", "drift/extra-column", "core", "public.people.shoes", None)
    }
