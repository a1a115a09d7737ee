"""The tree of a commit, laid out beside the working tree.

It is checked out through an index of its own, with the laid-out directory as the work tree: so its
own `.gitattributes` decide on filters and line ends, as they do in a checkout, and `export-ignore`
leaves nothing out.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modalembic.errors import BaseUnavailable
from modalembic.runtime.earlier.git import git, run_git

_DEEP = "fetch the whole history: fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for GitLab, "
_DEEP += "else git fetch --unshallow"
_SUBMODULE = b"160000"
_SHOWN = 12
# What a checkout may leave behind, or leave out, by configuration.
_PLAIN = ("core.sparseCheckout=false", "core.splitIndex=false", "core.fsmonitor=false")
_OPTIONS = tuple(part for setting in _PLAIN for part in ("-c", setting))
# Of what git ignores, larger files are nothing that is imported or read at start.
_MOST_LENT = 16_000_000


@dataclass(frozen=True)
class EarlierTree:
    """The tree of a commit: `top` is the repository's top in the working tree, `laid_out` the
    directory that stands for it. `called` is what people call the commit."""

    commit: str
    top: Path
    laid_out: Path
    called: str = "the base"

    @property
    def short(self) -> str:
        """The commit as people write it."""
        return self.commit[:_SHOWN]

    def mirror(self, path: Path) -> Path | None:
        """Where what is at `path` in the working tree is laid out; `path` itself if it is laid out
        already; None if it is outside of the repository."""
        if path.is_relative_to(self.laid_out):
            return path
        return self.laid_out / path.relative_to(self.top) if path.is_relative_to(self.top) else None

    def original(self, path: Path) -> Path:
        """Where what is laid out at `path` is, or would be, in the working tree; any other path as
        it is."""
        inside = path.is_relative_to(self.laid_out)
        return self.top / path.relative_to(self.laid_out) if inside else path

    def told(self, text: str) -> str:
        """`text` with the paths of the working tree in place of those that are laid out."""
        return text.replace(str(self.laid_out), str(self.top))


def merge_base(root: Path, reference: str) -> str:
    """The commit from which `reference` and HEAD went apart.

    Raises BaseUnavailable where there is no git, no repository or no merge base.
    """
    try:
        commit = _commit(root, reference)
        return git(root, "merge-base", commit, "HEAD").splitlines()[0]
    except BaseUnavailable as error:
        _refuse_shallow(root, f"the merge base of {reference} and HEAD", error)
        raise BaseUnavailable(
            f"there is no merge base of {reference} and HEAD: "
            + _why(reference, error, "they have no commit in common"),
            hint="fetch the branch (git fetch origin), and name it as in origin/main",
        ) from error


def commit_of(root: Path, reference: str) -> str:
    """The commit that `reference` names. Raises BaseUnavailable."""
    try:
        return _commit(root, reference)
    except BaseUnavailable as error:
        _refuse_shallow(root, reference, error)
        raise BaseUnavailable(
            _why(reference, error, f"{reference} names no commit"),
            hint="fetch the branch (git fetch origin), and name it as in origin/main",
        ) from error


def _why(reference: str, error: BaseUnavailable, otherwise: str) -> str:
    """What failed, in words that say more than git's own where it only found nothing."""
    said = error.hint
    if said is not None and "single revision" in said:
        return f"git has no commit {reference}"
    return said or otherwise


def _commit(root: Path, reference: str) -> str:
    return git(root, "rev-parse", "--verify", "--end-of-options", f"{reference}^{{commit}}")


def _refuse_shallow(root: Path, what: str, error: BaseUnavailable) -> None:
    if git(root, "rev-parse", "--is-shallow-repository") == "true":
        raise BaseUnavailable(
            f"this clone is shallow, and does not have {what}", hint=_DEEP
        ) from error


@contextmanager
def earlier_tree(
    root: Path,
    commit: str,
    *,
    called: str = "the base",
    wanted: Callable[[Path], bool] | None = None,
) -> Iterator[EarlierTree]:
    """The tree of `commit` for as long as the block runs, for the project at `root`.

    `wanted` tells of a path below the top whether it is laid out; without it the tree is whole, the
    submodules that are here included, and with what git ignores (a `.env`, a generated
    `_version.py`) lent from the working tree where the commit has nothing. Raises BaseUnavailable.
    """
    top = Path(git(root, "rev-parse", "--show-toplevel")).resolve()
    with tempfile.TemporaryDirectory(prefix="modalembic-tree-") as directory:
        tree = EarlierTree(commit, top, Path(directory).resolve() / "tree", called)
        _lay_out(top, commit, tree.laid_out, wanted)
        if wanted is None:
            _lend_ignored(tree)
        yield tree


def _lay_out(
    top: Path, commit: str, target: Path, wanted: Callable[[Path], bool] | None = None
) -> None:
    target.mkdir(parents=True, exist_ok=True)
    index = target.parent / f"{target.name}.index"
    environ = {
        "GIT_DIR": git(top, "rev-parse", "--absolute-git-dir"),
        "GIT_WORK_TREE": str(target),
        "GIT_INDEX_FILE": str(index),
    }
    run_git(target, (*_OPTIONS, "read-tree", "--no-sparse-checkout", commit), environ=environ)
    entries = [*_entries(run_git(target, ("ls-files", "--stage", "-z"), environ=environ))]
    files = [name for mode, _, name in entries if mode != _SUBMODULE]
    if wanted is not None:
        files = [name for name in files if wanted(Path(os.fsdecode(name)))]
    run_git(
        target,
        (*_OPTIONS, "checkout-index", "--force", "--quiet", "--stdin", "-z"),
        given=b"".join(name + b"\0" for name in files),
        environ=environ,
    )
    index.unlink()
    for mode, id_, name in entries:
        if mode == _SUBMODULE and wanted is None:
            path = Path(os.fsdecode(name))
            _lay_out_submodule(top / path, id_, target / path)


def _entries(listed: bytes) -> Iterator[tuple[bytes, str, bytes]]:
    """Mode, id and name of each entry that `ls-files --stage -z` lists."""
    for entry in filter(None, listed.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, id_, _ = about.split(b" ")
        yield mode, id_.decode(), name


def _lay_out_submodule(path: Path, commit: str, target: Path) -> None:
    """A submodule at the commit that the tree names; an empty directory, as in a fresh clone, where
    the submodule is not here."""
    target.mkdir(parents=True, exist_ok=True)
    if not (path / ".git").exists():
        return
    try:
        git(path, "cat-file", "-e", f"{commit}^{{commit}}")
    except BaseUnavailable as error:
        raise BaseUnavailable(
            f"the submodule {path} does not have {commit[:_SHOWN]}",
            hint=f"git -C {path} fetch origin {commit}",
        ) from error
    _lay_out(path, commit, target)


def _lend_ignored(tree: EarlierTree) -> None:
    """Copy the single files that git ignores. Whole directories (environments, caches, builds) are
    not what an application reads when it starts."""
    listing = ("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
    for name in filter(None, run_git(tree.top, listing).split(b"\0")):
        path = Path(os.fsdecode(name))
        source, target = tree.top / path, tree.laid_out / path
        if name.endswith((b"/", b".pyc")) or not target.parent.is_dir() or os.path.lexists(target):
            continue
        if source.is_file() and not source.is_symlink() and source.stat().st_size <= _MOST_LENT:
            shutil.copyfile(source, target)
