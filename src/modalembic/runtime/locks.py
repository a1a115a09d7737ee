"""The two locks of a run.

The first, on a connection of its own, keeps other runs out while state is read, the plan made and
`env.py` at work. It is free the moment the client dies, while the dead run's backend may still be
busy with its last statement; the second, on the connection that migrates, is not. Neither is held
by a transaction, and nobody waits for either inside the server: both would block
`CREATE INDEX CONCURRENTLY`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from modalembic.postgres.lock import HOLDER, TRY_LOCK, UNLOCK, Holder, lock_key, wait_for_lock
from modalembic.runtime.options import Observer
from modalembic.runtime.session import Session
from modalembic.runtime.version_table import VersionTable

_HELD_BY = """
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_locks
     WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid = {pid}
       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
       AND (classid::bigint << 32) | objid::bigint = {key})
"""


def run_key(table: VersionTable) -> int:
    """The key of the lock that keeps other runs away from `table`."""
    return lock_key(table.schema, table.name, "run")


def work_key(table: VersionTable) -> int:
    """The key of the lock that the migrating connection holds."""
    return lock_key(table.schema, table.name, "work")


@contextmanager
def locked(session: Session, key: int, *, wait: float, observer: Observer) -> Iterator[int]:
    """Hold the session lock `key` for the block; gives the backend's pid.

    Raises LockNotAcquired, naming the holder, when it is not free within `wait` seconds.
    """
    wait_for_lock(
        lambda: bool(session.fetch(TRY_LOCK.format(key=key))[0][0]),
        lambda: _holder(session, key),
        wait_seconds=wait,
        on_wait=observer.waiting,
    )
    try:
        yield int(session.fetch("SELECT pg_backend_pid()")[0][0])
    finally:
        # A connection that is gone has given the lock back by itself.
        with suppress(Exception):
            session.fetch(UNLOCK.format(key=key))


def sees_lock(session: Session, key: int, pid: int) -> bool:
    """Whether `session` sees the backend `pid` hold `key` in its own database. It does exactly when
    both are in one database of one server."""
    return bool(session.fetch(_HELD_BY.format(pid=pid, key=key))[0][0])


def _holder(session: Session, key: int) -> Holder | None:
    rows = session.fetch(HOLDER.format(key=key))
    return Holder(*rows[0]) if rows else None
