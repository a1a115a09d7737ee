"""What past moves wrote, so that the last one can be taken back.

`.modalembic/moves` holds a file for each move that has not been taken back. Transfers are not in
it: a database may have run them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import as_bytes, as_text, read_exactly
from modalembic.authoring.uncommitted import refuse_uncommitted, uncommitted
from modalembic.errors import UndoRefused
from modalembic.project import Project

_DIRECTORY = Path(".modalembic", "moves")
_VERSION = 1


@dataclass(frozen=True)
class PastMove:
    """A move as it was written down in `path`: what moved, and for each file what it was before
    (None: there was none) and the digest of what it became (None: it was removed)."""

    path: Path
    moved: tuple[str, ...]
    before: Mapping[Path, bytes | None]
    after: Mapping[Path, str | None]


def past_moves(root: Path) -> tuple[PastMove, ...]:
    """The moves that can be taken back, the last one at the end. Files that are no such record are
    passed over."""
    directory = root / _DIRECTORY
    paths = sorted(directory.glob("*.json")) if directory.is_dir() else []
    return tuple(found for path in paths if (found := _read(root, path)) is not None)


def record(root: Path, changes: ChangeSet, moved: Iterable[str], kept: Iterable[Path]) -> Change:
    """The file that a move leaves about itself, as a change to be written with it. `kept` are the
    files that taking it back leaves alone."""
    left_alone = set(kept)
    files = {
        change.path.relative_to(root).as_posix(): {
            "before": None
            if change.before is None
            else base64.b64encode(as_bytes(change.before)).decode(),
            "after": None if change.after is None else _digest(as_bytes(change.after)),
        }
        for change in changes.changes
        if change.path not in left_alone and change.path.is_relative_to(root)
    }
    document = {"version": _VERSION, "moved": list(moved), "files": files}
    number = max((int(past.path.stem) for past in past_moves(root)), default=0) + 1
    path = root / _DIRECTORY / f"{number:04}.json"
    return Change(path, None, json.dumps(document, indent=1) + "\n")


def ignored(root: Path) -> Iterator[Change]:
    """What keeps these records out of git."""
    path = root / _DIRECTORY.parent / ".gitignore"
    if not path.exists():
        yield Change(path, None, "*\n")


def plan_undo(root: Path) -> tuple[PastMove, ChangeSet]:
    """The last move, and what takes it back.

    Raises UndoRefused where there is none, or one of its files has changed since.
    """
    past = past_moves(root)
    if not past:
        raise UndoRefused("there is no move that could be taken back")
    last = past[-1]
    for path, digest in sorted(last.after.items()):
        if _digest_of(path) != digest:
            raise UndoRefused(
                f"{path.relative_to(root)} has changed since the move; nothing was written",
                hint=f"take those changes back first: git diff -- {path.relative_to(root)}",
                path=path,
            )
    changes = [
        Change(
            path,
            read_exactly(path) if path.is_file() else None,
            None if before is None else as_text(before),
        )
        for path, before in sorted(last.before.items())
    ]
    gone = Change(last.path, read_exactly(last.path), None)
    return last, ChangeSet.of(root, [*changes, gone])


def undo_move(project: Project, *, dry_run: bool) -> tuple[PastMove, ChangeSet]:
    """Take the last move back, transfers aside; what it was, and the changes.

    Raises UndoRefused, WriteRefused and WriteFailed.
    """
    last, changes = plan_undo(project.root.resolve())
    changes.check()
    if not dry_run:
        changes.apply()
        remove_empty_directories(c.path for c in changes.changes if c.after is None)
    return last, changes


def refuse_uncommitted_of_others(root: Path, changes: ChangeSet) -> None:
    """Raise UncommittedChanges for a file that holds work which git does not have, unless an
    earlier move left it just so."""
    if not uncommitted(root):
        return
    own: dict[Path, str | None] = {}
    for past in past_moves(root):
        own.update(past.after)
    paths = (change.path for change in changes.changes if change.before is not None)
    refuse_uncommitted(root, (p for p in paths if p not in own or _digest_of(p) != own[p]))


def _read(root: Path, path: Path) -> PastMove | None:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != _VERSION or not path.stem.isdecimal():
            return None
        files = document["files"].items()
        before = {
            root / name: None if each["before"] is None else base64.b64decode(each["before"])
            for name, each in files
        }
        after = {root / name: each["after"] for name, each in files}
        return PastMove(path, tuple(document["moved"]), before, after)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest_of(path: Path) -> str | None:
    try:
        return _digest(path.read_bytes())
    except OSError:
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def remove_empty_directories(paths: Iterable[Path]) -> None:
    """Remove the directories that are left with nothing but bytecode."""
    for directory in sorted({path.parent for path in paths}, key=lambda p: -len(p.parts)):
        current = directory
        while current.is_dir() and {entry.name for entry in os.scandir(current)} <= {"__pycache__"}:
            for entry in (current / "__pycache__").glob("*.pyc"):
                entry.unlink()
            if (current / "__pycache__").is_dir():
                (current / "__pycache__").rmdir()
            current.rmdir()
            current = current.parent
