"""The project as it would be, in a directory of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modalembic.authoring.changes import ChangeSet
from modalembic.authoring.files import as_bytes
from modalembic.config import load_configuration
from modalembic.errors import NotAProject
from modalembic.history.links import VARIABLE, links_for_copies
from modalembic.modules.git import said_by_git
from modalembic.modules.own_files import own_names
from modalembic.project import Project

_NEVER = frozenset({".git", "__pycache__"})


@contextmanager
def laid_out(root: Path, changes: ChangeSet) -> Iterator[Path]:
    """The project at `root` with `changes`, uncommitted work included, for as long as the block
    runs. What git ignores (an `.env`, an environment) is linked. In a repository, git takes the
    directory for a working tree of it.
    """
    with tempfile.TemporaryDirectory(prefix="modalembic-copy-") as directory:
        top = Path(directory).resolve() / "tree"
        repository = _repository(root)
        below = Path() if repository is None else root.relative_to(repository[0])
        copy = top / below
        copy.mkdir(parents=True)
        if repository is not None:
            (top / ".git").write_text(f"gitdir: {repository[1]}\n", encoding="utf-8")
        known = _known(root)
        _copy(root, copy, known)
        _link(root, copy, known)
        _apply(root, copy, changes)
        with _links_allowed(root):
            yield copy


@contextmanager
def _links_allowed(root: Path) -> Iterator[None]:
    """For the block, in this process and in those that it starts, a project may follow links to
    what the one at `root` may: the copy's links lead there."""
    allowed = str(root)
    with suppress(NotAProject):  # it is about to be adopted
        allowed += os.pathsep + links_for_copies(load_configuration(root))[VARIABLE]
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = allowed
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def load_copy(root: Path) -> Project:
    """The project that is laid out at `root`; nothing of it goes into the user's cache."""
    environ = {**os.environ, "MODALEMBIC_CACHE_DIR": str(root.parent / ".cache")}
    return Project.load(root, environ=environ)


def _repository(root: Path) -> tuple[Path, Path] | None:
    """The top of the working tree, and git's own directory."""
    said = said_by_git(root, "rev-parse", "--show-toplevel", "--absolute-git-dir")
    if said is None:
        return None
    top, git = said.splitlines()[:2]
    return Path(top).resolve(), Path(git).resolve()


def _known(root: Path) -> frozenset[Path]:
    return frozenset(Path(name) for name in own_names(root))


def _copy(root: Path, copy: Path, known: frozenset[Path]) -> None:
    for name in sorted(known):
        source, target = root / name, copy / name
        if not source.is_file() and not source.is_symlink():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.resolve())
        else:
            shutil.copyfile(source, target)


def _link(root: Path, copy: Path, known: frozenset[Path]) -> None:
    """Link what was not copied: whole directories where nothing in them was."""
    directories = {parent for name in known for parent in name.parents}
    for name in sorted(directories):
        if not (root / name).is_dir() or (root / name).is_symlink():
            continue
        for entry in sorted(os.scandir(root / name), key=lambda each: each.name):
            below = name / entry.name
            if below in known or below in directories or entry.name in _NEVER:
                continue
            (copy / name).mkdir(parents=True, exist_ok=True)
            (copy / below).symlink_to(root / below)


def _apply(root: Path, copy: Path, changes: ChangeSet) -> None:
    for change in changes.changes:
        if not change.path.is_relative_to(root):
            continue
        target = copy / change.path.relative_to(root)
        target.unlink(missing_ok=True)
        if change.after is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(as_bytes(change.after))
