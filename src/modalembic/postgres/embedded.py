"""An embedded server: started for the first user, shared by all, gone after the last.

Users are counted by the kernel: each holds a shared flock on one file, and loses it however it
ends. The keeper (keeper.py) waits for that lock alone and then stops the server.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modalembic.errors import DatabaseMissing, EmbeddedFailed, EmbeddedUnavailable
from modalembic.postgres.connection import connect
from modalembic.postgres.filelock import acquire, held, is_free, poll, release
from modalembic.postgres.home import Home, find_home, os_errors_explained
from modalembic.postgres.hosts import Host
from modalembic.postgres.settings import PORT, EmbeddedSettings
from modalembic.postgres.url import DatabaseURL

SUPERUSER = "postgres"
PATIENCE_SECONDS = 10.0


@contextmanager
def open_embedded(
    settings: EmbeddedSettings, on_event: Callable[[str], None]
) -> Iterator[DatabaseURL]:
    """The URL of `settings.database` on the embedded server, which runs at least while inside.

    When the last user leaves, in whichever process, the server is stopped before this returns.
    Raises EmbeddedUnavailable, EmbeddedFailed or EmbeddedVersion.
    """
    if sys.platform == "win32":
        raise EmbeddedUnavailable(
            "the embedded server needs Linux or macOS",
            hint="use a server of your own (--database URL), or container",
        )
    home = find_home(settings, on_event)
    with os_errors_explained(home.path), held(home.door, created=home.account.owns):
        user = acquire(home.users, shared=True, created=home.account.owns)
        try:
            socket = _ensure_running(home, settings, on_event)
        except BaseException:
            release(user)
            raise
    try:
        # The port is named, or else PGPORT would say what it is.
        url = DatabaseURL(
            user=SUPERUSER, hosts=(Host(str(socket), PORT),), database=settings.database
        )
        with _without_variable("PGHOSTADDR"):
            _ensure_database(url)
            yield url
    finally:
        release(user)
        poll(lambda: _is_stopped_or_used(home), PATIENCE_SECONDS)


@contextmanager
def _without_variable(name: str) -> Iterator[None]:
    """Libpq prefers an address in the environment to a socket, and a URL cannot say that there is
    none: SQLAlchemy drops parameters without a value."""
    value = os.environ.pop(name, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[name] = value


def _ensure_running(
    home: Home, settings: EmbeddedSettings, on_event: Callable[[str], None]
) -> Path:
    while True:
        socket = _running(home) or _start(home, settings, on_event)
        if socket is not None:
            return socket


def _running(home: Home) -> Path | None:
    """The socket directory of the server if it is running, None if it is not."""
    poll(lambda: is_free(home.keeper) or home.socket() is not None, PATIENCE_SECONDS)
    if is_free(home.keeper):
        return None
    socket = home.socket()
    if socket is None or not socket.exists():
        raise EmbeddedFailed(
            f"the embedded server of {home.path} is run by a process that cannot be reached from "
            "here (in another container, or with a /tmp of its own)",
            hint="end that process, or use a server of your own (--database URL)",
        )
    return socket


def _start(home: Home, settings: EmbeddedSettings, on_event: Callable[[str], None]) -> Path | None:
    from modalembic.postgres.cluster import initialise, remove_leftovers, start
    from modalembic.postgres.programs import find_programs

    programs = find_programs(settings, home.account)
    remove_leftovers(home)
    if not home.cluster.exists():
        initialise(home, programs, on_event)
    _touch(home)
    return start(home, programs)


def _touch(home: Home) -> None:
    """The keeper's own file has to be there, and be the account's, before the keeper is."""
    release(acquire(home.keeper, shared=False, created=home.account.owns))


def _ensure_database(url: DatabaseURL) -> None:
    import psycopg

    try:
        connect(url).close()
    except DatabaseMissing:
        with connect(url.with_database(SUPERUSER)) as connection:
            name = psycopg.sql.Identifier(str(url.database))
            two_came_at_once = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
            with suppress(*two_came_at_once):
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(name))


def _is_stopped_or_used(home: Home) -> bool:
    """True once the server is gone, or somebody else uses it and will see to that.

    Between the two a lock on `users` is held alone: by the keeper about to stop the server, or
    by another process that asks the same question.
    """
    if is_free(home.keeper):
        return True
    return not is_free(home.users) and is_free(home.users, for_sharing=True)
