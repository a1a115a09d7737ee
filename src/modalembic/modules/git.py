"""Asking git. Nothing here changes a working tree or its index."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

# A hook of git runs with these set, for its own directory.
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})


def ask_git(
    directory: Path,
    *arguments: str,
    given: bytes = b"",
    environ: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes] | None:
    """What came of `git ARGUMENTS` in `directory`, with `given` as its input and `environ` besides
    this process' environment; None where git cannot be run: it is not installed, say."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=directory,
            env=inherited | dict(environ or {}),
            input=given,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None


def said_by_git(directory: Path, *arguments: str, given: bytes = b"") -> str | None:
    """What git writes; None where there is no git, or it fails."""
    done = ask_git(directory, *arguments, given=given)
    return None if done is None or done.returncode else os.fsdecode(done.stdout)
