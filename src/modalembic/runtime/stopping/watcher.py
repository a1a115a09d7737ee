"""The thread that hears that a run is to end, and sees to it."""

from __future__ import annotations

import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module

from modalembic.runtime.stopping import signals
from modalembic.runtime.stopping.press import press
from modalembic.runtime.stopping.stop import INTERRUPTED, Stop, current
from modalembic.runtime.stopping.stopped import stopped

_END = b"\x00"  # no signal has this number
_LOOK = b"\xff"
_JOIN_SECONDS = 1.0
_REASONS = {int(signal.SIGTERM): signals.SIGTERM_WORDS, int(signal.SIGINT): INTERRUPTED}


@contextmanager
def stoppable(timeout: float) -> Iterator[None]:
    """A run that ends on SIGTERM, where the command line has its handler for it, and after
    `timeout` seconds (0: never). Raises RunStopped in place of whatever that brings up."""
    is_command = signals.is_installed()
    if not is_command and timeout <= 0:
        yield
        return
    if not is_command:
        _import_all()
    watcher = _Watcher(timeout, is_command=is_command)
    try:
        with watcher.running(), current(watcher.stop):
            yield
    except BaseException as error:
        if watcher.stop.reason in {None, INTERRUPTED}:
            raise
        raise stopped(watcher.stop, error) from error


def _import_all() -> None:
    """Import what a run does: a program that lives on must not be left with half of SQLAlchemy."""
    for name in (
        "psycopg",
        "sqlalchemy.dialects.postgresql",
        "modalembic.runtime.environment.entering",
    ):
        import_module(name)


class _Watcher:
    """`stop` is told by signals and by the clock; what is at work then is ended."""

    def __init__(self, timeout: float, *, is_command: bool) -> None:
        self._timeout = timeout
        self._is_command = is_command
        self._interrupts = signals.in_main_thread()
        self._lock = threading.Lock()
        self._is_over = False
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self.stop = Stop(lambda: self._tell(_LOOK))

    @contextmanager
    def running(self) -> Iterator[None]:
        """The thread is there for the block."""
        thread = threading.Thread(target=self._watch, name="modalembic-stop", daemon=True)
        with ExitStack() as stack:
            stack.callback(self._close)
            if self._is_command:
                # The byte that it writes reaches the thread while a driver waits in C.
                before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
                stack.callback(signal.set_wakeup_fd, before)
                stack.enter_context(signals.serving(self.stop))
            elif self._interrupts:
                stack.enter_context(signals.borrowed())
            thread.start()
            try:
                yield
            finally:
                with self._lock:
                    self._is_over = True
                self._tell(_END)
                thread.join(_JOIN_SECONDS)

    def _tell(self, word: bytes) -> None:
        with suppress(OSError):
            self._writer.send(word)

    def _close(self) -> None:
        self._writer.close()
        self._reader.close()

    def _watch(self) -> None:
        end = time.monotonic() + self._timeout if self._timeout > 0 else None
        while self.stop.reason is None:
            left = None if end is None else max(0.0, end - time.monotonic())
            if not self._hear(left):
                return
        # Work that begins now ends by itself: it asks whether it is wanted.
        work = self.stop.work
        if work is not None:
            press(work)
            if not work.over.is_set():
                self._interrupt()

    def _hear(self, seconds: float | None) -> bool:
        """Wait for a word; false when it is the last one."""
        if not select.select([self._reader], [], [], seconds)[0]:
            self.stop.ask(f"--timeout ({self._timeout:g} s)")
            self._interrupt()
            return True
        words = self._reader.recv(64)
        for number in words:
            if number in _REASONS:
                self.stop.ask(_REASONS[number])
        return bool(words) and _END not in words

    def _interrupt(self) -> None:
        with self._lock:
            if self._interrupts and not self._is_over:
                signals.interrupt_main()
