"""The backend that serves a session, and whether it is the session's own until it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from modalembic.errors import BackendChanged, PoolerRefused, ProjectWarning
from modalembic.postgres.driver import told_pid
from modalembic.postgres.pooler import PID, unproven
from modalembic.runtime.connection.second import another, driver_of
from modalembic.runtime.connection.session import Session
from modalembic.runtime.options import Observer

POOLER_HINT = (
    "give a URL that leads to the server itself: migration_database in [tool.modalembic], "
    "MODALEMBIC_MIGRATION_DATABASE_URL, or --database; or let the pooler keep sessions "
    '(pool_mode = session). --allow-pooler goes on, see "Poolers" in docs/guide/databases.md'
)


@dataclass(frozen=True)
class Backend:
    """A backend by its pid. `stays` says that it serves one session only, as long as that lasts."""

    pid: int
    stays: bool


_known: WeakKeyDictionary[Any, Backend] = WeakKeyDictionary()


def backend_of(session: Session) -> Backend | None:
    """What is known of the backend of `session`, or what it was told when it connected, which
    whoever relies on it has to compare; None where neither is known."""
    known = _known.get(_connection(session))
    if known is not None:
        return known
    told = told_pid(driver_of(session))
    return None if told is None else Backend(told, stays=True)


def find_backend(session: Session, observer: Observer, *, allow_pooler: bool) -> Backend:
    """The backend of `session`, which is not the one that the session was told.

    Raises PoolerRefused unless it is proven to stay; with `allow_pooler` there is a warning.
    """

    def pid() -> int:
        return int(session.fetch(PID)[0][0])

    reason = unproven(pid, lambda: another(session))
    if reason and not allow_pooler:
        raise PoolerRefused(
            "a connection pooler stands before the server, and it may give one backend to several "
            f"sessions, whose locks are lost then: {reason}",
            hint=POOLER_HINT,
        )
    if reason:
        observer.warning(
            ProjectWarning(
                "pooler",
                f"a connection pooler stands before the server: {reason}",
                hint="--allow-pooler lets it pass: settings of this run may reach other clients",
            )
        )
    return remember(session, Backend(pid(), stays=not reason))


def remember(session: Session, backend: Backend) -> Backend:
    """Note that `backend` serves `session`; returns it."""
    _known[_connection(session)] = backend
    return backend


def require_same_backend(connection: Any, pid: int) -> None:
    """Raise BackendChanged if `connection` is known to stay on its backend and is not there."""
    known = _known.get(connection)
    if known is not None and known.stays and known.pid != pid:
        raise BackendChanged(
            f"the connection that migrates is on backend {pid}, and backend {known.pid} holds the "
            "lock: something between here and the server moved it, or the revision made another "
            "connection of it",
            hint="the revision was rolled back; " + POOLER_HINT,
        )


def _connection(session: Session) -> Any:
    return getattr(session, "connection")  # noqa: B009 - both kinds of session have one
