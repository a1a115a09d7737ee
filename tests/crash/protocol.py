"""Messages of the PostgreSQL protocol, version 3: where one ends, and which wait for an answer.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

# An untyped message that begins with one of these asks for encryption; it gets one byte.
ENCRYPTION_REQUESTS = {80877103: "SSL", 80877104: "GSSENC"}
STARTUP = "startup"
# Simple query, sync, password or SASL, end of a COPY: the client waits after each of them.
ASKING = frozenset({STARTUP, "Q", "S", "p", "c", "f"})
# Ready for the next query, or for the data of a COPY.
ENDS_OF_ANSWERS = frozenset(b"ZGW")
# Authentication goes on: the client is asked for something.
AUTHENTICATION = ord("R")
AUTHENTICATED = struct.pack("!i", 0)
BACKEND_KEY = ord("K")


class Frames:
    """Takes a stream of bytes apart into whole messages. A client's first one has no type."""

    def __init__(self, *, typed: bool) -> None:
        self._buffer = b""
        self._typed = typed

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete now."""
        self._buffer += data
        while (size := self._size()) is not None and len(self._buffer) >= size:
            message, self._buffer = self._buffer[:size], self._buffer[size:]
            # After a request for encryption the startup message is still to come.
            self._typed = self._typed or encryption_wanted(message) is None
            yield message

    def _size(self) -> int | None:
        start = 1 if self._typed else 0
        if len(self._buffer) < start + 4:
            return None
        (size,) = struct.unpack_from("!i", self._buffer, start)
        return int(start + size)


def encryption_wanted(message: bytes) -> str | None:
    """Which encryption an untyped message asks for, if it does."""
    if len(message) != 8:
        return None
    return ENCRYPTION_REQUESTS.get(struct.unpack_from("!i", message, 4)[0])


def kind(message: bytes, *, first: bool) -> str:
    """A client's message: its letter, or `startup` for the first."""
    return STARTUP if first else chr(message[0])


def text(message: bytes, letter: str) -> str:
    """What a message of this kind says: the statement of a query, else the kind."""
    if letter == "Q":
        return message[5:-1].decode(errors="replace")
    if letter == "P":
        return message[5:].split(b"\0")[1].decode(errors="replace")
    return letter


def ends_answer(message: bytes) -> bool:
    """Whether a server's message is the last before it waits for the client."""
    if message[0] == AUTHENTICATION:
        return message[5:9] not in {AUTHENTICATED, struct.pack("!i", 12)}  # SASL's last word
    return message[0] in ENDS_OF_ANSWERS
