"""Locks on files that the kernel gives back when a process ends, however it ends (flock)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.005


@contextmanager
def held(path: Path, *, shared: bool = False, created: Callable[[Path], object]) -> Iterator[None]:
    """Waits for the lock on `path`, creates the file if it is missing, holds the lock inside.

    `created` is called with the path of a file that was just made (to hand it to its owner).
    """
    descriptor = acquire(path, shared=shared, created=created)
    try:
        yield
    finally:
        release(descriptor)


def acquire(path: Path, *, shared: bool, created: Callable[[Path], object]) -> int:
    """The descriptor that holds the lock, until `release` or the end of the process."""
    import fcntl

    while True:
        descriptor = _open(path, created)
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        # Whoever held the lock before may have removed the file: then the lock is on nothing.
        if _is_at(descriptor, path):
            return descriptor
        os.close(descriptor)


def release(descriptor: int) -> None:
    """Gives the lock back, also on behalf of forked children that inherited the descriptor."""
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def is_free(path: Path, *, for_sharing: bool = False) -> bool:
    """Whether the lock could be had at this moment; a file that is not there is free."""
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if for_sharing else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def poll(condition: Callable[[], bool], seconds: float) -> bool:
    """Waits until `condition()` holds, for `seconds` at most. Returns whether it did."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _open(path: Path, created: Callable[[Path], object]) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    created(path)
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
