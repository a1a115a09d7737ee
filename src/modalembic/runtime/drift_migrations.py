"""The catalog that the migrations make, on a scratch database."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modalembic.errors import MigrationFailed
from modalembic.history.plan import plan_upgrade
from modalembic.postgres.catalog import Catalog, Connection, read_catalog
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.connection import connect
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.failure import sqlstate
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.run import run

if TYPE_CHECKING:
    import psycopg

UNDEFINED_OBJECT = "42704"
_ROLE = re.compile(r'^role "([^"]+)" does not exist')


@contextmanager
def migrated(
    project: Project, server: ScratchServer, goals: Collection[str], observer: Observer
) -> Iterator[tuple[DatabaseURL, Catalog]]:
    """A scratch database at `goals` and all that they need, while inside, and its catalog.

    Roles that the migrations name and the server does not have are there without a login for as
    long. Raises MigrationFailed and the other errors of an upgrade.
    """
    number = len(project.graph.ancestors(goals))
    observer.event(f"migrating a scratch database ({number} revisions)")
    ignored = own_tables(project.configuration.version_table)
    with _roles(server) as create_role, server.database() as url:
        _make_version_schema(project, url)
        while True:
            try:
                _upgrade(project, url, goals, observer)
                break
            except MigrationFailed as error:
                # What ran before it is committed, so that the next attempt goes on from there.
                if not create_role(_missing_role(error)):
                    raise
        with connect(url, application_name="modalembic") as connection:
            catalog = read_catalog(Connection(connection), ignore_tables=ignored)
        yield url, catalog


def _upgrade(
    project: Project, url: DatabaseURL, goals: Collection[str], observer: Observer
) -> None:
    graph, order = project.graph, project.module_order
    run(
        project,
        lambda state: plan_upgrade(graph, "heads", goals, state.applied, order),
        database=url.sqlalchemy,
        options=Options(),
        observer=_Quiet(observer),
        destination="heads",
    )


class _Quiet(Observer):
    """Hands on what is worth a line; that each of many revisions runs is not."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def event(self, text: str) -> None:
        self._observer.event(text)


def _make_version_schema(project: Project, url: DatabaseURL) -> None:
    schema = project.configuration.version_table_schema
    if schema is not None:
        with connect(url, application_name="modalembic") as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}".encode())


def _missing_role(error: MigrationFailed) -> str | None:
    """The role for want of which a revision failed."""
    cause = error.__cause__
    if sqlstate(cause) != UNDEFINED_OBJECT:
        return None
    found = _ROLE.match(str(getattr(cause, "orig", cause)))
    return found[1] if found is not None else None


class _Roles:
    """Creates roles that nobody can log in with, each once, and drops them again."""

    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        self._admin = admin
        self._made: list[str] = []

    def __call__(self, name: str | None) -> bool:
        """Create the role; whether that is done."""
        import psycopg

        if name is None or name in self._made:
            return False
        try:
            self._admin.execute(f"CREATE ROLE {quote(name)} NOLOGIN".encode())
        except psycopg.errors.DuplicateObject:  # another run has made it just now
            return True
        except psycopg.errors.InsufficientPrivilege:
            return False
        self._made.append(name)
        return True

    def drop(self) -> None:
        """Drop what was created. What another run has come to use stays."""
        import psycopg

        for name in self._made:
            try:
                self._admin.execute(f"DROP ROLE IF EXISTS {quote(name)}".encode())
            except psycopg.errors.DependentObjectsStillExist:
                continue


@contextmanager
def _roles(server: ScratchServer) -> Iterator[_Roles]:
    with connect(server.url, application_name="modalembic") as admin:
        roles = _Roles(admin)
        try:
            yield roles
        finally:
            roles.drop()
