"""All Python files of a project, wherever they lie."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".py", ".pyi")
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})
# A hook of git runs with these set, for its own directory.
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})


def python_files(root: Path) -> tuple[Path, ...]:
    """The Python files below `root`, sorted: those that are in git or not ignored; without git all
    but those of tools. Links are left out."""
    names = git_files(root)
    found = _walked(root) if names is None else (root / name for name in names)
    return tuple(
        sorted(
            path
            for path in found
            if path.suffix in SUFFIXES and path.is_file() and not path.is_symlink()
        )
    )


def git_files(root: Path) -> tuple[str, ...] | None:
    """The names below `root` of all files that are in git or not ignored; None without git."""
    environ = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=root, env=environ, capture_output=True, check=False)
    except OSError:
        return None
    if done.returncode:
        return None
    names = (os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    return tuple(dict.fromkeys(names))


def _walked(root: Path) -> Iterator[Path]:
    for directory, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not is_a_tools(Path(directory, name)))
        yield from (Path(directory, name) for name in names)


def is_a_tools(directory: Path) -> bool:
    """Whether a directory is a tool's and not the project's: hidden, an environment, a cache."""
    return (
        directory.name.startswith(".")
        or directory.name in _SKIPPED
        or (directory / "pyvenv.cfg").is_file()
    )
