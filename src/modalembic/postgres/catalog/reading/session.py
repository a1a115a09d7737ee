"""What reading needs of a database connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import psycopg

# `pg_get_*def` and `regproc` qualify what the search path does not lead to.
SEARCH_PATH = "SET LOCAL search_path = pg_catalog"
READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class Session(Protocol):
    """A connection that is in no transaction."""

    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""

    def run(self, statement: str) -> None:
        """Run a statement that returns no rows."""

    def transaction(self) -> Any:
        """A context manager: a transaction."""


class Connection:
    """A session on a psycopg connection in autocommit."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def fetch(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement.encode(), prepare=False).fetchall()

    def run(self, statement: str) -> None:
        self.connection.execute(statement.encode(), prepare=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.connection.transaction():
            yield


@contextmanager
def reading(session: Session) -> Iterator[None]:
    """A transaction in which everything is read as of one moment, nothing can be written, and every
    name is printed with its schema."""
    with session.transaction():
        session.run(READ_ONLY)
        session.run(SEARCH_PATH)
        session.run("SET LOCAL quote_all_identifiers = off")
        yield
