"""Which database a command works on: one rule, for every command.

1. `--database` (or the argument of the Python function), 2. `MODALEMBIC_DATABASE_URL`, 3.
`database` in the configuration, 4. what `env.py` itself connects to. `none` anywhere means: no
database.

2 and 3 have a second value each, for commands that take the locks, where the first one leads
through a pooler: `MODALEMBIC_MIGRATION_DATABASE_URL` and `migration_database`. These commands
prefer it; the others take it where there is nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modalembic.config import Configuration
from modalembic.errors import ConfigurationError
from modalembic.postgres.place import ContainerSettings, EmbeddedSettings, open_place
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project

_KEYS = ("database", "migration_database")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def database_named(
    project: Project, database: str | None, *, migrating: bool = False
) -> str | None:
    """The URL, `embedded` or `container` that the first three rules give; None where they are
    silent (or say `none`), and only `env.py` could know. `migrating` is for commands that take the
    locks.

    `${NAME}` in the configuration's value is filled in from the environment. Raises
    ConfigurationError where that variable is not set.
    """
    look = _for_migrations if migrating else _for_all
    named = database or look(project)
    return None if named == "none" else named


def _for_migrations(project: Project) -> str | None:
    configuration = project.configuration
    environment = configuration.environment_migration_database or configuration.environment_database
    if environment is None and configuration.migration_database is not None:
        return filled_in(project, "migration_database", configuration.migration_database)
    return environment or _configured(project)


def _for_all(project: Project) -> str | None:
    configuration = project.configuration
    named = configuration.environment_database or _configured(project)
    named = named or configuration.environment_migration_database
    second = configuration.migration_database
    if named is None and second is not None and _filled(second):
        return filled_in(project, "migration_database", second)
    return named


def _configured(project: Project) -> str | None:
    value = project.configuration.database
    return None if value is None else filled_in(project, "database", value)


def _filled(value: str) -> bool:
    """Whether every variable of `value` is set: only deployments may know the second URL."""
    return all(name in os.environ for name in _VARIABLE.findall(value))


def filled_in(project: Project, key: str, value: str) -> str:
    """The `value` of a `key` of the configuration, each `${NAME}` in it filled in from the
    environment. Raises ConfigurationError."""
    return _VARIABLE.sub(lambda match: _variable(project, key, match[1]), value)


def _variable(project: Project, key: str, name: str) -> str:
    if name not in os.environ:
        configuration = project.configuration
        raise ConfigurationError(
            f"{key} refers to ${{{name}}}, which is not set",
            hint=f"set {name}" + (", or give --database" if key in _KEYS else ""),
            path=configuration.file,
            line=configuration.line_of(key),
        )
    return os.environ[name]


@contextmanager
def open_database(
    project: Project,
    database: str | None,
    on_event: Callable[[str], None],
    *,
    migrating: bool = False,
) -> Iterator[DatabaseURL | None]:
    """The URL of the named database, with its server running; None where none is named.
    `migrating` as in `database_named`."""
    named = database_named(project, database, migrating=migrating)
    if named is None:
        yield None
        return
    configuration = project.configuration
    embedded, container = embedded_settings(configuration), container_settings(configuration)
    with open_place(named, embedded=embedded, container=container, on_event=on_event) as url:
        yield url


def embedded_settings(configuration: Configuration) -> EmbeddedSettings:
    """The project's embedded server."""
    return EmbeddedSettings(
        data=configuration.embedded_data or configuration.root / ".modalembic" / "postgres",
        programs=configuration.embedded_programs,
    )


def container_settings(configuration: Configuration) -> ContainerSettings:
    """The project's containers."""
    image = configuration.container_image
    return ContainerSettings(image=image) if image else ContainerSettings()
