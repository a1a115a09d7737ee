"""The revision index: every module's headers, without importing the files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial
from operator import attrgetter
from pathlib import Path

from modalembic.errors import DuplicateLocation, ModalembicError, ProjectWarning, RevisionFileError
from modalembic.history.cache import HeaderCache, cache_file
from modalembic.history.computed import depends_on_project, environment_fingerprint, import_header
from modalembic.history.header import ComputedHeader, line_of, read_header
from modalembic.history.links import Links
from modalembic.history.revision import Header, Revision
from modalembic.modules import RESERVED_NAMES, Module
from modalembic.modules.location import LocationFinder


@dataclass(frozen=True)
class RevisionIndex:
    """All revisions, by module in the order of modules and by file name within; what could not be
    read; and what is a trap."""

    revisions: tuple[Revision, ...]
    problems: tuple[ModalembicError, ...] = ()
    warnings: tuple[ProjectWarning, ...] = ()


def build_index(
    modules: Iterable[Module],
    *,
    project: Path,
    cache_directory: Path | None = None,
    search: Sequence[Path] = (),
    recursive: bool = False,
    links: Links | None = None,
) -> RevisionIndex:
    """Read the headers in every module's version location.

    `project` is the project's directory (the cache is kept by it), `search` the directories to put
    in front of `sys.path` for a header that has to be imported, `recursive` Alembic's option
    `recursive_version_locations`, `links` the symbolic links that are followed.
    """
    modules = tuple(modules)
    headers = HeaderCache(cache_file(project, cache_directory), cache(environment_fingerprint))
    reader = _Reader(headers, search, links or Links(project), recursive=recursive)
    revisions: list[Revision] = []
    owners: dict[tuple[int, int] | Path, Module] = {}
    for module in modules:
        if module.location is None:
            continue
        first = owners.setdefault(_identity(module.location), module)
        if first is not module:
            reader.problems.append(_shared_location(first, module))
            continue
        found = [*reader.read(str(module.location))]
        revisions.extend(_in_module(module, found))
    headers.save()
    revisions = _with_implied_labels(revisions)
    warnings = (
        *_unread(reader.passed_over, {module.location for module in modules}),
        *reader.warnings,
        *_reserved_labels(revisions),
    )
    return RevisionIndex(tuple(revisions), tuple(reader.problems), warnings)


def _identity(location: Path) -> tuple[int, int] | Path:
    """What two ways to one directory have in common; the way itself where there is no directory,
    which reading it says."""
    try:
        stat = location.stat()
    except OSError:
        return location
    return stat.st_dev, stat.st_ino


class _Reader:
    def __init__(
        self, headers: HeaderCache, search: Sequence[Path], links: Links, *, recursive: bool
    ) -> None:
        self._headers, self._search, self._recursive = headers, search, recursive
        self._links = links
        self.problems: list[ModalembicError] = []
        self.warnings: list[ProjectWarning] = []
        self.passed_over: dict[str, list[str]] = defaultdict(list)

    def read(self, directory: str) -> Iterator[tuple[str, Header]]:
        """Path and header of each revision file in `directory`, sorted by name."""
        for path, stat in self._files(directory):
            header = self._headers.get(path, stat)
            if header is None:
                try:
                    header = self._read(path, stat)
                except OSError as error:
                    self._unreadable(path, error)
                    continue
                except ModalembicError as error:
                    self.problems.append(error)
                    continue
            if path in self._headers.computed:
                self.warnings.extend(_computed_order(path, header))
            yield path, header

    def _read(self, path: str, stat: os.stat_result) -> Header:
        source = Path(path).read_bytes()
        try:
            header = read_header(source, path)
        except ComputedHeader:
            header = import_header(path, self._search)
            if depends_on_project(source, self._search):
                # No stamp of this file, or of what is installed, tells when it changes.
                self._headers.computed.add(path)
                return header
            self._headers.put(path, stat, source, header, computed=True)
            return header
        self._headers.put(path, stat, source, header, computed=False)
        return header

    def _files(self, directory: str) -> Iterator[tuple[str, os.stat_result]]:
        """What Alembic would load: `*.py` but for `__init__` and editors' lock files. Directories
        below are not followed where they are links, by Alembic neither."""
        for entry in self._entries(directory):
            name = entry.name
            if name.endswith(".py") and not name.startswith(("__init__", ".#")):
                try:
                    if entry.is_symlink():
                        self._links.require(entry.path)
                    yield entry.path, entry.stat()
                except OSError as error:
                    self._unreadable(entry.path, error)
                except ModalembicError as error:
                    self.problems.append(error)
            elif name != "__pycache__" and entry.is_dir(follow_symlinks=False):
                if self._recursive:
                    yield from self._files(entry.path)
                else:
                    self.passed_over[directory].append(entry.path)

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        """What is in `directory`, sorted by name; nothing where it is not to be read."""
        try:
            if self._links.on_the_way_to(directory):
                self._links.require(directory)
            with os.scandir(directory) as found:
                return sorted(found, key=attrgetter("name"))
        except OSError as error:
            self._unreadable(directory, error)
        except ModalembicError as error:
            self.problems.append(error)
        return []

    def _unreadable(self, path: str, error: OSError) -> None:
        self.problems.append(
            RevisionFileError(
                f"cannot be read: {error.strerror}",
                hint="may this user read it?",
                path=path,
            )
        )


def _in_module(module: Module, found: Iterable[tuple[str, Header]]) -> Iterator[Revision]:
    for path, (revision, downs, needs, labels, doc, line) in found:
        known_as = labels
        if module.labels:
            known_as = tuple(module.labels.get(label, label) for label in labels)
        yield Revision(revision, module.name, downs, needs, known_as, doc, path, line)


def _with_implied_labels(revisions: list[Revision]) -> list[Revision]:
    """A base without a label is known by its module's name, unless that is taken: by a label or an
    id in any file, or by a second base of the module."""
    taken = {label for revision in revisions for label in revision.branch_labels}
    taken.update(revision.id for revision in revisions)
    bare: dict[str, list[int]] = defaultdict(list)
    for position, revision in enumerate(revisions):
        if not revision.down_revisions and not revision.branch_labels:
            bare[revision.module].append(position)
    for module, positions in bare.items():
        if module not in taken and len(positions) == 1:
            position = positions[0]
            revisions[position] = revisions[position]._replace(
                branch_labels=(module,), label_implied=True
            )
    return revisions


def _shared_location(first: Module, second: Module) -> DuplicateLocation:
    return DuplicateLocation(
        f"{first.name} and {second.name} keep their revisions in one directory, {second.location}",
        hint="give each module a version location of its own",
        path=second.origin.path,
        line=second.origin.line,
    )


def _unread(
    passed_over: Mapping[str, Iterable[str]], locations: AbstractSet[Path | None]
) -> Iterator[ProjectWarning]:
    """A warning for each version location with revision files further down, where Alembic does not
    look unless it is told to. `locations` are those of all modules."""
    for location, directories in passed_over.items():
        unread = sorted(filter(partial(_has_unread, locations), map(Path, directories)))
        if unread:
            more = f" and {len(unread) - 1} more" if unread[1:] else ""
            yield ProjectWarning(
                "unread-revisions",
                f"revision files in {unread[0].name}{more} below {location} are not read",
                hint="recursive_version_locations = true in [tool.alembic] has them read, by stock "
                "Alembic too",
                path=unread[0],
            )


def _has_unread(locations: AbstractSet[Path | None], directory: Path) -> bool:
    """Whether `directory`, or one below it that is nobody's location, has revision files."""
    if directory in locations or (directory / "env.py").is_file():
        return False
    return LocationFinder.holds_revisions(directory) or any(
        _has_unread(locations, below)
        for below in directory.iterdir()
        if below.is_dir() and not below.is_symlink()
    )


def _computed_order(path: str, header: Header) -> Iterator[ProjectWarning]:
    """A warning where importing the file decides what its revision follows or depends on."""
    try:
        read_header(Path(path).read_bytes(), path)
    except ComputedHeader as computed:
        for name, value in (
            ("down_revision", header.down_revisions),
            ("depends_on", header.depends_on),
        ):
            if name in computed.names:
                yield ProjectWarning(
                    "computed-header",
                    f"{header.revision} computes its {name}, so another machine may order "
                    f"revisions differently; here it is {', '.join(value) or 'empty'}",
                    hint="write it as a literal, if the file is yours",
                    path=Path(path),
                    line=line_of(path, name),
                )


def _reserved_labels(revisions: Iterable[Revision]) -> Iterator[ProjectWarning]:
    for revision in revisions:
        for label in revision.branch_labels:
            if label in RESERVED_NAMES:
                yield ProjectWarning(
                    "reserved-label",
                    f"branch label {label!r} of {revision.id} means something else as a target",
                    hint=f"address the branch as {revision.module}@head",
                    path=Path(revision.path),
                    line=revision.line,
                )
