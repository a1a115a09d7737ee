"""Keeps the one CONCURRENTLY statement that others may queue behind from waiting for long.

`ALTER TABLE … DETACH PARTITION … CONCURRENTLY` has to wait for transactions of any length, so that
`lock_timeout` is off for it; but at its end it waits for an ACCESS EXCLUSIVE lock on the partition,
and whoever uses the partition by its own name from then on waits behind it. A second session looks
at what the statement waits for, and cancels it when that has taken as long as `lock_timeout`. What
is left is a partition that is about to be detached, and `FINALIZE` goes on from there; the same
statement with `lock_timeout` would leave it so after every transaction that is longer than that.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from modalembic.runtime.applied import MODES
from modalembic.runtime.connection.second import Second, elsewhere
from modalembic.runtime.connection.session import Session

_LONGEST_PAUSE = 0.25
# In one statement: what was granted in the meantime is not cancelled.
_CANCEL = """
SELECT pg_catalog.pg_cancel_backend(l.pid)
  FROM pg_catalog.pg_locks AS l
 WHERE l.pid = {pid} AND l.locktype = 'relation' AND NOT l.granted
   AND l.mode IN ({modes})
   AND l.waitstart < pg_catalog.clock_timestamp() - {seconds} * interval '1 second'
"""
_MODES = ", ".join(f"'{mode}'" for mode in MODES)


class Sentry:
    """Watches statements of `session` from a connection of its own."""

    def __init__(self, session: Session, lock_timeout: float) -> None:
        self._session = session
        self._lock_timeout = lock_timeout
        self._pause = min(lock_timeout / 4, _LONGEST_PAUSE)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> bool:
        """Watch the statement that the backend `pid` is about to run. False where there is no
        second connection to be had."""
        self._ended.clear()
        known, watches = threading.Event(), []

        def watch(second: Second) -> None:
            second.ask("SELECT 1")
            watches.append(True)
            known.set()
            self._watch(second, pid)

        def work() -> None:
            with suppress(Exception):
                elsewhere(self._session, watch)
            known.set()

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()
        known.wait()
        return bool(watches)

    def stop(self) -> None:
        """The statement has ended. What comes after it is safe from being cancelled."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self, second: Second, pid: int) -> None:
        cancel = _CANCEL.format(pid=pid, modes=_MODES, seconds=self._lock_timeout)
        while True:
            second.end()
            if self._ended.wait(self._pause):
                return
            second.ask(cancel)
