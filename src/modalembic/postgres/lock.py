"""The advisory lock that lets one run at a time work on a version table.

It is polled for and never waited for inside the server: a backend that waits in
`pg_advisory_lock` has a snapshot, and the holder's `CREATE INDEX CONCURRENTLY` waits for it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from modalembic.errors import LockNotAcquired

# `{key}` is replaced by an int of our own making, never by text: see `lock_key`.
TRY_LOCK: LiteralString = "SELECT pg_catalog.pg_try_advisory_lock({key})"
UNLOCK: LiteralString = "SELECT pg_catalog.pg_advisory_unlock({key})"
# A 64-bit key stands in pg_locks as two unsigned halves, with objsubid 1:
# https://www.postgresql.org/docs/current/view-pg-locks.html
# Without pg_read_all_stats another role's row in pg_stat_activity is there, but its text is null.
HOLDER: LiteralString = """
SELECT locks.pid, activity.application_name, activity.usename,
       COALESCE(host(activity.client_addr), 'local'), activity.backend_start
  FROM pg_catalog.pg_locks AS locks
  LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = locks.pid
 WHERE locks.locktype = 'advisory'
   AND locks.granted
   AND locks.objsubid = 1
   AND locks.database = (SELECT oid FROM pg_catalog.pg_database
                          WHERE datname = pg_catalog.current_database())
   AND (CAST(locks.classid AS bigint) << 32) | CAST(locks.objid AS bigint) = {key}
 ORDER BY locks.pid
 LIMIT 1
"""

FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5
GROWTH = 1.5
SECONDS_BETWEEN_REPORTS = 10.0


@dataclass(frozen=True)
class Holder:
    """The session that holds a lock. `since` is when it connected: Postgres does not record when
    a lock was granted, and modalembic locks as soon as it has connected."""

    pid: int
    application_name: str | None
    user: str | None
    client: str | None
    since: datetime | None

    def __str__(self) -> str:
        words = [f"pid {self.pid}"]
        words += [f"application {self.application_name}"] if self.application_name else []
        words += [f"user {self.user}"] if self.user else []
        words += [f"from {self.client}"] if self.client and self.client != "local" else []
        words += [f"since {self.since:%Y-%m-%d %H:%M:%S %Z}".rstrip()] if self.since else []
        return ", ".join(words)


def lock_key(schema: str, table: str, purpose: str) -> int:
    """The key, a signed 64-bit number, for `purpose` on one version table.

    The same on every machine and in every release: two versions of modalembic that run at once
    have to meet at one lock. The parts' lengths keep ("a", "bc") and ("ab", "c") apart.
    """
    parts = ("modalembic", schema, table, purpose)
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def wait_for_lock(
    try_once: Callable[[], bool],
    who_holds: Callable[[], Holder | None],
    *,
    wait_seconds: float,
    on_wait: Callable[[Holder | None, float], None],
) -> None:
    """Returns as soon as `try_once` has the lock; tries once only if `wait_seconds` is 0.

    `on_wait` gets the holder and the seconds waited so far, at once and then every ten seconds.
    Raises LockNotAcquired, which names the holder. Pauses grow from 20 ms to half a second, with
    jitter, so that many waiters neither burden the server nor keep in step.
    """
    import random

    start = time.monotonic()
    next_report = 0.0
    pause = FIRST_PAUSE
    while not try_once():
        waited = time.monotonic() - start
        if waited >= wait_seconds:
            raise _not_acquired(who_holds(), wait_seconds)
        if waited >= next_report:
            on_wait(who_holds(), waited)
            next_report = waited + SECONDS_BETWEEN_REPORTS
        time.sleep(min(pause * random.uniform(0.5, 1.0), wait_seconds - waited))  # noqa: S311
        pause = min(pause * GROWTH, LONGEST_PAUSE)


def _not_acquired(who: Holder | None, wait_seconds: float) -> LockNotAcquired:
    if who is None:
        return LockNotAcquired(
            f"the lock was held by others for {wait_seconds:g} s, though by nobody just now",
            hint="run it again, or wait longer: --lock-wait SECONDS",
        )
    return LockNotAcquired(
        f"another run holds the lock ({who}); it was not free within {wait_seconds:g} s",
        hint="wait longer: --lock-wait SECONDS; or, if that run is dead: "
        f"SELECT pg_terminate_backend({who.pid})",
    )
