"""Files as they stand: nothing but what is meant changes, line ends neither."""

from __future__ import annotations

from pathlib import Path


def read_exactly(path: Path) -> str:
    """The text of a file with its own line ends."""
    return path.read_bytes().decode()


def write_exactly(path: Path, text: str) -> None:
    """Write a text with its own line ends."""
    path.write_bytes(text.encode())


def newline_of(text: str) -> str:
    """What ends the lines of a text."""
    return "\r\n" if "\r\n" in text else "\n"
