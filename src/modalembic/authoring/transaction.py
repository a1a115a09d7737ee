"""Several files replaced together: all of them, or none."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


@contextmanager
def replaced(contents: Mapping[Path, bytes | None]) -> Iterator[None]:
    """The files have these contents (None: are removed) while the block runs, and keep them if it
    ends without an exception. Else every file is again what it was, down to its times, and the
    directories that were made for new ones are gone.

    Everything is written beside its target first, so that a full disk is met before any file has
    changed. Raises OSError as the system does.
    """
    with ExitStack() as undo:
        staged = {path: _staged(path, content, undo) for path, content in contents.items()}
        backups = [_put(path, temporary, undo) for path, temporary in staged.items()]
        yield
        undo.pop_all()
    for backup in backups:
        if backup is not None:
            backup.unlink(missing_ok=True)


def _staged(path: Path, content: bytes | None, undo: ExitStack) -> Path | None:
    """The file beside `path` that has its new content."""
    if content is None:
        return None
    _make_directory(path.parent, undo)
    temporary = _beside(path)
    undo.callback(temporary.unlink, missing_ok=True)
    temporary.write_bytes(content)
    if path.exists():
        shutil.copymode(path, temporary)
        _keep_owner(path, temporary)
    return temporary


def _make_directory(directory: Path, undo: ExitStack) -> None:
    if directory.is_dir():
        return
    _make_directory(directory.parent, undo)
    directory.mkdir()
    undo.callback(_remove_empty, directory)


def _remove_empty(directory: Path) -> None:
    # Bytecode of a file that somebody imported in the meantime is nobody's work.
    shutil.rmtree(directory / "__pycache__", ignore_errors=True)
    with suppress(OSError):
        directory.rmdir()


def _put(path: Path, temporary: Path | None, undo: ExitStack) -> Path | None:
    """Replace or remove `path`; where it was, the file that still has what it was."""
    backup = _backed_up(path) if path.exists() else None
    if backup is None:
        undo.callback(path.unlink, missing_ok=True)
    else:
        undo.callback(os.replace, backup, path)
    if temporary is None:
        path.unlink()
    else:
        temporary.replace(path)
    return backup


def _backed_up(path: Path) -> Path:
    backup = _beside(path)
    try:
        backup.hardlink_to(path)
    except OSError:  # a file system without hard links
        shutil.copy2(path, backup)
    return backup


def _beside(path: Path) -> Path:
    """A name that no file has, and that no formatter, test runner or discovery takes for source."""
    return path.with_name(f".{secrets.token_hex(8)}.modalembic")


def _keep_owner(path: Path, temporary: Path) -> None:
    """As root, for a file of somebody else's."""
    if hasattr(os, "chown"):
        status = path.stat()
        with suppress(OSError):
            os.chown(temporary, status.st_uid, status.st_gid)
