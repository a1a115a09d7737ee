"""How Alembic reaches the database and the models."""

import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import Connection, create_engine, make_url, pool

import app.models  # noqa: F401 - registers every table with the metadata
from app.db import Base

if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def database_url() -> str:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("No database: set DATABASE_URL, or sqlalchemy.url in the configuration.")
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def run(connection: Connection | None) -> None:
    context.configure(
        connection=connection,
        url=None if connection else database_url(),
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
        literal_binds=connection is None,
        dialect_opts={"paramstyle": "named"} if connection is None else None,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run(None)
elif (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with create_engine(database_url(), poolclass=pool.NullPool).connect() as connection:
        run(connection)
