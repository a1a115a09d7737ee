"""Where a module keeps its revision files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from modalembic.errors import MissingLocation

# Alembic's own test, one directory further: what it would try to load from a version location.
_REVISION_LINE = re.compile(rb"^revision\s*(:[^=\n]*)?=", re.MULTILINE)


class LocationFinder:
    """Finds version locations; `conventions` are the directories to try below a module."""

    def __init__(self, conventions: Sequence[str]) -> None:
        self._conventions = conventions

    def conventional(self, directory: Path) -> Path | None:
        """The first of the conventional directories that is there; None: it has no revisions.
        Raises MissingLocation for a link that leads nowhere."""
        for convention in self._conventions:
            candidate = directory / convention
            if candidate.is_symlink() and not candidate.exists():
                raise MissingLocation(
                    f"the version location {candidate} is a symbolic link that leads nowhere",
                    hint="restore what it leads to, or remove it",
                    path=candidate,
                )
            # Where `env.py` is, Alembic's environment is, and revisions are somewhere below.
            if candidate.is_dir() and not (candidate / "env.py").is_file():
                return candidate
        return None

    def exactly(self, path: Path, named_in: Path, line: int | None) -> Path:
        """`path`, or `path/versions` where the revision files are there. Raises MissingLocation."""
        if not path.is_dir():
            raise MissingLocation(
                f"the version location {path} does not exist",
                hint="create the directory, or correct the place that names it",
                path=named_in,
                line=line,
            )
        below = path / "versions"
        return below if below.is_dir() and not self.holds_revisions(path) else path

    @staticmethod
    def holds_revisions(directory: Path) -> bool:
        """Whether any file directly in `directory` is a revision file."""
        return any(
            _REVISION_LINE.search(file.read_bytes()) is not None
            for file in sorted(directory.glob("*.py"))
            if not file.name.startswith((".#", "__init__"))
        )
