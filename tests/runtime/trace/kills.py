"""Runs that are killed at a place of their revision, or in the middle of a statement."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cli.commandline import start
from tests.locks.runs import until
from tests.projects import ProjectFiles
from tests.runtime.support import Result, body, modalembic

if TYPE_CHECKING:
    import psycopg

ACTIVE = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
   AND starts_with(query, %s)
"""
OTHERS = """
SELECT count(*) = 0 FROM pg_stat_activity
 WHERE datname = current_database() AND application_name LIKE 'modalembic%'
"""


@dataclass(frozen=True)
class Kills:
    """A project with a revision that dies where a file tells it to."""

    project: ProjectFiles
    url: str
    database: psycopg.Connection[Any]
    order: Path

    def revision(self, text: str) -> str:
        """The body of a revision; `KILL(n)` in a line of its own is a place to die at."""
        lines = [
            "import os, pathlib, signal",
            f"order = pathlib.Path({str(self.order)!r})",
            "def KILL(number):",
            "    if order.exists() and order.read_text() == str(number):",
            "        order.unlink()",
            "        os.kill(os.getpid(), signal.SIGKILL)",
        ]
        return "\n".join((*lines, body(text)))

    def at(self, number: int, *arguments: str) -> None:
        """A run that dies at `KILL(number)`."""
        self.order.write_text(str(number))
        process = self._start(*arguments)
        assert process.wait() == -signal.SIGKILL, process.communicate()
        self._gone(process)

    def within(self, statement: str, *arguments: str) -> int:
        """A run that is killed while a statement that begins so is at work, which something has to
        hold up; the pid of its backend, which may be there still."""
        process = self._start(*arguments)
        pid = until(lambda: self._active(process, statement))
        process.kill()
        self._gone(process)
        return pid

    def all_gone(self) -> None:
        """Wait until no backend of a run is left."""
        until(lambda: self.database.execute(OTHERS).fetchone() == (True,))

    def run(self, *arguments: str) -> Result:
        """A command, in this process."""
        return modalembic(self.project, *arguments, url=self.url)

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        command = arguments or ("upgrade",)
        return start([*command, "--database", self.url], cwd=self.project.root)

    def _active(self, process: subprocess.Popen[str], statement: str) -> int | None:
        assert process.poll() is None, process.communicate()
        row = self.database.execute(ACTIVE, [statement]).fetchone()
        return None if row is None else int(row[0])

    def _gone(self, process: subprocess.Popen[str]) -> None:
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
