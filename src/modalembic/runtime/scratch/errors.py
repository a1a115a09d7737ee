"""What goes wrong on the way to a scratch server, said of the scratch server: nobody is to look for
the mistake in the application's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from modalembic.errors import (
    ConnectionFailed,
    ContainerFailed,
    ContainerImageUnavailable,
    DatabaseMissing,
    DatabaseURLError,
    DockerUnavailable,
    EmbeddedUnavailable,
    LoginFailed,
    MigrationFailed,
    ServerUnreachable,
)
from modalembic.postgres.extension import explain_missing_on_scratch
from modalembic.project import Project
from modalembic.runtime.failure import database_message, sqlstate

VARIABLE = "MODALEMBIC_SCRATCH_URL"
_ON_THE_WAY = (
    ConnectionFailed,
    ContainerFailed,
    ContainerImageUnavailable,
    DatabaseMissing,
    DatabaseURLError,
    DockerUnavailable,
    EmbeddedUnavailable,
    LoginFailed,
    ServerUnreachable,
)


@contextmanager
def said_of_scratch(project: Project) -> Iterator[None]:
    """Errors of the block say that it is the scratch server, where that is named, and which setting
    names another."""
    configuration = project.configuration
    by_variable = configuration.environment_scratch is not None
    try:
        yield
    except _ON_THE_WAY as error:
        named = f" that {VARIABLE} names" if by_variable else ""
        error.message = f"the scratch server{named}: {error.message}"
        setting = f"{VARIABLE}=" if by_variable else "scratch = "
        for place in ("embedded", "container", "postgresql://..."):
            quoted = place if by_variable else f'"{place}"'
            if error.hint is not None:
                error.hint = error.hint.replace(f"--database {place}", f"{setting}{quoted}")
        if error.path is None and not by_variable and configuration.scratch is not None:
            error.path, error.line = configuration.file, configuration.line_of("scratch")
        raise


@contextmanager
def extensions_of_scratch(place: str) -> Iterator[None]:
    """A revision that fails for want of an extension says what a scratch server can have instead.
    `place` is what the server was asked for as."""
    try:
        yield
    except MigrationFailed as error:
        cause = error.__cause__
        if cause is not None:
            told = explain_missing_on_scratch(
                database_message(cause), sqlstate=sqlstate(cause), place=place
            )
            error.hint = told or error.hint
        raise
