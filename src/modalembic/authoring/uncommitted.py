"""Files that hold work which git does not have yet."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from modalembic.errors import UncommittedChanges

_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})


def refuse_uncommitted(root: Path, paths: Iterable[Path]) -> None:
    """Raise UncommittedChanges for the first of `paths` that git, in the repository of `root`, has
    in another state or not at all. Outside of a repository there is nothing to ask."""
    changed = uncommitted(root)
    for path in paths:
        real = Path(os.path.realpath(path))
        if real in changed:
            raise UncommittedChanges(
                f"{path.name} has changes that are not committed; nothing was written",
                hint=f"commit or stash them first: git diff -- {path}",
                path=path,
            )


def uncommitted(root: Path) -> frozenset[Path]:
    """The files below `root` that differ from the last commit, those not in git included; without
    a repository none."""
    top = _git(root, "rev-parse", "--show-toplevel")
    listed = _git(
        root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "."
    )
    if top is None or listed is None:
        return frozenset()
    directory = Path(os.path.realpath(top.rstrip("\n")))
    return frozenset(directory / entry[3:] for entry in listed.split("\0") if entry)


def _git(directory: Path, *arguments: str) -> str | None:
    """What git writes; None where there is no git, or it fails."""
    environ = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=directory, env=environ, capture_output=True, check=False
        )
    except OSError:
        return None
    return os.fsdecode(done.stdout) if done.returncode == 0 else None
