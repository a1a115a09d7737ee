"""A project in a git repository, for checks that compare with a base."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.projects import ProjectFiles

_ENVIRON = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Repository:
    """A git repository at `top` that has `project` in it."""

    top: Path
    project: ProjectFiles

    def git(self, *arguments: str) -> str:
        return git(self.top, *arguments)

    def commit(self) -> str:
        """Commit everything; the commit's id."""
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", "a commit", "--allow-empty")
        return self.git("rev-parse", "HEAD").strip()


def git(directory: Path, *arguments: str) -> str:
    """What git writes when it runs in `directory`."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env={**os.environ, **_ENVIRON},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def repository(top: Path, project: ProjectFiles) -> Repository:
    """A repository at `top` whose branch `main` has everything that is there."""
    git(top, "init", "--quiet", "--initial-branch", "main")
    made = Repository(top, project)
    made.commit()
    return made
