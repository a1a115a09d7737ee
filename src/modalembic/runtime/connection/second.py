"""A second connection, made as the first one was: to compare with it, or to cancel what it is at.

Where `env.py` owns the engine, only the engine knows how to connect (a `creator`, a token that it
fetches). Its pool is made anew, so that neither its limits nor its connections are in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modalembic.postgres.driver import cut
from modalembic.runtime.connection.session import PsycopgSession, Session, SqlalchemySession

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS = 5


class Second:
    """A connection of any driver, by the rules that all drivers share (PEP 249)."""

    def __init__(self, connection: Any, driver: Any) -> None:
        self._connection = connection
        self._driver = driver
        # Some engines commit every statement; a transaction has to be begun there.
        self._commits = bool(getattr(connection, "autocommit", False))
        self._is_open = False

    def ask(self, statement: str) -> Sequence[Any]:
        """The first row that a statement gives; empty if there is none. It begins a transaction,
        which stays open."""
        cursor = self._connection.cursor()
        try:
            if self._commits and not self._is_open:
                cursor.execute("BEGIN")
            self._is_open = True
            cursor.execute(statement)
            return cursor.fetchone() or ()
        finally:
            cursor.close()

    def end(self) -> None:
        """End the transaction."""
        self._is_open = False
        if not self._commits:
            self._connection.rollback()
            return
        cursor = self._connection.cursor()
        cursor.execute("ROLLBACK")
        cursor.close()

    def cut(self) -> None:
        """Break the connection, from any thread."""
        cut(self._driver)


def driver_of(session: Session) -> Any:
    """The driver's own connection under `session`."""
    if isinstance(session, SqlalchemySession):
        return session.connection.connection.driver_connection
    assert isinstance(session, PsycopgSession)
    return session.connection


@contextmanager
def another(session: Session) -> Iterator[Second]:
    """Another connection to where `session` leads. In the thread, and under an asynchronous driver
    in the greenlet, that `session` is used in."""
    if isinstance(session, SqlalchemySession):
        pool = session.connection.engine.pool.recreate()
        connection = pool.connect()
        try:
            yield Second(connection.dbapi_connection, connection.driver_connection)
        finally:
            connection.invalidate()
            pool.dispose()
        return
    assert isinstance(session, PsycopgSession)
    with _again(session.connection) as driver:
        yield Second(driver, driver)


def elsewhere(session: Session, work: Callable[[Second], None]) -> None:
    """Do `work` over another connection to where `session` leads, in any thread, while `session` is
    busy in its own."""

    def connected() -> None:
        with another(session) as second:
            work(second)

    if not _is_asynchronous(session):
        connected()
        return
    import asyncio

    from sqlalchemy.util import greenlet_spawn

    asyncio.run(greenlet_spawn(connected))


def _is_asynchronous(session: Session) -> bool:
    return isinstance(session, SqlalchemySession) and session.connection.dialect.is_async


@contextmanager
def _again(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    import psycopg

    # All of them, not `info.dsn`: that leaves out what is libpq's own default, and whoever has
    # PGPORT set and a URL with 5432 in it would be led to another server.
    parameters: dict[str, Any] = {
        option.keyword.decode(): option.val.decode()
        for option in connection.pgconn.info
        if option.val is not None
    }
    made = psycopg.connect(**{**parameters, "connect_timeout": CONNECT_SECONDS})
    try:
        yield made
    finally:
        made.close()
