"""The files that a replay depended on, and whether they are as they were.

Revision files and `env.py` are part of an entry's key. These are the others: application code that
revisions import, what that imports in turn, and data that is read count as they stand; code that
`env.py` alone has reached counts without the tables that it declares (see `declarations.py`).
"""

from __future__ import annotations

import os
import sys
import sysconfig
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

from modalembic.runtime.cache.declarations import without_declarations
from modalembic.runtime.cache.reads import Reads
from modalembic.runtime.cache.store import digest, digest_of

_SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/run", "/var/run")


@dataclass(frozen=True)
class Dependencies:
    """Digests by path, relative to the project. `whole` are files that count as they stand,
    `without_tables` those of files that count without tables, with their content, `listed` those of
    directories;
    `asked` those of variables of the environment. `modules` are the paths of the project's modules
    by dotted name. None: not there."""

    whole: Mapping[str, str | None]
    without_tables: Mapping[str, tuple[str | None, str]]
    listed: Mapping[str, str | None]
    asked: Mapping[str, str | None]
    modules: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "whole": dict(self.whole),
            "without_tables": {path: list(pair) for path, pair in self.without_tables.items()},
            "listed": dict(self.listed),
            "asked": dict(self.asked),
            "modules": dict(self.modules),
        }


def gather(reads: Reads, root: Path, began: int) -> Dependencies | None:
    """What a replay of the project at `root` depended on. None where that is not known: a file was
    written since the replay `began` (nanoseconds), or a module had been loaded by others, who may
    have had it read anything."""
    files = _Files(root)
    loaded = {name: file for name, file in _loaded_modules() if files.counts(file)}
    by_revisions, by_others = _modules(reads, loaded)
    if _from_elsewhere(reads, by_revisions | by_others):
        return None
    reads = _with_journal(reads, by_revisions | by_others)
    whole = {str(loaded[name]) for name in by_revisions} | set(_data(reads, files))
    rest = {name for name in by_others if str(loaded[name]) not in whole | reads.revisions}
    read = {*map(Path, whole), *(loaded[name] for name in rest)}
    if any(_is_newer(path, began) for path in read):
        return None
    return Dependencies(
        whole={files.relative(name): _digest(Path(name)) for name in sorted(whole)},
        without_tables={
            files.relative(loaded[name]): _packed(loaded[name]) for name in sorted(rest)
        },
        listed={
            files.relative(name): _listing(Path(name))
            for name in sorted(reads.listed)
            if files.counts(Path(name))
        },
        asked={name: _variable(name) for name in sorted(reads.asked)},
        modules={name: files.relative(file) for name, file in sorted(loaded.items())},
    )


def _modules(reads: Reads, loaded: Mapping[str, Path]) -> tuple[set[str], set[str]]:
    """The `loaded` modules that revision files import, and those that others do, each with all that
    these import in turn."""
    imports = reads.imports if reads.journal is None else reads.journal.imports
    by_revisions = {n for path in reads.revisions for n in reads.imports.get(path, ())}
    by_others = {
        n for path, names in reads.imports.items() if path not in reads.revisions for n in names
    }
    return _closure(by_revisions, loaded, imports), _closure(by_others, loaded, imports)


def _from_elsewhere(reads: Reads, modules: set[str]) -> bool:
    before = reads.before if reads.journal is None else reads.journal.before
    return not before.isdisjoint(modules)


def _with_journal(reads: Reads, modules: set[str]) -> Reads:
    """With what was read before the replay began, if one of its modules was loaded by then."""
    journal = reads.journal
    if journal is None or reads.before.isdisjoint(modules):
        return reads
    return replace(
        reads,
        early=reads.early | journal.early,
        listed=reads.listed | journal.listed,
        asked=reads.asked | journal.asked,
    )


def _data(reads: Reads, files: _Files) -> Iterator[str]:
    """What was read: by revisions anything, by others what is no code."""
    early = {name for name in reads.early if not name.endswith((".py", ".pyc"))}
    for name in map(_source, (early | reads.late) - reads.written):
        path = Path(name)
        if files.counts(path) and name not in reads.revisions and not path.is_dir():
            yield name


def are_unchanged(document: object, root: Path) -> bool:
    """Whether all that `document` (a `Dependencies`) names is as it was, for the project at
    `root`. What is no such document has changed."""
    try:
        assert isinstance(document, dict)
        return (
            all(_digest(root / path) == was for path, was in document["whole"].items())
            and all(_listing(root / path) == was for path, was in document["listed"].items())
            and all(_variable(name) == was for name, was in document["asked"].items())
            and _same_without_tables(document, root)
        )
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError, zlib.error):
        return False


def _same_without_tables(document: Mapping[str, Any], root: Path) -> bool:
    loaded = {name: root / path for name, path in document["modules"].items()}
    names = {path: name for name, path in document["modules"].items()}
    for path, (was, packed) in document["without_tables"].items():
        if _digest(root / path) == was:
            continue
        content = _read(root / path)
        if content is None or was is None:
            return False
        before = without_declarations(zlib.decompress(b64decode(packed)), names[path], loaded)
        if before is None or without_declarations(content, names[path], loaded) != before:
            return False
    return True


class _Files:
    """Which files count for the project at `root`: its own, and others that are not installed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._installed = _installed()

    def counts(self, file: Path) -> bool:
        if "site-packages" in file.parts or "dist-packages" in file.parts:
            return False
        if file.is_relative_to(self._root):
            return not {"__pycache__", ".git", ".modalembic"} & set(file.parts)
        return not any(file.is_relative_to(place) for place in self._installed)

    def relative(self, file: Path | str) -> str:
        return os.path.relpath(file, self._root)


@cache
def _installed() -> tuple[Path, ...]:
    """Where Python, packages and the system are, and modalembic itself."""
    import modalembic

    places = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, sys.exec_prefix}
    own = {str(Path(modalembic.__file__).parent)}
    return tuple(Path(place) for place in sorted(places | own | set(_SYSTEM)))


def _loaded_modules() -> Iterator[tuple[str, Path]]:
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py") and name != "__main__":
            yield name, Path(os.path.abspath(file))  # noqa: PTH100 - as the interpreter has it


def _source(path: str) -> str:
    """The source of a file with bytecode, else the file."""
    if path.endswith(".pyc"):
        try:
            return source_from_cache(path)
        except ValueError:
            return path
    return path


def _closure(
    names: Iterable[str], loaded: Mapping[str, Path], imports: Mapping[str, Iterable[str]]
) -> set[str]:
    """Those of the `loaded` modules that are among `names`, or packages of these, or that one of
    them imports."""
    found: set[str] = set()
    left = [*names]
    while left:
        parts = left.pop().split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name in loaded and name not in found:
                found.add(name)
                left += imports.get(str(loaded[name]), ())
    return found


def _is_newer(file: Path, began: int) -> bool:
    try:
        return file.stat().st_mtime_ns > began
    except OSError:
        return False


def _variable(name: str) -> str | None:
    value = os.environ.get(name)
    return None if value is None else digest(f"{name}={value}")


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _digest(file: Path) -> str | None:
    content = _read(file)
    return None if content is None else sha256(content).hexdigest()


def _packed(file: Path) -> tuple[str | None, str]:
    """The digest of a file and what it says, to be looked into should it change."""
    content = _read(file)
    if content is None:
        return None, ""
    return sha256(content).hexdigest(), b64encode(zlib.compress(content, 1)).decode()


def _listing(directory: Path) -> str | None:
    """A digest of the names in a directory, but for what comes and goes by itself."""
    try:
        names = sorted(each.name for each in directory.iterdir() if each.name != "__pycache__")
    except OSError:
        return None
    return digest_of(names)
