"""Which database a command works on: one rule, for every command.

1. `--database` (or the argument of the Python function), 2. `MODALEMBIC_DATABASE_URL`, 3.
`database` in the configuration, 4. what `env.py` itself connects to. `none` anywhere means: no
database.
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

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def database_named(project: Project, database: str | None) -> str | None:
    """The URL, `embedded` or `container` that the first three rules give; None where they are
    silent (or say `none`), and only `env.py` could know.

    `${NAME}` in the configuration's value is filled in from the environment. Raises
    ConfigurationError where that variable is not set.
    """
    configuration = project.configuration
    named = database or configuration.environment_database
    if named is None and configuration.database is not None:
        named = filled_in(project, "database", configuration.database)
    return None if named == "none" else named


def filled_in(project: Project, key: str, value: str) -> str:
    """The `value` of a `key` of the configuration, each `${NAME}` in it filled in from the
    environment. Raises ConfigurationError."""
    return _VARIABLE.sub(lambda match: _variable(project, key, match[1]), value)


def _variable(project: Project, key: str, name: str) -> str:
    if name not in os.environ:
        configuration = project.configuration
        raise ConfigurationError(
            f"{key} refers to ${{{name}}}, which is not set",
            hint=f"set {name}" + (", or give --database" if key == "database" else ""),
            path=configuration.file,
            line=configuration.line_of(key),
        )
    return os.environ[name]


@contextmanager
def open_database(
    project: Project, database: str | None, on_event: Callable[[str], None]
) -> Iterator[DatabaseURL | None]:
    """The URL of the named database, with its server running; None where none is named."""
    named = database_named(project, database)
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
