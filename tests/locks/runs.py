"""Runs in processes of their own, and what the database knows of them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tests.cli.commandline import start
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
SLEEPS = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
   AND query LIKE '%pg_sleep%'
"""
# A revision that sleeps for as long as the table of naps says, so that a test can let the next one
# go on without.
NAP = 'op.execute("SELECT pg_sleep(seconds) FROM naps")'


@dataclass(frozen=True)
class Runs:
    """Starts `modalembic upgrade` on one database."""

    project: ProjectFiles
    url: str
    database: psycopg.Connection[Any]

    def start(self, *arguments: str, command: str = "upgrade") -> subprocess.Popen[str]:
        """A run, and whatever it is told besides the command and the database."""
        return start([command, "--database", self.url, *arguments], cwd=self.project.root)

    def let_revisions_sleep(self, seconds: float) -> None:
        """How long `NAP` takes."""
        self.database.execute("CREATE TABLE IF NOT EXISTS naps (seconds float)")
        self.database.execute("DELETE FROM naps")
        self.database.execute("INSERT INTO naps VALUES (%s)", [seconds])

    def sleeper(self) -> int:
        """The pid of the backend that is in the middle of a revision, as soon as there is one."""
        return int(until(lambda: self.database.execute(SLEEPS).fetchone())[0])

    def line(self, process: subprocess.Popen[str], words: str) -> str:
        """The first line of the run's stderr that has `words`, as soon as it is written."""
        assert process.stderr is not None
        heard = []
        for line in process.stderr:
            if words in line:
                return line
            heard.append(line)
        raise AssertionError(f"the run ended without saying {words!r}: {''.join(heard)}")


def until(question: Callable[[], T | None]) -> T:
    """The answer to `question`, as soon as there is one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
