"""Where modules are: directory globs, entry points, and tables in the configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from modalembic.config import Configuration, ModuleTable
from modalembic.errors import (
    ConfigurationError,
    ModalembicError,
    ModuleInZip,
    ModuleNotFound,
    ProjectWarning,
)
from modalembic.modules.module import Origin
from modalembic.modules.packages import package_directory


@dataclass
class Report:
    """What is wrong or a trap, gathered while modules are found and read."""

    problems: list[ModalembicError] = field(default_factory=list)
    warnings: list[ProjectWarning] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where a module was found, before its manifest and its table are read. `below` is the
    directory of its revision files where its finding says so; `found_as` begins messages about
    it."""

    directory: Path
    origin: Origin
    name: str
    package: str | None = None
    below: str = ""
    found_as: str = ""


class PlaceFinder:
    """Finds the places of a project; what is wrong goes into `report`."""

    def __init__(
        self, configuration: Configuration, search: Sequence[Path], report: Report
    ) -> None:
        self.configuration = configuration
        self.search = search
        self.report = report

    def directories(self) -> Iterator[Place]:
        """The packages that the globs in `modules` match."""
        seen: set[Path] = set()
        for pattern in self.configuration.modules:
            matched = self._matches(pattern)
            if not matched:
                self._unmatched("unmatched-pattern", f"{pattern!r} matches no directory", "modules")
            for directory in matched:
                if directory in seen:
                    continue
                seen.add(directory)
                if not _has_python(directory):
                    self.report.warnings.append(
                        ProjectWarning(
                            "empty-module",
                            f"{directory.name} has no Python file, so it is no module",
                            hint="add its __init__.py, or remove the directory",
                            path=directory,
                        )
                    )
                else:
                    yield Place(directory, Origin("directory", directory), directory.name)

    def _matches(self, pattern: str) -> list[Path]:
        try:
            found = sorted(self.configuration.root.glob(pattern))
        except (ValueError, NotImplementedError, IndexError) as error:
            # pathlib has no words of its own for ".".
            why = "it is the project" if isinstance(error, IndexError) else error
            raise ConfigurationError(
                f"modules: {pattern!r} is not a pattern of directories below the project: {why}",
                hint='write it as in modules = ["app/modules/*"]',
                path=self.configuration.file,
                line=self.configuration.line_of("modules"),
            ) from error
        named = [path for path in found if not path.name.startswith((".", "_"))]
        self.report.problems.extend(
            _broken(path) for path in named if path.is_symlink() and not path.exists()
        )
        return [Path(os.path.normpath(path)) for path in named if path.is_dir()]

    def _unmatched(self, code: str, message: str, key: str) -> None:
        file, line = self.configuration.file, self.configuration.line_of(key)
        self.report.warnings.append(ProjectWarning(code, f"{key}: {message}", path=file, line=line))

    def entry_points(self) -> Iterator[Place]:
        """The packages that entry points of the configured groups name."""
        if not self.configuration.entry_points:
            return
        from importlib.metadata import entry_points

        file, line = self.configuration.file, self.configuration.line_of("entry_points")
        for group in self.configuration.entry_points:
            found = sorted({(point.name, point.value) for point in entry_points(group=group)})
            if not found:
                message = f"no installed distribution has entry points in the group {group!r}"
                self._unmatched("unmatched-entry-points", message, "entry_points")
            for name, value in found:
                found_as = f"entry point {name} = {value} of {group}: "
                package, _, below = (part.strip() for part in value.partition("["))
                package, _, below = (part.strip() for part in package.partition(":"))
                try:
                    directory = package_directory(package, self.search, named_in=file, line=line)
                except (ModuleNotFound, ModuleInZip) as error:
                    error.message = found_as + error.message
                    self.report.problems.append(error)
                else:
                    origin = Origin("entry point", directory)
                    yield Place(directory, origin, name, package, below, found_as)

    def tables(self, used: AbstractSet[str]) -> Iterator[Place]:
        """The packages that only a table declares; `used` are the names of tables that correct a
        module which is found elsewhere."""
        file = self.configuration.file
        for name, table in self.configuration.module.items():
            if name in used:
                continue
            try:
                directory = self._declared(table)
            except (ModuleNotFound, ModuleInZip) as error:
                error.message = f"module.{name}: {error.message}"
                self.report.problems.append(error)
            else:
                yield Place(directory, Origin("configuration", file, table.line), name)

    def _declared(self, table: ModuleTable) -> Path:
        file = self.configuration.file
        if table.path is not None:
            directory = path_below(self.configuration.root, table.path)
            if directory.is_dir():
                return directory
            raise ModuleNotFound(
                f"there is no directory {table.path}",
                hint="correct path, which is below the project's directory",
                path=file,
                line=table.line,
            )
        if table.package is not None:
            return package_directory(table.package, self.search, named_in=file, line=table.line)
        raise ModuleNotFound(
            "no module of this name is discovered, and the table has neither path nor package",
            hint='add path = "…" or package = "…", or correct the name',
            path=file,
            line=table.line,
        )


def _has_python(directory: Path) -> bool:
    if (directory / "__init__.py").is_file():
        return True
    return next(directory.rglob("*.py"), None) is not None


def _broken(path: Path) -> ModuleNotFound:
    """A module that is not there would be taken for one that was removed."""
    return ModuleNotFound(
        f"{path.name} is a symbolic link that leads nowhere",
        hint="restore what it leads to, or remove it",
        path=path,
    )


def path_below(directory: Path, text: str) -> Path:
    """`directory/text` without dots in it."""
    return Path(os.path.normpath(directory / text))
