"""What a command will do to the project's files, as a value: it can be shown as a diff, and applied
whole or not at all."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.files import as_bytes, read_exactly
from modalembic.authoring.transaction import replaced
from modalembic.authoring.unified import unified
from modalembic.errors import WriteFailed, WriteRefused

_NOTHING = "nothing was written"


@dataclass(frozen=True)
class Change:
    """One file: `before` is its text when the command read it, `after` what it is to be. None:
    there is no file. Texts have their own line ends (see `files.read_exactly`). `path` is
    absolute."""

    path: Path
    before: str | None
    after: str | None

    @classmethod
    def of(cls, path: Path, after: str | None) -> Change:
        """The change to the file at `path` as it is now, or to none."""
        return cls(path, read_exactly(path) if path.is_file() else None, after)

    @property
    def verb(self) -> str:
        """`create`, `change` or `remove`."""
        if self.before is None:
            return "create"
        return "remove" if self.after is None else "change"


@dataclass(frozen=True)
class ChangeSet:
    """Changes to different files, in the order in which they are shown; `root` is the project's
    directory. Changes that change nothing are left out by `of`."""

    root: Path
    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        twice = [path for path, times in Counter(c.path for c in self.changes).items() if times > 1]
        if twice:
            raise ValueError(f"two changes to {twice[0]}")

    @classmethod
    def of(cls, root: Path, changes: Iterable[Change]) -> ChangeSet:
        """The changes that change something."""
        return cls(root, tuple(change for change in changes if change.before != change.after))

    @property
    def written(self) -> tuple[Path, ...]:
        """The files that are there when the changes have been applied."""
        return tuple(change.path for change in self.changes if change.after is not None)

    def name(self, path: Path) -> str:
        """A path as it is shown: from the project's directory on, where it is below."""
        below = path.is_relative_to(self.root)
        return (path.relative_to(self.root) if below else path).as_posix()

    def diff(self) -> str:
        """All changes as one unified diff, in git's notation."""
        return "".join(
            unified(self.name(change.path).lstrip("/"), change.before, change.after)
            for change in self.changes
        )

    def check(self) -> None:
        """Raise WriteRefused for the first change that cannot be applied as it was planned: a file
        that is not as it was read, that is there already, or that is read-only."""
        for change in self.changes:
            if change.before is None:
                self._check_new(change.path)
            else:
                self._check_old(change.path, change.before)

    def apply(self, then: Callable[[tuple[Path, ...]], object] | None = None) -> tuple[Path, ...]:
        """Write all of it; the files that are there afterwards. `then` is called with them when all
        is in place (to format them, to prove that they work); if it raises, every file is again
        what it was.

        Raises WriteRefused (nothing was touched) and WriteFailed (all was undone).
        """
        self.check()
        contents = {
            Path(os.path.realpath(change.path)): (
                None if change.after is None else as_bytes(change.after)
            )
            for change in self.changes
        }
        try:
            with replaced(contents):
                if then is not None:
                    then(self.written)
        except OSError as error:
            raise WriteFailed(
                f"{error.strerror or error}: all that had been written was undone",
                path=error.filename or self.root,
            ) from error
        return self.written

    def _check_new(self, path: Path) -> None:
        if os.path.lexists(path):
            raise WriteRefused(f"{self.name(path)} is there already; {_NOTHING}", path=path)
        above = next(parent for parent in path.parents if os.path.lexists(parent))
        if not above.is_dir():
            raise WriteRefused(f"{self.name(above)} is not a directory; {_NOTHING}", path=above)
        self._check_writable(above)

    def _check_old(self, path: Path, before: str) -> None:
        try:
            same = read_exactly(path) == before
        except FileNotFoundError:
            same = False
        except OSError as error:
            raise WriteRefused(
                f"{self.name(path)} cannot be read ({error.strerror}); {_NOTHING}", path=path
            ) from error
        if not same:
            raise WriteRefused(
                f"{self.name(path)} was changed while this command ran; {_NOTHING}",
                hint="run it again",
                path=path,
            )
        self._check_writable(path)
        self._check_writable(Path(os.path.realpath(path)).parent)

    def _check_writable(self, path: Path) -> None:
        # Root may write everything; what nobody is meant to write stays as it is all the same.
        if not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(
            path, os.W_OK
        ):
            raise WriteRefused(
                f"{self.name(path)} is read-only; {_NOTHING}",
                hint="make it writable, or run the command where the tree is",
                path=path,
            )
