"""Programs as processes of their own, at a tenth of the price; see `zygote_program.py`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.cli.commandline import Outcome

PROGRAM = Path(__file__).with_name("zygote_program.py")
PATIENCE_SECONDS = 120.0


class Started:
    """A process that runs."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self.pid = pid
        self._zygote = zygote

    def finish(self) -> Outcome:
        """What it left; the code is negative where a signal ended it."""
        return self._zygote.finish()


class Zygote:
    """Runs one process at a time. Used as a context manager."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._out, self._err = directory / "out", directory / "err"
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=directory,
        )
        self._pid: int | None = None

    def __enter__(self) -> Self:
        try:
            assert self._answer() == {"ready": True}
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()

    def start(
        self,
        *arguments: str,
        cwd: Path,
        environ: Mapping[str, str] | None = None,
        program: str = "modalembic",
    ) -> Started:
        """Start `PROGRAM ARGUMENTS` in `cwd`."""
        assert self._process.stdin is not None
        request = {
            "program": program,
            "arguments": arguments,
            "cwd": str(cwd),
            "environ": dict(environ or {}),
            "out": str(self._out),
            "err": str(self._err),
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        self._pid = int(self._answer()["pid"])
        return Started(self, self._pid)

    def run(self, *arguments: str, **options: Any) -> Outcome:
        """Start it, and wait for its end."""
        return self.start(*arguments, **options).finish()

    def finish(self) -> Outcome:
        """What the process that runs leaves."""
        with _hurried(self._pid):
            code = int(self._answer()["code"])
        self._pid = None
        return Outcome(code, self._out.read_text(), self._err.read_text())

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process to fork from has ended"
        return dict(json.loads(line))


def _abort(pid: int | None) -> None:
    if pid is not None:
        os.kill(pid, signal.SIGABRT)


@contextmanager
def _hurried(pid: int | None) -> Iterator[None]:
    """A process that hangs is ended, so that its test fails and says where it was."""
    timer = threading.Timer(PATIENCE_SECONDS, _abort, [pid])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
