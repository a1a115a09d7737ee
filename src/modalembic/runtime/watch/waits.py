"""Sees what a statement waits for, from a second connection.

The backend that waits cannot tell, and afterwards nobody can. So a statement that takes long is
looked at from outside as long as it takes; as all but a few are through before that, most runs make
no second connection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from modalembic.runtime.connection.second import Second, elsewhere
from modalembic.runtime.connection.session import Session

PATIENCE = 0.25  # seconds that a statement takes before it is looked at
_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_LONGEST_END = 1.0
# A backend waits for one lock at a time.
_WAITS = """
SELECT relation, mode FROM pg_catalog.pg_locks
 WHERE pid = {pid} AND locktype = 'relation' AND NOT granted
"""


class Waits:
    """Looks at the statements of `session`, whose backend has a `pid`, in a thread of its own.

    `seen` has when each lock (a relation's oid, and the mode) was last seen to be waited for, as
    `time.perf_counter` has it: it was granted later than that.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._began: float | None = None
        self._ended = threading.Event()
        self.seen: dict[tuple[int, str], float] = {}

    @contextmanager
    def watching(self, pid: int) -> Iterator[None]:
        """Look for the length of the block."""
        thread = threading.Thread(target=self._wait, args=(pid,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            # It may be about to connect, which nobody has to wait for.
            thread.join(_LONGEST_END)

    def begin(self) -> None:
        """A statement begins."""
        self._began = time.perf_counter()

    def end(self) -> None:
        """It has ended."""
        self._began = None

    def _wait(self, pid: int) -> None:
        """Until there is a statement to look at."""
        while not self._ended.wait(PATIENCE / 2):
            if self._takes_long():
                # Without a second connection the waits count as held.
                with suppress(Exception):
                    elsewhere(self._session, lambda second: self._look(second, pid))
                return

    def _takes_long(self) -> bool:
        began = self._began
        return began is not None and time.perf_counter() - began > PATIENCE

    def _look(self, second: Second, pid: int) -> None:
        pause = 0.0
        while not self._ended.wait(pause):
            if not self._takes_long():
                pause = PATIENCE / 2
                continue
            asked = time.perf_counter()
            waits = second.ask(_WAITS.format(pid=pid))
            second.end()
            if waits:
                self.seen[int(waits[0]), str(waits[1])] = asked
            pause = _PAUSE if waits else min(max(pause, _PAUSE) * 2, _LONGEST_PAUSE)
