"""Tells when somebody takes the driver's own connection from SQLAlchemy's: what is sent over it is
not seen by any event."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

_OURS = ("sqlalchemy", "alembic", "modalembic")
_ORIGINAL: Any = Connection.__dict__["connection"]

# Runs in several threads share the one attribute; the last of them puts it back.
_watched: dict[int, Callable[[], None]] = {}
_lock = threading.Lock()


@contextmanager
def watched_driver(connection: Connection, taken: Callable[[], None]) -> Iterator[None]:
    """Call `taken` whenever code that is neither SQLAlchemy's, Alembic's nor modalembic's asks
    `connection` for its driver's connection, before it gets it."""
    with _lock:
        _watched[id(connection)] = taken
        Connection.connection = property(_spied, doc=_ORIGINAL.__doc__)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        with _lock:
            del _watched[id(connection)]
            if not _watched:
                Connection.connection = _ORIGINAL  # type: ignore[method-assign]


def _spied(connection: Connection) -> Any:
    taken = _watched.get(id(connection))
    if taken is not None and not _is_ours(sys._getframe(1).f_globals):  # noqa: SLF001
        taken()
    return _ORIGINAL.fget(connection)


def _is_ours(names: dict[str, Any]) -> bool:
    return str(names.get("__name__", "")).partition(".")[0] in _OURS
