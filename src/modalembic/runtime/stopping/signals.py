"""SIGTERM, as the command line has it. Nothing of this imports what costs time."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

SIGTERM_WORDS = "SIGTERM"


class Terminated(KeyboardInterrupt):
    """SIGTERM, as an exception. It is a KeyboardInterrupt because drivers know that one: psycopg
    cancels the statement at work, and leaves its connection in order."""


class _Asked(Protocol):
    def ask(self, reason: str) -> None: ...


class _State:
    """The run in the main thread of this process; whether the next SIGTERM is to interrupt it: the
    first one has, and what cleans up after that must not be; and whether one of our own is on its
    way. That is set by the thread that sends it and taken back by the handler, in the main thread.
    """

    run: _Asked | None = None
    is_armed = True
    is_own = False


def on_sigterm(_number: int, _frame: FrameType | None) -> None:
    """The handler for SIGTERM: ends the command, as Ctrl-C does."""
    _State.is_own = False
    if _State.run is not None:
        _State.run.ask(SIGTERM_WORDS)
    if _State.is_armed:
        _State.is_armed = False
        raise Terminated


def in_main_thread() -> bool:
    """Whether this thread is the one that signals interrupt."""
    return threading.current_thread() is threading.main_thread()


def is_installed() -> bool:
    """Whether this is the main thread, and SIGTERM means `on_sigterm`."""
    return in_main_thread() and signal.getsignal(signal.SIGTERM) is on_sigterm


@contextmanager
def serving(run: _Asked) -> Iterator[None]:
    """SIGTERM is for `run` as long as the block lasts."""
    _State.run = run
    _State.is_armed, _State.is_own = True, False
    try:
        yield
    finally:
        _State.run = None


def interrupt_main() -> None:
    """Interrupt the main thread, even if it has been interrupted before. From one other thread."""
    # Two on their way would be one to the handler that comes first, and the application's to the
    # next.
    thread = threading.main_thread().ident
    if thread is not None and not _State.is_own:
        _State.is_armed = _State.is_own = True
        signal.pthread_kill(thread, signal.SIGTERM)


@contextmanager
def borrowed() -> Iterator[None]:
    """`interrupt_main` works in the block, in a program that has its own way with SIGTERM: any
    other SIGTERM goes on meaning what it did."""
    before = signal.getsignal(signal.SIGTERM)

    def handler(number: int, frame: FrameType | None) -> None:
        if _State.is_own:
            _State.is_own = False
            raise Terminated
        if callable(before):
            before(number, frame)
        elif before is signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    _State.is_own = False
    signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
