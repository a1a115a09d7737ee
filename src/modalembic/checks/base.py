"""An earlier state of the project's tree, laid out from git.

Only objects are read (`merge-base`, `ls-tree`, `cat-file`): neither the working tree nor its index
is touched, and attributes such as `export-ignore` leave nothing out.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import BaseUnavailable

# What loading a project reads.
_READ = frozenset({".cfg", ".ini", ".py", ".toml"})
_FILES = frozenset({b"100644", b"100755"})
_DEEP = "fetch the whole history: fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for GitLab, "
_DEEP += "else git fetch --unshallow"


@dataclass(frozen=True)
class BaseTree:
    """The tree of a commit: `top` is the repository's top in the working tree, `laid_out` the
    directory that stands for it."""

    commit: str
    top: Path
    laid_out: Path

    def mirror(self, path: Path) -> Path | None:
        """Where what is at `path` in the working tree is laid out; `path` itself if it is laid out
        already; None if it is outside of the repository."""
        if path.is_relative_to(self.laid_out):
            return path
        return self.laid_out / path.relative_to(self.top) if path.is_relative_to(self.top) else None

    def original(self, path: Path) -> Path:
        """Where what is laid out at `path` is, or would be, in the working tree."""
        return self.top / path.relative_to(self.laid_out)


@contextmanager
def base_tree(root: Path, reference: str, places: Iterable[Path]) -> Iterator[BaseTree]:
    """The merge base of `reference` with HEAD, as far as it is needed for the project at `root` and
    for `places`, for as long as the block runs. Places outside of the repository are passed over.

    Raises BaseUnavailable where there is no git, no repository or no merge base.
    """
    top = Path(_git(root, "rev-parse", "--show-toplevel")).resolve()
    commit = _merge_base(root, reference)
    wanted = [root, *(place for place in places if place.is_relative_to(top))]
    below = Path(os.path.commonpath(wanted)).relative_to(top)
    with tempfile.TemporaryDirectory(prefix="modalembic-base-") as directory:
        laid_out = Path(directory).resolve() / "tree"
        _lay_out(top, commit, below, laid_out)
        yield BaseTree(commit, top, laid_out)


def _merge_base(root: Path, reference: str) -> str:
    try:
        commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{reference}^{{commit}}")
        return _git(root, "merge-base", commit, "HEAD").splitlines()[0]
    except BaseUnavailable as error:
        if _git(root, "rev-parse", "--is-shallow-repository") == "true":
            raise BaseUnavailable(
                f"this clone is shallow, and does not have the merge base of {reference} and HEAD",
                hint=_DEEP,
            ) from error
        raise BaseUnavailable(
            f"there is no merge base of {reference} and HEAD: {error.hint or 'no common commit'}",
            hint="fetch the branch (git fetch origin), and name it as in origin/main",
        ) from error


def _lay_out(top: Path, commit: str, below: Path, target: Path) -> None:
    target.mkdir(parents=True)
    limit = () if below == Path() else ("--", f"{below.as_posix()}/")
    listed = _run(top, ["ls-tree", "-r", "-z", "--full-tree", commit, *limit])
    files: list[tuple[bytes, Path]] = []
    for entry in filter(None, listed.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, _, id_ = about.split(b" ")
        path = Path(os.fsdecode(name))
        if mode in _FILES and path.suffix in _READ:
            files.append((id_, target / path))
    contents = _run(top, ["cat-file", "--batch"], b"".join(id_ + b"\n" for id_, _ in files))
    position = 0
    for _, path in files:
        end = contents.index(b"\n", position)
        size = int(contents[position:end].split(b" ")[2])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[end + 1 : end + 1 + size])
        position = end + size + 2


def _git(directory: Path, *arguments: str) -> str:
    return os.fsdecode(_run(directory, list(arguments))).strip()


def _run(directory: Path, arguments: list[str], given: bytes = b"") -> bytes:
    """What git writes. Raises BaseUnavailable, the hint being what git says of its failure."""
    # A hook of git runs with these set, for its own directory.
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in {"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"}
    }
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=directory,
            env=environ,
            input=given,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise BaseUnavailable(
            "--base reads the history with git, which is not installed", hint="install git"
        ) from error
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().splitlines()
        raise BaseUnavailable(
            f"git {arguments[0]} failed in {directory}", hint=said[0] if said else None
        )
    return done.stdout
