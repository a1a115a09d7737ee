"""Entries of the cache: small files, each written in one step, and thrown away when they are old.

An entry is three lines of JSON: its format and the digest of the rest, what it is about, and its
body. Whatever is wrong with a file, it counts as not there.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from modalembic.history.cache import cache_directory, open_ours

FORMAT = 1
MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 500
LONGEST_SECONDS = 30 * 24 * 3600
# A temporary file that is older was left by a run that died.
_LEFT_OVER_SECONDS = 3600


@dataclass(frozen=True)
class Entry:
    """What was found: `about` is what it depends on, `body` what it says, `name` where it lies."""

    name: str
    about: Mapping[str, Any]
    body: Mapping[str, Any]


class Store:
    """The entries in one directory; None keeps nothing."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    @classmethod
    def of_user(cls, configured: Path | None, *, enabled: bool = True) -> Store:
        """The store below `configured`, else below the user's cache directory."""
        directory = cache_directory(configured) if enabled else None
        return cls(directory / "catalogs" if directory is not None else None)

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._directory is not None

    def find(
        self, kind: str, key: str, suits: Callable[[Mapping[str, Any]], bool] = lambda _: True
    ) -> Entry | None:
        """The newest entry of this kind and key that `suits`, by what it is about."""
        if self._directory is None:
            return None
        for file in _newest_first(self._directory, f"{kind}-{key}-*.json"):
            entry = _read(file)
            if entry is not None and suits(entry.about):
                with suppress(OSError):
                    os.utime(file)  # what is used is not old
                return entry
        return None

    def put(
        self, kind: str, key: str, about: Mapping[str, Any], body: Mapping[str, Any]
    ) -> Entry | None:
        """Keep an entry. Where that cannot be done, the next run works it out again."""
        if self._directory is None:
            return None
        lines = _text(about), _text(body)
        name = f"{kind}-{key}-{digest(lines[0])[:12]}.json"
        rest = "\n".join(lines)
        head = _text({"format": FORMAT, "digest": digest(rest)})
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._directory / name, f"{head}\n{rest}\n")
            _prune(self._directory)
        return Entry(name, about, body)


def digest(text: str) -> str:
    """The SHA-256 of `text`, as hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest_of(value: Any) -> str:
    """The digest of what JSON can say."""
    return digest(_text(value))


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _newest_first(directory: Path, pattern: str) -> list[Path]:
    found: list[tuple[float, Path]] = []
    for file in directory.glob(pattern):
        with suppress(OSError):
            found.append((file.stat().st_mtime, file))
    return [file for _, file in sorted(found, reverse=True)]


def _read(file: Path) -> Entry | None:
    try:
        with open_ours(file) as opened:
            head, rest = opened.readline(), opened.read().rstrip(b"\n")
        said = json.loads(head)
        if said != {"format": FORMAT, "digest": sha256(rest).hexdigest()}:
            return None
        about, body = (json.loads(line) for line in rest.split(b"\n"))
    except (OSError, ValueError, RecursionError):
        return None
    return Entry(file.name, about, body) if type(about) is type(body) is dict else None


def _write(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as opened:
            opened.write(text)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _prune(directory: Path) -> None:
    """Remove what nobody has used for long, and the oldest of what is too much."""
    now, room = time.time(), MOST_BYTES
    for number, file in enumerate(_newest_first(directory, "*.json")):
        with suppress(OSError):
            stat = file.stat()
            room -= stat.st_size
            if number >= MOST_FILES or room < 0 or now - stat.st_mtime > LONGEST_SECONDS:
                file.unlink()
    for file in directory.glob(".new-*"):
        with suppress(OSError):
            if now - file.stat().st_mtime > _LEFT_OVER_SECONDS:
                file.unlink()
