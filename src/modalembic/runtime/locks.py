"""The two locks of a run.

The first, on a connection of its own, keeps other runs out while state is read, the plan made and
`env.py` at work. It is free the moment the client dies, while the dead run's backend may still be
busy with its last statement; the second, on the connection that migrates, is not. Neither is held
by a transaction, and nobody waits for either inside the server: both would block
`CREATE INDEX CONCURRENTLY`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from modalembic.errors import PoolerRefused
from modalembic.postgres.lock import HOLDER, UNLOCK, Holder, lock_key, wait_for_lock
from modalembic.runtime.connection.backend import (
    POOLER_HINT,
    Backend,
    backend_of,
    find_backend,
    remember,
)
from modalembic.runtime.connection.second import Second, another
from modalembic.runtime.connection.session import Session
from modalembic.runtime.options import Observer, Settled
from modalembic.runtime.stopping.stop import require_wanted
from modalembic.runtime.tables.version import VersionTable

_HELD_BY = """
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_locks
     WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid = {pid}
       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
       AND (classid::bigint << 32) | objid::bigint = {key})
"""
# Only on the backend that is known to stay: a lock that is taken on another one cannot be given
# back. One statement, so that to know costs nothing.
_TRY_HERE = """
SELECT CASE WHEN pg_catalog.pg_backend_pid() = {pid}
            THEN pg_catalog.pg_try_advisory_lock({key}) END
"""
# The transaction is idle until the run ends, whatever a role's timeouts say.
_TRY_IN_TRANSACTION = """
SELECT pg_catalog.pg_try_advisory_xact_lock({key}), pg_catalog.pg_backend_pid(),
       (SELECT count(pg_catalog.set_config(name, '0', true)) FROM pg_catalog.pg_settings
         WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout'))
"""


def run_key(table: VersionTable) -> int:
    """The key of the lock that keeps other runs away from `table`."""
    return lock_key(table.schema, table.name, "run")


def work_key(table: VersionTable) -> int:
    """The key of the lock that the migrating connection holds."""
    return lock_key(table.schema, table.name, "work")


@contextmanager
def locked(
    session: Session, key: int, *, wait: float, observer: Observer, allow_pooler: bool = False
) -> Iterator[int]:
    """Hold the lock `key` for the block; gives the pid of the backend that holds it.

    Raises LockNotAcquired, naming the holder, when it is not free within `wait` seconds, and
    PoolerRefused where a pooler may give the backend of `session` to others. With `allow_pooler`
    the lock is then held by a transaction, on a connection that is made for it: a transaction keeps
    its backend in every mode but that of statements.
    """
    lock = _Lock(session, key, wait, observer)
    backend = lock.backend(allow_pooler=allow_pooler)
    with lock.by_session(backend) if backend.stays else lock.by_transaction() as pid:
        yield pid


@contextmanager
def both_locks(
    session: Session, table: VersionTable, options: Settled, observer: Observer
) -> Iterator[None]:
    """Hold both locks of `table` on one connection, for what is done without entering `env.py`.
    Raises as `locked` does."""
    wait, allow_pooler = options.lock_wait, options.allow_pooler
    with (
        locked(session, run_key(table), wait=wait, observer=observer, allow_pooler=allow_pooler),
        locked(session, work_key(table), wait=wait, observer=observer, allow_pooler=allow_pooler),
    ):
        yield


class _Lock:
    def __init__(self, session: Session, key: int, wait: float, observer: Observer) -> None:
        self._session = session
        self._key = key
        self._seconds = wait
        self._observer = observer
        self._is_held = False

    def backend(self, *, allow_pooler: bool) -> Backend:
        """The backend that is to hold the lock. If it is the one that the session was told, it
        holds the lock already, where that is free."""
        presumed = backend_of(self._session)
        if presumed is not None and not presumed.stays:
            return presumed
        taken = None if presumed is None else self._try(presumed)
        if presumed is None or taken is None:
            return find_backend(self._session, self._observer, allow_pooler=allow_pooler)
        self._is_held = taken
        return remember(self._session, presumed)

    @contextmanager
    def by_session(self, backend: Backend) -> Iterator[int]:
        if not self._is_held:
            self._wait(lambda: self._still_there(backend))
        try:
            yield backend.pid
        finally:
            # A connection that is gone has given the lock back by itself.
            with suppress(Exception):
                self._session.fetch(UNLOCK.format(key=self._key))

    @contextmanager
    def by_transaction(self) -> Iterator[int]:
        pids: list[int] = []

        def try_once(second: Second) -> bool:
            taken, pid, _ = second.ask(_TRY_IN_TRANSACTION.format(key=self._key))
            pids.append(int(pid))
            if not taken:
                # Whoever waits holds no backend meanwhile: there may be few.
                second.end()
            return bool(taken)

        with another(self._session) as second:
            self._wait(lambda: try_once(second))
            yield pids[-1]

    def _try(self, backend: Backend) -> bool | None:
        statement = _TRY_HERE.format(key=self._key, pid=backend.pid)
        taken: bool | None = self._session.fetch(statement)[0][0]
        return taken

    def _still_there(self, backend: Backend) -> bool:
        taken = self._try(backend)
        if taken is None:
            raise PoolerRefused(
                f"the connection is no longer on its backend {backend.pid}: a pooler gives each "
                "transaction another one, and a lock of the session is lost",
                hint=POOLER_HINT,
            )
        return taken

    def _wait(self, try_once: Callable[[], bool]) -> None:
        def wanted() -> bool:
            require_wanted()
            return try_once()

        wait_for_lock(
            wanted,
            lambda: holder_of(self._session, self._key),
            wait_seconds=self._seconds,
            on_wait=self._observer.waiting,
        )


def sees_lock(session: Session, key: int, pid: int) -> bool:
    """Whether `session` sees the backend `pid` hold `key` in its own database. It does exactly when
    both are in one database of one server."""
    return bool(session.fetch(_HELD_BY.format(pid=pid, key=key))[0][0])


def holder_of(session: Session, key: int) -> Holder | None:
    """Who holds the lock `key` in the database of `session`; None where nobody does."""
    rows = session.fetch(HOLDER.format(key=key))
    return Holder(*rows[0]) if rows else None
