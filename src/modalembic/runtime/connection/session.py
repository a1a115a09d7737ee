"""SQL on whichever connection there is: psycopg's own, or the one that an `env.py` configured.

Statements are written once, with `%(name)s` for parameters, and speak to both. In the names and
strings of a statement nothing is a parameter: a schema may be called `%(x)s`.
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
# What is quoted is left alone; its strings end as those of standard_conforming_strings do.
_TOKEN = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')|%\((\w+)\)s|%""")


class Session(Protocol):
    """A database connection as far as modalembic's own statements need one."""

    def fetch(self, statement: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows. Outside of `transaction` it commits by itself."""

    def run(self, statement: str, parameters: Parameters | None = None) -> None:
        """Run a statement that returns no rows."""

    def run_alone(self, statement: str) -> None:
        """Run a statement that may not be in a transaction. Outside of `transaction`."""

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
        return self._execute(statement, parameters).fetchall()

    def run(self, statement: str, parameters: Parameters | None = None) -> None:
        self._execute(statement, parameters)

    def _execute(
        self, statement: str, parameters: Parameters | None
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        query = statement if parameters is None else _with_placeholders(statement)
        return self.connection.execute(query.encode(), parameters, prepare=False)

    def run_alone(self, statement: str) -> None:
        self.run(statement)

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

    def run_alone(self, statement: str) -> None:
        level = self.connection.get_isolation_level()
        self.connection.rollback()
        self.connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            self.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            self.connection.commit()
        finally:
            self.connection.rollback()
            self.connection.execution_options(isolation_level=level)

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


class ReadOnlySession:
    """Another session, each statement in a transaction that may not write. No setting of the
    connection is changed, so that it holds behind a pooler too."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._inside = False

    def fetch(self, statement: str, parameters: Parameters | None = None) -> list[tuple[Any, ...]]:
        with self.transaction():
            return self._session.fetch(statement, parameters)

    def run(self, statement: str, parameters: Parameters | None = None) -> None:
        with self.transaction():
            self._session.run(statement, parameters)

    def run_alone(self, statement: str) -> None:
        self.run(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._inside:
            yield
            return
        with self._session.transaction():
            self._session.run("SET TRANSACTION READ ONLY")
            self._inside = True
            try:
                yield
            finally:
                self._inside = False


@cache
def _with_placeholders(statement: str) -> str:
    """`statement` for psycopg, which takes each % for the beginning of a parameter."""
    return _TOKEN.sub(
        lambda found: found[0] if found[2] else found[0].replace("%", "%%"), statement
    )


@cache
def _text(statement: str) -> TextClause:
    from sqlalchemy import text

    def replaced(found: re.Match[str]) -> str:
        return f":{found[2]}" if found[2] else found[0]

    # A colon in the statement is SQL's own, within strings too.
    return text(_TOKEN.sub(replaced, statement.replace(":", r"\:")))
