"""The driver with which revisions run on a scratch database."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from modalembic.errors import ConfigurationError, DatabaseURLError
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.database import database_named, filled_in


def with_driver(project: Project, url: DatabaseURL) -> DatabaseURL:
    """`url` with the driver that the scratch server's URL names, else the one that the project's
    database has. A revision may be written for its driver: what binds a string to a number under
    psycopg2 fails under psycopg."""
    return replace(url, driver=scratch_driver(project))


def scratch_driver(project: Project) -> str | None:
    """The name of that driver; None for what `postgresql://` means. Raises ConfigurationError."""
    for named in (scratch_named(project), _database(project)):
        if named is not None and "://" in named:
            with suppress(DatabaseURLError):
                driver = DatabaseURL.parse(named).driver
                if driver is not None:
                    return driver
    return None


def scratch_named(project: Project) -> str | None:
    """The URL, `embedded` or `container` that the environment or the configuration names for
    scratch databases; None where nothing does. Raises ConfigurationError."""
    configuration = project.configuration
    if configuration.environment_scratch is not None or configuration.scratch is None:
        return configuration.environment_scratch
    return filled_in(project, "scratch", configuration.scratch)


def _database(project: Project) -> str | None:
    with suppress(ConfigurationError):  # a variable that only deployments set
        return database_named(project, None)
    return None
