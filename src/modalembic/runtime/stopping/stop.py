"""What a run is at, and whether it has been asked to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modalembic.errors import RunStopped
from modalembic.runtime.connection.backend import backend_of

if TYPE_CHECKING:
    from modalembic.history.plan import Step
    from modalembic.postgres.url import DatabaseURL
    from modalembic.runtime.connection.session import Session

LONGEST_WAIT = 2.0
INTERRUPTED = "Ctrl-C"


@dataclass(frozen=True)
class Work:
    """The session that migrates, and the pid of its backend; None where that changes. `over` is set
    when it is done."""

    session: Session
    pid: int | None
    over: threading.Event = field(default_factory=threading.Event)
    # Held while something is done to the backend: afterwards it may be somebody else's.
    grip: threading.Lock = field(default_factory=threading.Lock)


class Stop:
    """A run that may be asked to end. `reason` is what asked first, as a phrase."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self.reason: str | None = None
        self.work: Work | None = None
        self.step: Step | None = None
        self.is_transactional: Callable[[], bool] = bool
        self.done: Sequence[object] = ()
        self.database: str | None = None

    def ask(self, reason: str) -> None:
        """Ask the run to end. From any thread, and from a signal handler."""
        if self.reason is None:
            self.reason = reason
        self._wake()

    @contextmanager
    def working(self, session: Session, pid: int | None) -> Iterator[None]:
        """For the block, `session` is at work, on the backend `pid`."""
        self.work = work = Work(session, pid)
        try:
            yield
        finally:
            self.work = None
            try:
                # Nothing is done to the backend any more once this returns.
                is_held = work.grip.acquire(timeout=LONGEST_WAIT)
            finally:
                work.over.set()
            if is_held:
                work.grip.release()


_current: ContextVar[Stop | None] = ContextVar("stop", default=None)


@contextmanager
def current(stop: Stop) -> Iterator[None]:
    """For the block, `stop` is the one of the run."""
    token = _current.set(stop)
    try:
        yield
    finally:
        # An environment that is asynchronous may leave in another context than it came in.
        with suppress(ValueError):
            _current.reset(token)


def is_wanted() -> bool:
    """Whether the run, if there is one, has not been asked to end."""
    stop = _current.get()
    return stop is None or stop.reason is None


def require_wanted() -> None:
    """Raise RunStopped if the run has been asked to end."""
    stop = _current.get()
    if stop is not None and stop.reason is not None:
        raise RunStopped(stop.reason)


@contextmanager
def attended(
    step: Step, done: Sequence[object], is_transactional: Callable[[], bool]
) -> Iterator[None]:
    """`step` is at work in the block, after those that are `done`. Raises RunStopped if the run has
    been asked to end."""
    require_wanted()
    stop = _current.get()
    if stop is not None:
        stop.step, stop.done, stop.is_transactional = step, done, is_transactional
    yield
    if stop is not None:
        stop.step = None


@contextmanager
def working(session: Session) -> Iterator[None]:
    """`session`, which holds its lock, migrates for as long as the block lasts."""
    stop = _current.get()
    if stop is None:
        yield
        return
    backend = backend_of(session)
    with stop.working(session, backend.pid if backend is not None and backend.stays else None):
        require_wanted()
        yield


def note_database(url: DatabaseURL | None) -> None:
    """The database that the run works on; None where only `env.py` knows it."""
    stop = _current.get()
    if stop is not None and url is not None:
        stop.database = url.safe
