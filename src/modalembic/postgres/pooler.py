"""Whether a session keeps its backend, or a pooler lends it one for each transaction.

A lock of a session belongs to its backend. PgBouncer in transaction mode gives the backend to the
next client as soon as a transaction ends, and the lock with it: whoever asks for the lock next may
be told that it is his, and whoever gives it back may not find it any more.

A server tells each connection the pid of its backend. A pooler tells one that it made up, in any
mode; so a difference says that there is one, and not in which mode.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, LiteralString, Protocol

OTHERS = 3
PATIENCE_SECONDS = 5.0
PID: LiteralString = "SELECT pg_catalog.pg_backend_pid()"
_LAST_USED: LiteralString = (
    "SELECT state, state_change FROM pg_catalog.pg_stat_activity WHERE pid = {pid}"
)


class Other(Protocol):
    """Another connection, made as the one in question was, in no transaction."""

    def ask(self, statement: str) -> Sequence[Any]:
        """The row that a statement gives. It begins a transaction, which stays open."""

    def end(self) -> None:
        """End the transaction."""

    def cut(self) -> None:
        """Break the connection, from any thread."""


def unproven(mine: Callable[[], int], another: Callable[[], AbstractContextManager[Other]]) -> str:
    """Why a session cannot be relied on to keep its backend; empty where it can.

    `mine` gives the pid of the backend that serves the session, in a transaction of its own;
    `another` makes another connection in the same way. Several are made: a pooler may be several
    processes, which share no backend, and two of four meet in one of them if there are up to three.
    """
    patience = _Patience()
    try:
        with ExitStack() as stack, patience:
            others = []
            for _ in range(OTHERS):
                others.append(stack.enter_context(another()))
                patience.connections.append(others[-1])
            reason = _at_rest(mine, others) or _held(mine, others)
    except Exception as error:  # noqa: BLE001 - each driver has its own
        text = str(error).strip() or type(error).__name__
        reason = f"the attempt to find out failed: {text.splitlines()[0]}"
    return _TOO_FEW if patience.is_over else reason


_TOO_FEW = (
    f"it had no {OTHERS} more backends within {PATIENCE_SECONDS:g} s to compare with (is its pool "
    "that small, or exhausted?)"
)


def _at_rest(mine: Callable[[], int], others: Sequence[Other]) -> str:
    """Connections that are open at once, and in no transaction, have a backend each, or not."""
    pids = [mine()]
    for other in others:
        pids.append(int(other.ask(PID)[0]))
        other.end()
    if len(set(pids)) == len(pids):
        return ""
    return "it gave one backend to two connections that were open at once: it pools transactions"


def _held(mine: Callable[[], int], others: Sequence[Other]) -> str:
    """While others have transactions open, the session stays where it is, or not; and nobody else
    is served by its backend in the meantime."""
    pid = mine()
    before = tuple(others[0].ask(_LAST_USED.format(pid=pid)))
    for other in others[1:]:
        other.ask(PID)
    # Not the one that looked before: a transaction goes on seeing what it saw first.
    after = tuple(others[-1].ask(_LAST_USED.format(pid=pid)))
    if before != after:
        return f"its backend {pid} worked for somebody else in between: it pools transactions"
    now = mine()
    if now == pid:
        return ""
    return (
        f"it moved the session from backend {pid} to {now} while other connections had "
        "transactions open: it pools transactions"
    )


class _Patience:
    """Breaks its `connections` when it is over: where a pooler has no backend to give, it lets its
    clients wait."""

    def __init__(self) -> None:
        self.connections: list[Other] = []
        self.is_over = False
        self._timer = threading.Timer(PATIENCE_SECONDS, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        for connection in tuple(self.connections):
            connection.cut()
