"""The cache of revision headers: a file is read again only when it may have changed.

A file is known by its size, both its times and its inode. That is not proof for a file that was
written while the cache was (the "racy git" problem), so such an entry also carries a hash of the
content, which is compared instead. The cache is only ever a shortcut: whatever is wrong with it,
the files are read.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from stat import S_IWOTH
from typing import Any, NamedTuple

from modalembic.history.revision import Header

FORMAT = 1
_RACY_NS = 2_000_000_000


class Entry(NamedTuple):
    """One file: its identity, what tells whether that is still true, and its header."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    content: str | None
    environment: str | None
    header: Header


class HeaderCache:
    """Headers by path, kept in one JSON file; None as `file` keeps nothing."""

    def __init__(self, file: Path | None, environment: Callable[[], str]) -> None:
        self._file = file
        self._environment = environment
        self._entries = _load(file) if file is not None else {}
        self._kept: dict[str, Entry] = {}
        self._changed = False
        # What is written from here on gets a later time than what is older than this.
        self._racy_from = time.time_ns() - _RACY_NS

    def get(self, path: str, stat: os.stat_result) -> Header | None:
        """The header of `path` if it is certain that the file has not changed, else None."""
        entry = self._entries.get(path)
        if (
            entry is None
            or entry.mtime_ns != stat.st_mtime_ns
            or entry.size != stat.st_size
            or entry.ctime_ns != stat.st_ctime_ns
            or entry.inode != stat.st_ino
        ):
            return None
        if entry.environment is not None and entry.environment != self._environment():
            return None
        if entry.content is not None:
            if _hash(path) != entry.content:
                return None
            if not self._is_racy(stat):
                entry = entry._replace(content=None)
                self._changed = True
        self._kept[path] = entry
        return entry.header

    def put(
        self, path: str, stat: os.stat_result, source: bytes, header: Header, *, computed: bool
    ) -> None:
        """Remember the header that was read from `source`; `stat` is from before it was read."""
        self._kept[path] = Entry(
            stat.st_size,
            stat.st_mtime_ns,
            stat.st_ctime_ns,
            stat.st_ino,
            sha256(source).hexdigest() if self._is_racy(stat) else None,
            self._environment() if computed else None,
            header,
        )
        self._changed = True

    def is_computed(self, path: str) -> bool:
        """Whether the header of `path`, got or put before, came from importing the file."""
        return self._kept[path].environment is not None

    def save(self) -> None:
        """Write what this run used, in one step, so that parallel runs each see a whole file."""
        if self._file is None or not (self._changed or len(self._kept) != len(self._entries)):
            return
        rows = {path: [*entry[:-1], *entry.header] for path, entry in self._kept.items()}
        document = json.dumps({"format": FORMAT, "files": rows}, separators=(",", ":"))
        # Where it cannot be written, the next run reads the files again.
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
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


def _hash(path: str) -> str | None:
    try:
        return sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return None


def _load(file: Path) -> dict[str, Entry]:
    try:
        with file.open("rb") as opened:
            if not _is_ours(os.fstat(opened.fileno())):
                return {}
            document = json.load(opened)
        if document["format"] != FORMAT:
            return {}
        return {path: _entry(row) for path, row in document["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _is_ours(stat: os.stat_result) -> bool:
    """A file that somebody else may write says what they like about headers."""
    if os.name != "posix":
        return True
    return stat.st_uid in (0, os.geteuid()) and not stat.st_mode & S_IWOTH


def _entry(row: list[Any]) -> Entry:
    """One row with every type checked: nobody vouches for the file."""
    size, mtime, ctime, inode, content, environment, revision, downs, deps, labels, doc, line = row
    if not (
        type(size) is type(mtime) is type(ctime) is type(inode) is type(line) is int
        and type(revision) is type(doc) is str
        and (content is None or type(content) is str)
        and (environment is None or type(environment) is str)
    ):
        raise TypeError
    header = Header(revision, _strings(downs), _strings(deps), _strings(labels), doc, line)
    return Entry(size, mtime, ctime, inode, content, environment, header)


def _strings(value: Any) -> tuple[str, ...]:
    if type(value) is not list:
        raise TypeError
    for item in value:
        if type(item) is not str:
            raise TypeError
    return tuple(value)


def cache_file(project: Path, directory: Path | None) -> Path | None:
    """Where the cache of the project at `project` lies: below `directory` where one is configured,
    else in the user's cache directory, never in the project (which may be read-only, or somebody
    else's to fill). None where there is no such place."""
    if directory is None:
        base = os.environ.get("XDG_CACHE_HOME")
        if base:
            directory = Path(base) / "modalembic"
        else:
            try:
                directory = Path.home() / ".cache" / "modalembic"
            except RuntimeError:
                return None
    name = sha256(os.fsencode(project)).hexdigest()[:16]
    return directory / f"headers-{name}.json"
