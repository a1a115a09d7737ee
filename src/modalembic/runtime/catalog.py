"""The catalog of the database that a command works on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from modalembic.postgres.catalog import Catalog, read_catalog
from modalembic.project import Project
from modalembic.runtime.connection.session import PsycopgSession, SqlalchemySession
from modalembic.runtime.database import open_database
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.tables.history import NAME as HISTORY_TABLE
from modalembic.runtime.tables.installed.table import NAME as MODULES_TABLE
from modalembic.runtime.tables.version import DEFAULT_NAME


@dataclass(frozen=True)
class LiveCatalog:
    """A database's catalog. `database` is its URL without the password; None where only `env.py`
    knows it."""

    catalog: Catalog
    database: str | None


def live_catalog(
    project: Project,
    database: str | None = None,
    *,
    schemas: Collection[str] | None = None,
    access: bool = False,
    observer: Observer | None = None,
) -> LiveCatalog:
    """The catalog of the database that is named, else of the one that `env.py` connects to, without
    the version table and the history table.

    `schemas` None: all but the system's. `access`: owners and grants too. Nothing is written, and
    nothing waits. Raises SchemaMissing and what connecting raises.
    """
    with (
        database_errors_explained(),
        open_database(project, database, (observer or Observer()).event) as url,
    ):
        if url is None:
            return _environment_catalog(project, schemas, access)
        from modalembic.postgres.connection import connect

        ignored = own_tables(project.configuration.version_table)
        with connect(url, application_name="modalembic") as connection:
            session = PsycopgSession(connection)
            catalog = read_catalog(session, schemas=schemas, ignore_tables=ignored, access=access)
        return LiveCatalog(catalog, url.safe)


def _environment_catalog(
    project: Project, schemas: Collection[str] | None, access: bool
) -> LiveCatalog:
    from modalembic.runtime.environment.entering import Entered, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    catalogs: list[Catalog] = []

    def look(entered: Entered) -> None:
        context = entered.context
        assert context.connection is not None
        session = SqlalchemySession(context.connection)
        ignored = own_tables(context.version_table)
        catalogs.append(
            read_catalog(session, schemas=schemas, ignore_tables=ignored, access=access)
        )

    settled = Options().settled(project.configuration)
    enter_environment(project, None, look, options=settled, loader=RevisionLoader())
    return LiveCatalog(catalogs[0], None)


def own_tables(version_table: str | None) -> tuple[str, str, str]:
    """Alembic's table and modalembic's."""
    return (version_table or DEFAULT_NAME, HISTORY_TABLE, MODULES_TABLE)
