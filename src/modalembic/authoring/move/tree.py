"""The project's Python source as it is, and as it is to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import as_text
from modalembic.modules.own_files import PYTHON, python_files
from modalembic.project import Project


@dataclass(frozen=True, order=True)
class SourceFile:
    """A file of the project; `module` is its dotted name, None where no `sys.path` entry leads to
    it."""

    path: Path
    module: str | None

    @property
    def is_package(self) -> bool:
        """Whether this is the `__init__` of a package."""
        return self.path.stem == "__init__"

    @property
    def package(self) -> str | None:
        """What a relative import starts from; None where that is not known."""
        if self.module is None or self.is_package:
            return self.module
        return self.module.rpartition(".")[0]

    def absolute(self, level: int, module: str) -> str | None:
        """The module that `from {level dots}{module} import …` names in this file."""
        if not level:
            return module
        if not self.package:
            return None
        parts = self.package.split(".")
        if level > len(parts):
            return None
        base = ".".join(parts[: len(parts) - level + 1])
        return f"{base}.{module}" if module else base


@dataclass
class SourceTree:
    """The project's source with changes that are not written yet. `search` are the directories from
    which it is imported; files below `kept` (revisions) are never changed."""

    root: Path
    search: tuple[Path, ...]
    kept: tuple[Path, ...] = ()
    _before: dict[Path, bytes] = field(default_factory=dict)
    _after: dict[Path, bytes | None] = field(default_factory=dict)

    @classmethod
    def of(cls, project: Project) -> SourceTree:
        """The tree of `project` as it stands."""
        kept = tuple(module.location for module in project.modules if module.location is not None)
        return cls(project.root.resolve(), tuple(path.resolve() for path in project.search), kept)

    @cached_property
    def _listed(self) -> tuple[SourceFile, ...]:
        return tuple(SourceFile(path, self.module_of(path)) for path in python_files(self.root))

    def files(self) -> tuple[SourceFile, ...]:
        """Every Python file, new ones included and removed ones not, but for what is kept."""
        known = {file.path: file for file in self._listed}
        for path in self._after:
            if path.suffix in PYTHON:
                known.setdefault(path, SourceFile(path, self.module_of(path)))
        gone = {path for path, content in self._after.items() if content is None}
        return tuple(
            file
            for path, file in sorted(known.items())
            if path not in gone and not self.is_kept(path)
        )

    def kept_files(self) -> tuple[SourceFile, ...]:
        """The files that are never changed."""
        return tuple(file for file in self._listed if self.is_kept(file.path))

    def mentioning(self, words: Iterable[str]) -> Iterator[SourceFile]:
        """The files that have one of `words` in them, as any file has to that uses a name."""
        encoded = tuple(word.encode() for word in words)
        for file in self.files():
            text = self.read(file.path)
            if any(word in text for word in encoded):
                yield file

    def read(self, path: Path) -> bytes:
        """The content of a file as it is to be; empty where there is none."""
        if path in self._after:
            return self._after[path] or b""
        if path not in self._before:
            try:
                self._before[path] = path.read_bytes()
            except FileNotFoundError:
                return b""
        return self._before[path]

    def exists(self, path: Path) -> bool:
        """Whether the file is to be there."""
        return self._after[path] is not None if path in self._after else path.is_file()

    def write(self, path: Path, content: bytes | None) -> None:
        """Change a file, or remove it (None)."""
        if path.is_file() and path not in self._before:
            self._before[path] = path.read_bytes()
        self._after[path] = content

    def changes(self) -> ChangeSet:
        """What has been changed, in the order of the paths."""
        changes = (
            Change(
                path,
                as_text(self._before[path]) if path in self._before else None,
                None if content is None else as_text(content),
            )
            for path, content in sorted(self._after.items())
        )
        return ChangeSet.of(self.root, changes)

    def file_of(self, module: str) -> SourceFile | None:
        """The file of the module with this dotted name, or None."""
        for directory in self.directories_of(module.rpartition(".")[0]):
            name = module.rpartition(".")[2]
            for path in (directory / name / "__init__.py", directory / f"{name}.py"):
                if self.exists(path):
                    return SourceFile(path, module)
        return None

    def directories_of(self, package: str) -> tuple[Path, ...]:
        """Where the modules of a package are: one directory, several of a namespace, or none."""
        places: Sequence[Path] = self.search
        for part in package.split(".") if package else ():
            below = [place / part for place in places]
            places = [place for place in below if place.is_dir() or self._is_planned(place)]
            regular = [place for place in places if self.exists(place / "__init__.py")]
            places = regular[:1] or places
        return tuple(places)

    def module_of(self, path: Path) -> str | None:
        """The dotted name of a file; of several the one from the longest entry of `search`."""
        for root in sorted(self.search, key=lambda place: len(place.parts), reverse=True):
            if path.is_relative_to(root):
                parts = path.relative_to(root).with_suffix("").parts
                parts = parts[:-1] if parts[-1] == "__init__" else parts
                return ".".join(parts) if parts and all(map(str.isidentifier, parts)) else None
        return None

    def _is_planned(self, directory: Path) -> bool:
        return any(
            content is not None and path.is_relative_to(directory)
            for path, content in self._after.items()
        )

    def is_kept(self, path: Path) -> bool:
        """Whether a file is never changed: a revision."""
        return any(path.is_relative_to(place) for place in self.kept)
