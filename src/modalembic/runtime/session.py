"""SQL on whichever connection there is: psycopg's own, or the one that an `env.py` configured.

Statements are written once, with `%(name)s` for parameters, and speak to both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection, TextClause

Parameters = Mapping[str, Any]
_PARAMETER = re.compile(r"%\((\w+)\)s")


class Session(Protocol):
    """A database connection as far as modalembic's own statements need one."""

    def fetch(self, statement: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows. Outside of `transaction` it commits by itself."""

    def run(self, statement: str, parameters: Parameters | None = None) -> None:
        """Run a statement that returns no rows."""

    def transaction(self) -> Any:
        """A context manager: all of the block, or nothing."""


class PsycopgSession:
    """A session on a psycopg connection: in autocommit, or inside of a transaction that others end.

    Nothing is prepared: psycopg forgets its prepared statements at every ALTER and DROP, and asks
    the server to do so too, which costs more than they bring here.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def fetch(self, statement: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement.encode(), parameters, prepare=False).fetchall()

    def run(self, statement: str, parameters: Parameters | None = None) -> None:
        self.connection.execute(statement.encode(), parameters, prepare=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.connection.transaction():
            yield


class SqlalchemySession:
    """A session on a SQLAlchemy connection; leaves it as it found it, in a transaction or not."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def fetch(self, statement: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        with self._ended():
            result = self.connection.execute(_text(statement), dict(parameters or {}))
            return [tuple(row) for row in result]

    def run(self, statement: str, parameters: Parameters | None = None) -> None:
        with self._ended():
            self.connection.execute(_text(statement), dict(parameters or {}))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.connection.begin():
            yield

    @contextmanager
    def _ended(self) -> Iterator[None]:
        """End the transaction that a statement opens by itself: Alembic would take an open one for
        the caller's."""
        if self.connection.in_transaction():
            yield
            return
        try:
            yield
            self.connection.commit()
        except BaseException:
            self.connection.rollback()
            raise


@cache
def _text(statement: str) -> TextClause:
    from sqlalchemy import text

    escaped = statement.replace(":", r"\:")
    return text(_PARAMETER.sub(r":\1", escaped))
