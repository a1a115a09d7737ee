"""The commands of `docs/tutorial/split-a-monolith.md`, as they stand there."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import page

PAGE = page("tutorial/split-a-monolith.md")
CHECKS = "After every step"
_PERSON = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class File:
    """A file that the page shows, to be written as it is: its first line says where."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line that is to be run."""

    line: str

    @property
    def is_commit(self) -> bool:
        return self.line.startswith("git commit")


def sections() -> tuple[str, ...]:
    """The sections of the page that have something to run, but for the checks of every step."""
    return tuple(each for each in PAGE.headings(2) if each != CHECKS and any(actions(each)))


def actions(section: str) -> Iterator[File | Command]:
    """What a section has to be written and run, in its order."""
    text = PAGE.section(section)
    for block in PAGE.blocks:
        if f"```{block.language}\n{block.text}```" not in text:
            continue
        if block.language == "toml":
            first = block.text.partition("\n")[0]
            yield File(first.removeprefix("# "), block.text)
        elif block.language == "sh":
            yield from map(Command, block.text.splitlines())


@dataclass
class Player:
    """Runs commands in a directory, as somebody who sits at a terminal there; `times` has every
    command with its seconds, and how long processors were at work for it."""

    root: Path
    environ: dict[str, str]
    times: list[tuple[str, float, float]] = field(default_factory=list)

    def act(self, action: File | Command) -> str:
        """Do what the page says; what the command prints. It has to succeed."""
        if isinstance(action, Command):
            return self.run(action.line)
        (self.root / action.path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / action.path).write_text(action.text, encoding="utf-8")
        return ""

    def run(self, line: str) -> str:
        """What a command prints. It has to succeed."""
        begin, worked = time.perf_counter(), _worked()
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.root,
            env={**os.environ, **_PERSON, **self.environ, "PATH": self._path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.times.append((line, time.perf_counter() - begin, _worked() - worked))
        assert done.returncode == 0, f"{line}\n{done.stdout}"
        return done.stdout

    @property
    def _path(self) -> str:
        return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _worked() -> float:
    """The seconds that processors have worked for processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
