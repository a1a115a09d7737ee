"""The cache of revision headers: a file is read again only when it may have changed.

A file is known by its size, both its times and its inode. That is not proof for a file that was
written while the cache was (the "racy git" problem), so such an entry also carries a hash of the
content, which is compared instead. The cache is only ever a shortcut: whatever is wrong with it,
the files are read.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from errno import EPERM
from pathlib import Path
from stat import S_ISREG, S_IWGRP, S_IWOTH
from typing import Any, BinaryIO
from zlib import crc32

from modalembic.history.revision import Header

FORMAT = 3
_RACY_NS = 2_000_000_000

# One file: size, mtime_ns, ctime_ns, inode; the hash of its content or None; the fingerprint of
# the environment or None (for a computed header); then the fields of its header. It stays as JSON
# has it until it is asked for: making values of everything takes longer than reading it.
_Row = list[Any]
_CONTENT, _ENVIRONMENT, _HEADER = 4, 5, 6


class HeaderCache:
    """Headers by path, kept in one JSON file; None as `file` keeps nothing.

    `computed` are the paths, got or put, whose header came from importing the file.
    """

    def __init__(self, file: Path | None, environment: Callable[[], str]) -> None:
        self._file = file
        self._environment = environment
        self._rows = _load(file) if file is not None else {}
        self._kept: dict[str, _Row] = {}
        self._changed = False
        self.computed: set[str] = set()
        # What is written from here on gets a later time than what is older than this.
        self._racy_from = time.time_ns() - _RACY_NS

    def get(self, path: str, stat: os.stat_result) -> Header | None:
        """The header of `path` if it is certain that the file has not changed, else None."""
        row = self._rows.get(path)
        if type(row) is not list or row[:_CONTENT] != _identity(stat):
            return None
        header = _header(row)
        if header is None:
            return None
        if row[_ENVIRONMENT] is not None:
            if row[_ENVIRONMENT] != self._environment():
                return None
            self.computed.add(path)
        if row[_CONTENT] is not None:
            if _hash_of(path) != row[_CONTENT]:
                return None
            if not self._is_racy(stat):
                row[_CONTENT] = None
                self._changed = True
        self._kept[path] = row
        return header

    def put(
        self, path: str, stat: os.stat_result, source: bytes, header: Header, *, computed: bool
    ) -> None:
        """Remember the header that was read from `source`; `stat` is from before it was read."""
        content = _hash(source) if self._is_racy(stat) else None
        environment = self._environment() if computed else None
        self._kept[path] = [*_identity(stat), content, environment, *_fields(header)]
        self._changed = True
        if computed:
            self.computed.add(path)

    def save(self) -> None:
        """Write what this run used, in one step, so that parallel runs each see a whole file."""
        if self._file is None or not (self._changed or len(self._kept) != len(self._rows)):
            return
        import tempfile

        document = json.dumps({"format": FORMAT, "files": self._kept}, separators=(",", ":"))
        # Where it cannot be written, the next run reads the files again.
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=f"{self._file.name}.")
            temporary = Path(name)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(document)
                temporary.replace(self._file)
            finally:
                temporary.unlink(missing_ok=True)

    def _is_racy(self, stat: os.stat_result) -> bool:
        return max(stat.st_mtime_ns, stat.st_ctime_ns) > self._racy_from


def _identity(stat: os.stat_result) -> _Row:
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _hash(source: bytes) -> str:
    from hashlib import sha256

    return sha256(source).hexdigest()


def _hash_of(path: str) -> str | None:
    try:
        return _hash(Path(path).read_bytes())
    except OSError:
        return None


def _load(file: Path) -> dict[str, Any]:
    try:
        with open_ours(file) as opened:
            document = json.load(opened)
    except (OSError, ValueError, RecursionError):
        return {}
    if type(document) is not dict or document.get("format") != FORMAT:
        return {}
    rows = document.get("files")
    return rows if type(rows) is dict else {}


def open_ours(file: Path) -> BinaryIO:
    """The file of a cache, opened to be read. Raises OSError where it is no file, or where somebody
    else may write it and say what they like: a cache may lie in a directory of several users."""
    # Whoever may write the directory may leave a link or a pipe there: neither is waited for.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    opened = os.fdopen(os.open(file, flags), "rb")
    if not _is_ours(os.fstat(opened.fileno())):
        opened.close()
        raise PermissionError(EPERM, "somebody else may write it", str(file))
    return opened


def _is_ours(stat: os.stat_result) -> bool:
    if not S_ISREG(stat.st_mode):
        return False
    if os.name != "posix":
        return True
    return stat.st_uid in (0, os.geteuid()) and not stat.st_mode & (S_IWOTH | S_IWGRP)


def _fields(header: Header) -> _Row:
    """A header as a row has it: names in a text, one to a line, which are quicker to read and to
    check than lists."""
    return [
        header.revision,
        *("\n".join(names) for names in header[1:4]),
        header.doc,
        header.line,
    ]


def _header(row: _Row) -> Header | None:
    """The header in a row with every type checked, as nobody vouches for the file; else None."""
    if len(row) != _HEADER + len(Header._fields):
        return None
    content, environment, revision, downs, deps, labels, doc, line = row[_CONTENT:]
    if not (
        type(revision) is type(downs) is type(deps) is type(labels) is type(doc) is str
        and type(line) is int
        and (content is None or type(content) is str)
        and (environment is None or type(environment) is str)
    ):
        return None
    return Header(revision, _names(downs), _names(deps), _names(labels), doc, line)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def cache_file(project: Path, directory: Path | None) -> Path | None:
    """Where the cache of the project at `project` lies in the `cache_directory`; None where there
    is no such place."""
    found = cache_directory(directory)
    if found is None:
        return None
    # Only a name: entries are kept by their whole path, so that a collision costs a second reading.
    return found / f"headers-{crc32(os.fsencode(project)):08x}.json"


def cache_directory(configured: Path | None) -> Path | None:
    """What is `configured`, else the user's cache directory; never in the project (which may be
    read-only, or somebody else's to fill). None where there is no such place."""
    if configured is not None:
        return configured
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "modalembic"
    try:
        return Path.home() / ".cache" / "modalembic"
    except RuntimeError:
        return None
