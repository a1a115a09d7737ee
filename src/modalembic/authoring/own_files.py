"""Which files are the project's own: those that git knows or could take in, without git all but
those of tools."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})
_TOOLS = _SKIPPED | {
    *(".git", ".hg", ".svn", ".idea", ".vscode", ".modalembic", ".venv", ".tox", ".nox", ".eggs"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache"),
}


def git_files(root: Path) -> tuple[str, ...] | None:
    """The names below `root` of all files that are in git or not ignored; None without git."""
    hooks = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"}
    environ = {name: value for name, value in os.environ.items() if name not in hooks}
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            env=environ,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    if done.returncode:
        return None
    names = (os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    return tuple(dict.fromkeys(names))


def skipped(directory: Path) -> bool:
    """Whether a directory is a tool's and not the project's: hidden, an environment, a cache."""
    return (
        directory.name.startswith(".")
        or directory.name in _SKIPPED
        or (directory / "pyvenv.cfg").is_file()
    )


def own_files(root: Path) -> Iterator[Path]:
    """The files below `root` that are the project's own, sorted; symbolic links are left out."""
    names = git_files(root)
    found = _walked(root) if names is None else (root / name for name in names)
    yield from sorted(path for path in found if path.is_file() and not path.is_symlink())


def _walked(root: Path) -> Iterator[Path]:
    """All files but those of tools; what is hidden may be a pipeline's (`.github`)."""
    for directory, below, names in os.walk(root):
        below[:] = [name for name in below if not _is_a_tools(Path(directory, name))]
        yield from (Path(directory, name) for name in names)


def _is_a_tools(directory: Path) -> bool:
    return directory.name in _TOOLS or (directory / "pyvenv.cfg").is_file()
