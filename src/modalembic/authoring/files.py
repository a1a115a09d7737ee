"""Files as they stand: nothing but what is meant changes, line ends neither."""

from __future__ import annotations

from pathlib import Path


def read_exactly(path: Path) -> str:
    """The text of a file with its own line ends. Bytes that are no UTF-8 survive a round trip
    through `as_bytes`."""
    return as_text(path.read_bytes())


def as_text(content: bytes) -> str:
    """Any bytes as a text that `as_bytes` turns back into them."""
    return content.decode(errors="surrogateescape")


def as_bytes(text: str) -> bytes:
    """A text as the bytes of its file."""
    return text.encode(errors="surrogateescape")


def newline_of(text: str) -> str:
    """What ends the lines of a text."""
    return "\r\n" if "\r\n" in text else "\n"
