"""Which files are the project's own: those that git knows or could take in, without git all but
those of tools."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from modalembic.modules.git import said_by_git

PYTHON = (".py", ".pyi")
_TOOLS = frozenset(
    {
        *("__pycache__", "node_modules", "site-packages", ".modalembic", ".venv", ".tox", ".nox"),
        *(".git", ".hg", ".svn", ".idea", ".vscode", ".eggs", ".cache"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache"),
    }
)


def own_files(root: Path) -> tuple[Path, ...]:
    """The files below `root` that are the project's own, sorted; symbolic links are left out."""
    found = (root / name for name in own_names(root))
    return tuple(sorted(path for path in found if path.is_file() and not path.is_symlink()))


def python_files(root: Path) -> tuple[Path, ...]:
    """Those of `own_files` that are Python."""
    return tuple(path for path in own_files(root) if path.suffix in PYTHON)


def own_names(root: Path) -> tuple[str, ...]:
    """The names below `root` of everything that is the project's own, links included."""
    names = _git_names(root)
    return tuple(_walked(root)) if names is None else names


def _git_names(root: Path) -> tuple[str, ...] | None:
    """What is in git or not ignored; None without git."""
    said = said_by_git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if said is None else tuple(dict.fromkeys(filter(None, said.split("\0"))))


def _walked(root: Path) -> Iterator[str]:
    """What is hidden may be a pipeline's (`.github`)."""
    for directory, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not _is_a_tools(Path(directory, name)))
        yield from (Path(directory, name).relative_to(root).as_posix() for name in sorted(names))


def _is_a_tools(directory: Path) -> bool:
    return directory.name in _TOOLS or (directory / "pyvenv.cfg").is_file()
