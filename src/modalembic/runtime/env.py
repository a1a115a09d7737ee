"""What the shipped `env.py` files call, under `modalembic` and under stock `alembic` alike.

`run` does what Alembic's generic template spells out: logging from the ini file, offline and online
mode, one connection, one call of `run_migrations`. What is particular:

- The URL is `config.attributes["connection"]` or `sqlalchemy.url`, which modalembic sets; under
  stock `alembic` it is found by modalembic's own rule, an embedded server included.
- `target_metadata` is the merged metadata of all modules' models. An upgrade needs only its naming
  convention, so that where the configuration has one (`naming_convention`, `metadata`) no model is
  imported for an upgrade by modalembic.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, NullPool, create_engine
from sqlalchemy.engine import make_url

from modalembic.errors import NoDatabase
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.database import open_database
from modalembic.runtime.environment.entering import ATTRIBUTE
from modalembic.runtime.models.convention import configured_metadata
from modalembic.runtime.tables.history import NAME as HISTORY_TABLE


def run(**configure: Any) -> None:
    """Run migrations, online or offline, over a synchronous engine.

    `configure` are keywords for Alembic's `context.configure`. Raises NoDatabase where no URL is
    named anywhere.
    """
    _run(configure, _migrate_sync)


def run_async(**configure: Any) -> None:
    """As `run`, over an asynchronous engine; psycopg and asyncpg both have one."""
    _run(configure, lambda *migration: asyncio.run(_migrate_async(*migration)))


def _run(
    configure: dict[str, Any], migrate: Callable[[str, Project, dict[str, Any]], None]
) -> None:
    """Offline, or on the connection that is given, or over an engine of its own by `migrate`."""
    project = _begin()
    given = context.config.attributes.get("connection")
    if context.is_offline_mode():
        _offline(project, configure)
    elif given is not None:
        _migrate(given, project, configure)
    else:
        with _url(project) as url:
            migrate(url, project, configure)


def _migrate_sync(url: str, project: Project, configure: dict[str, Any]) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        _migrate(connection, project, configure)
    engine.dispose()


async def _migrate_async(url: str, project: Project, configure: dict[str, Any]) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, project, configure)
    await engine.dispose()


def target_metadata(project: Project) -> MetaData:
    """The metadata of all modules' models, merged; for an upgrade by modalembic, as little of it as
    the operations need."""
    if context.config.attributes.get(ATTRIBUTE) is not None:
        configured = configured_metadata(project)
        if configured is not None:
            return configured
    from modalembic.runtime.models.loaded import load_models
    from modalembic.runtime.models.metadata import merged_metadata

    return merged_metadata(load_models(project))


def _begin() -> Project:
    """The project that this `env.py` belongs to, with logging set up where an ini file has it."""
    config = context.config
    _set_up_logging(config)
    given = config.attributes.get(ATTRIBUTE)
    if isinstance(given, Project):
        return given
    start = Path(config.config_file_name).parent if config.config_file_name else None
    project = Project.load(start)
    project.require_sound()
    return project


def _set_up_logging(config: Config) -> None:
    if config.config_file_name is not None and config.file_config.has_section("loggers"):
        from logging.config import fileConfig

        fileConfig(config.config_file_name, disable_existing_loggers=False)


@contextmanager
def _url(project: Project) -> Iterator[str]:
    """The URL for SQLAlchemy: Alembic's `sqlalchemy.url`, else the one that modalembic would use,
    with its server running for as long as the block."""
    configured = context.config.get_alembic_option("sqlalchemy.url")
    if configured:
        yield DatabaseURL.parse(configured).sqlalchemy
        return
    with open_database(project, None, lambda _: None) as url:
        if url is None:
            raise NoDatabase(
                "no database is named",
                hint="give --database URL, or set MODALEMBIC_DATABASE_URL, or write database = "
                '"…" in [tool.modalembic]',
                path=project.configuration.file,
            )
        yield url.sqlalchemy


def _offline(project: Project, configure: dict[str, Any]) -> None:
    configured = context.config.get_alembic_option("sqlalchemy.url")
    # Any Postgres URL will do: it only says which dialect the SQL is for.
    url = make_url(configured) if configured else make_url("postgresql+psycopg://")
    context.configure(
        **{
            "url": url,
            "literal_binds": True,
            "dialect_opts": {"paramstyle": "named"},
            **_defaults(project, configure),
            **configure,
        }
    )
    with context.begin_transaction():
        context.run_migrations()


def _migrate(connection: Connection, project: Project, configure: dict[str, Any]) -> None:
    context.configure(
        **{
            "connection": connection,
            "transaction_per_migration": True,
            **_defaults(project, configure),
            **configure,
            **_filters(configure),
        }
    )
    with context.begin_transaction():
        context.run_migrations()


def _filters(configure: dict[str, Any]) -> dict[str, Any]:
    """Under stock `alembic`, what keeps autogenerate from dropping modalembic's own table; what
    else is left out is the project's to say."""
    if context.config.attributes.get(ATTRIBUTE) is not None:
        return {}
    theirs = configure.get("include_name")

    def include_name(name: str | None, kind: Any, parents: Any) -> bool:
        own = kind == "table" and name == HISTORY_TABLE
        return not own and (theirs is None or theirs(name, kind, parents))

    return {"include_name": include_name}


def _defaults(project: Project, configure: dict[str, Any]) -> dict[str, Any]:
    """What the project says, for what `env.py` leaves open. Models are imported only if they are
    needed."""
    configuration = project.configuration
    defaults = {
        "version_table": configuration.version_table,
        "version_table_schema": configuration.version_table_schema,
    }
    given: dict[str, Any] = {key: value for key, value in defaults.items() if value is not None}
    if "target_metadata" not in configure:
        given["target_metadata"] = target_metadata(project)
    return given
