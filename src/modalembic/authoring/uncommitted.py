"""Files that hold work which git does not have yet."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from modalembic.errors import UncommittedChanges
from modalembic.modules.git import said_by_git


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
    top = said_by_git(root, "rev-parse", "--show-toplevel")
    listed = said_by_git(
        root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "."
    )
    if top is None or listed is None:
        return frozenset()
    directory = Path(os.path.realpath(top.rstrip("\n")))
    return frozenset(directory / entry[3:] for entry in listed.split("\0") if entry)
