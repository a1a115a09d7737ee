"""Asking git for an earlier state; what fails is an error."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from modalembic.errors import BaseUnavailable
from modalembic.modules.git import ask_git


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
    done = ask_git(directory, *arguments, given=given, environ=environ)
    if done is None:
        raise BaseUnavailable(
            "an earlier state is read with git, which is not installed", hint="install git"
        )
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().splitlines()
        command = next((each for each in arguments if not each.startswith("-")), "")
        raise BaseUnavailable(
            f"git {command} failed in {directory}", hint=said[0] if said else None
        )
    return done.stdout
