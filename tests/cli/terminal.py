"""A command on a terminal of its own."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROWS = 50
PATIENCE_SECONDS = 60
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Shown:
    """What a command wrote to its terminal, and how it ended."""

    code: int
    drawn: str

    @property
    def text(self) -> str:
        """All that was ever drawn, without control sequences."""
        return CONTROL.sub("", self.drawn).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def on_terminal(
    arguments: Sequence[str],
    *,
    cwd: Path,
    columns: int = 80,
    environ: Mapping[str, str] | None = None,
    typed: str = "",
) -> Shown:
    """Run a command whose stdout and stderr are a terminal, on which somebody types ahead."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        given = {**os.environ, "TERM": "xterm-256color", **(environ or {})}
        given.pop("COLUMNS", None)
        process = subprocess.Popen(
            [sys.executable, "-m", "modalembic", *arguments],
            cwd=cwd,
            env=given,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        os.write(ours, typed.encode())
        drawn = _read(ours)
        return Shown(process.wait(timeout=PATIENCE_SECONDS), drawn)
    finally:
        os.close(ours)


def _read(terminal: int) -> str:
    """Everything up to the moment when nobody has the other end open any more."""
    parts: list[bytes] = []
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # what Linux says at the end
                raise
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()
