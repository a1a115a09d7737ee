"""What is written to stderr has no password in it, whoever writes it: a driver's message, what an
`env.py` prints, a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO


@contextmanager
def scrubbed_stderr(scrub: Callable[[str], str]) -> Iterator[None]:
    """For the block, `scrub` is done to all that is written."""
    stderr = sys.stderr
    sys.stderr = _ScrubbedStream(stderr, scrub)
    try:
        yield
    finally:
        sys.stderr = stderr


class _ScrubbedStream:
    """A stream that is another one in all but what is written."""

    def __init__(self, stream: TextIO, scrub: Callable[[str], str]) -> None:
        self._stream = stream
        self._scrub = scrub

    def write(self, text: str) -> int:
        # Much of what is written is the end of a line.
        self._stream.write(self._scrub(text) if text.strip() else text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
