"""`check moves` on the result of a move, before it is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from modalembic.errors import (
    BaseUnavailable,
    ConnectionFailed,
    DatabaseMissing,
    DockerUnavailable,
    EmbeddedUnavailable,
    LoginFailed,
    MoveUnproven,
    ServerUnreachable,
)

_NO_SERVER = frozenset(
    error.code
    for error in (
        ConnectionFailed,
        DatabaseMissing,
        DockerUnavailable,
        EmbeddedUnavailable,
        LoginFailed,
        ServerUnreachable,
    )
)


def check_moves(copy: Path) -> tuple[str, ...]:
    """Compare the project that is laid out at `copy` with HEAD, in a process of its own, since it
    imports the models; what should be said of it. Without a repository there is nothing to compare
    with, and without a server for scratch databases only what the source tells is compared.

    Raises MoveUnproven with the first finding.
    """
    if not any((parent / ".git").exists() for parent in (copy, *copy.parents)):
        return ("not in a git repository: check moves had nothing to compare with",)
    code, document, said = _ask(copy)
    notes: tuple[str, ...] = ()
    error = document.get("error", {})
    if error.get("code") == BaseUnavailable.code:
        return (f"check moves had nothing to compare with: {error['message']}",)
    if error.get("code") in _NO_SERVER:
        notes = (f"check moves compared only what the source tells: {error['message']}",)
        code, document, said = _ask(copy, "--static")
    if code:
        raise MoveUnproven(
            f"check moves, on the result: {_complaint(document) or said}; nothing was written"
        )
    return notes


def _ask(copy: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    command = ["check", "moves", "--base", "HEAD", "--format", "json", *options]
    done = subprocess.run(
        [sys.executable, "-m", "modalembic", "--project", str(copy), *command],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = {}
    return done.returncode, document, (done.stderr or done.stdout).strip()


def _complaint(document: dict[str, Any]) -> str | None:
    for finding in document.get("findings", ()):
        if finding["severity"] == "error":
            return str(finding["message"])
    error = document.get("error")
    return None if error is None else str(error["message"])
