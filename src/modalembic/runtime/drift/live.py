"""A live database: what it has of the revisions, and its catalog. Nothing can be written."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from typing import Any

from modalembic.postgres.catalog import Catalog, read_catalog
from modalembic.project import Project
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.connection.session import PsycopgSession, Session, SqlalchemySession
from modalembic.runtime.database import open_database
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.state.situation import Situation, read_situation
from modalembic.runtime.tables.version import locate

READ_ONLY = "SET TRANSACTION READ ONLY"


@dataclass(frozen=True)
class Live:
    """A live database. `database` is its URL without the password; None where only `env.py` knows
    it."""

    situation: Situation
    catalog: Catalog
    database: str | None


def read_live(project: Project, database: str | None, observer: Observer) -> Live:
    """The database that is named, else the one that `env.py` connects to, read in transactions that
    are read-only. Raises what connecting raises."""
    with database_errors_explained(), open_database(project, database, observer.event) as url:
        if url is None:
            return _through_environment(project)
        from modalembic.postgres.connection import connect

        with connect(url, application_name="modalembic") as connection:
            session = PsycopgSession(connection)
            situation = read_only(session, lambda: read_situation(project, session))
            catalog = read_catalog(
                session, ignore_tables=own_tables(project.configuration.version_table)
            )
        return Live(situation, catalog, url.safe)


def read_only(session: Session, read: Callable[[], Any]) -> Any:
    """What `read` returns, called in a transaction in which nothing can be written."""
    transaction: AbstractContextManager[Any] = session.transaction()
    with transaction:
        session.run(READ_ONLY)
        return read()


def of_interest(live: Catalog, schemas: Collection[str]) -> Catalog:
    """What of a live catalog is in `schemas`, and the extensions; of the others the name alone."""
    kept: dict[str, Any] = {
        part.name: tuple(each for each in value if each.schema in schemas)
        for part in fields(live)
        if isinstance(value := getattr(live, part.name), tuple)
        and part.name not in {"schemas", "extensions"}
    }
    return replace(live, **kept)


def _through_environment(project: Project) -> Live:
    from modalembic.runtime.environment.entering import Entered, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    found: list[Live] = []

    def look(entered: Entered) -> None:
        context = entered.context
        assert context.connection is not None
        session = SqlalchemySession(context.connection)

        def situation() -> Situation:
            table = locate(session, context.version_table, context.version_table_schema)
            return read_situation(project, session, table=table)

        read = read_only(session, situation)
        catalog = read_catalog(session, ignore_tables=own_tables(context.version_table))
        found.append(Live(read, catalog, None))

    settled = Options().settled(project.configuration)
    enter_environment(project, None, look, options=settled, loader=RevisionLoader())
    return found[0]
