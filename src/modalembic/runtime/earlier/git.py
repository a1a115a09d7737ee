"""Asking git. Nothing here touches the working tree or its index."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from modalembic.errors import BaseUnavailable

# A hook of git runs with these set, for its own directory.
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})


def git(directory: Path, *arguments: str) -> str:
    """What git writes, without the last line's end. Raises BaseUnavailable."""
    return os.fsdecode(run_git(directory, arguments)).strip()


def run_git(
    directory: Path,
    arguments: tuple[str, ...],
    *,
    given: bytes = b"",
    environ: Mapping[str, str] | None = None,
) -> bytes:
    """What git writes when it runs in `directory`, with `given` as its input and `environ` besides
    this process' environment. Raises BaseUnavailable, the hint being what git says of its
    failure."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=directory,
            env=inherited | dict(environ or {}),
            input=given,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise BaseUnavailable(
            "an earlier state is read with git, which is not installed", hint="install git"
        ) from error
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().splitlines()
        command = next((each for each in arguments if not each.startswith("-")), "")
        raise BaseUnavailable(
            f"git {command} failed in {directory}", hint=said[0] if said else None
        )
    return done.stdout
