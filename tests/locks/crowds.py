"""Many runs at once on one database, of newer and older trees of one project, some of them killed.

Every revision notes in a file that it is at work, in which process, before it does anything; and in
the database, in its own transaction, that it has run. So what a killed run had begun is in the file
only, and what has been committed is counted in the database.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cli.commandline import Outcome, finish, start
from tests.locks.runs import PATIENCE_SECONDS
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg

MODULES = ("core", "billing", "orders", "reports", "search")
PER_MODULE = 4
NAP_SECONDS = 0.15


@dataclass(frozen=True)
class Trees:
    """One project as it is, and as it was: `older` lacks the last revision of each module, `oldest`
    a whole module too."""

    newest: ProjectFiles
    older: ProjectFiles
    oldest: ProjectFiles
    log: Path

    @property
    def revisions(self) -> list[str]:
        """The ids of all revisions."""
        return [f"{module}{n}" for module in MODULES for n in range(PER_MODULE)]


def trees(directory: Path) -> Trees:
    """Three trees of one project below `directory`."""
    log = directory / "at work"
    log.touch()
    newest = ProjectFiles(directory / "newest").configure()
    for place, name in enumerate(MODULES):
        module = newest.module(name, requires=list(MODULES[:place][-1:]))
        for number in range(PER_MODULE):
            id_ = f"{name}{number}"
            before = f"{name}{number - 1}" if number else None
            needs = f"{MODULES[place - 1]}{number}" if place else None
            module.revision(id_, down=before, depends_on=needs, upgrade=_body(id_, log))
    older = _copy(newest, directory / "older")
    oldest = _copy(newest, directory / "oldest")
    for tree in (older, oldest):
        for name in MODULES:
            _versions(tree, name).joinpath(f"{name}{PER_MODULE - 1}.py").unlink()
    shutil.rmtree(oldest.root / "app/modules" / MODULES[-1])
    return Trees(newest, older, oldest, log)


def _body(id_: str, log: Path) -> str:
    return f"""
import os

number = os.open({str(log)!r}, os.O_WRONLY | os.O_APPEND)
os.write(number, f"{{os.getpid()}} {id_}\\n".encode())
os.close(number)
op.execute("INSERT INTO executions VALUES ('{id_}')")
op.execute("SELECT pg_sleep(seconds) FROM naps")
op.execute("CREATE TABLE {id_}_made (id int)")
"""


def _copy(project: ProjectFiles, directory: Path) -> ProjectFiles:
    shutil.copytree(project.root, directory)
    return ProjectFiles(directory)


def _versions(project: ProjectFiles, module: str) -> Path:
    return project.root / "app/modules" / module / "migrations/versions"


@dataclass
class Crowd:
    """Runs that are under way. `killed` are the pids of those that were killed at work."""

    log: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)

    def join(self, project: ProjectFiles, url: str, *options: str) -> None:
        """One more run."""
        command = ["upgrade", "--database", url, "--lock-wait", "120s", *options]
        self.processes.append(start(command, cwd=project.root))

    def kill_some(self, revisions: set[str], chance: random.Random) -> None:
        """Kill each run that is first to be at work on one of `revisions`, somewhere in it. Returns
        when all of these have been at work, or nobody is left."""
        left = set(revisions)
        end = time.monotonic() + PATIENCE_SECONDS * 4
        while left and any(process.poll() is None for process in self.processes):
            assert time.monotonic() < end
            for pid, revision in self.at_work():
                if revision in left and pid not in self.killed:
                    left.remove(revision)
                    time.sleep(chance.uniform(0, NAP_SECONDS))
                    self._kill(pid)
            time.sleep(0.01)

    def at_work(self) -> list[tuple[int, str]]:
        """Which process was at work on which revision, in order."""
        lines = self.log.read_text().splitlines()
        return [(int(line.split()[0]), line.split()[1]) for line in lines]

    def _kill(self, pid: int) -> None:
        process = next(process for process in self.processes if process.pid == pid)
        if process.poll() is None:
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)

    def outcomes(self) -> list[Outcome]:
        """How the runs ended that were not killed."""
        ended = [(process, finish(process)) for process in self.processes]
        return [outcome for process, outcome in ended if process.pid not in self.killed]


def prepare(database: psycopg.Connection[Any], seconds: float) -> None:
    """The tables that count, and how long a revision takes."""
    database.execute("CREATE TABLE executions (revision text)")
    database.execute("CREATE TABLE naps (seconds float)")
    database.execute("INSERT INTO naps VALUES (%s)", [seconds])
