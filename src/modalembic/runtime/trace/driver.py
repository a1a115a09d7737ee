"""Tells when somebody takes the driver's own connection from SQLAlchemy's: what is sent over it is
not seen by any event."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

_OURS = ("sqlalchemy", "alembic", "modalembic")


@contextmanager
def watched_driver(connection: Connection, taken: Callable[[], None]) -> Iterator[None]:
    """Call `taken` whenever code that is neither SQLAlchemy's, Alembic's nor modalembic's asks
    `connection` for its driver's connection, before it gets it."""
    original: Any = Connection.__dict__["connection"]

    def spied(self: Connection) -> Any:
        if self is connection and not _is_ours(sys._getframe(1).f_globals):  # noqa: SLF001
            taken()
        return original.fget(self)

    Connection.connection = property(spied, doc=original.__doc__)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Connection.connection = original  # type: ignore[method-assign]


def _is_ours(names: dict[str, Any]) -> bool:
    return str(names.get("__name__", "")).partition(".")[0] in _OURS
