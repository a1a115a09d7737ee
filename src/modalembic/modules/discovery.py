"""Which modules exist: directory globs, entry points, tables in the configuration, central
locations.

Nothing is imported on the way. What is wrong is kept as values, so that a report can still show the
rest; commands that plan or run raise it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from modalembic.config import Configuration, ModuleTable
from modalembic.errors import (
    ConfigurationError,
    DuplicateModule,
    ManifestError,
    ModalembicError,
    ModuleInZip,
    ModuleNameError,
    ModuleNotFound,
    ProjectWarning,
)
from modalembic.modules.location import LocationFinder
from modalembic.modules.manifest import Manifest, read_manifest
from modalembic.modules.module import Module, Origin, name_complaint
from modalembic.modules.packages import dotted_name, package_directory
from modalembic.modules.requirements import order_modules


@dataclass(frozen=True)
class Discovery:
    """The modules in order (see `order_modules`), and what is wrong or a trap."""

    modules: tuple[Module, ...]
    problems: tuple[ModalembicError, ...]
    warnings: tuple[ProjectWarning, ...]


def discover(configuration: Configuration, search: Sequence[Path]) -> Discovery:
    """Every module of the project. `search` are the directories that it adds to `sys.path`."""
    finder = _Finder(configuration, search)
    modules, duplicates = _unique(finder.run())
    ordered, wrong = order_modules(modules, _requirements_in_tables(configuration))
    return Discovery(
        ordered,
        _once((*finder.problems, *finder.name_problems(ordered), *duplicates, *wrong)),
        tuple(finder.warnings),
    )


@dataclass(frozen=True)
class _Place:
    """Where a module was found, before its manifest and its table are read."""

    directory: Path
    origin: Origin
    name: str
    package: str | None = None
    below: str = ""
    found_as: str = ""


class _Finder:
    def __init__(self, configuration: Configuration, search: Sequence[Path]) -> None:
        self.configuration = configuration
        self.search = search
        self.problems: list[ModalembicError] = []
        self.warnings: list[ProjectWarning] = []
        self._locations = LocationFinder(configuration.versions)
        self._used: set[str] = set()

    def run(self) -> Iterator[Module]:
        yield from self._central()
        for places in (self._directories, self._entry_points, self._tables):
            for place in places():
                yield self._module(place)

    def name_problems(self, modules: Iterable[Module]) -> Iterator[ModalembicError]:
        for module in modules:
            complaint = name_complaint(module.name)
            if complaint is not None:
                yield ModuleNameError(
                    f"a module cannot have this name: {complaint}",
                    hint="name it in its manifest, or rename the directory",
                    path=module.origin.path,
                    line=module.origin.line,
                )

    # --- sources --------------------------------------------------------------------------------

    def _central(self) -> Iterator[Module]:
        file = self.configuration.file
        for name, text in self.configuration.locations.items():
            line = self.configuration.line_of("locations", name)
            try:
                location = self._locations.exactly(self._anchored(text, file, line), file, line)
            except ModalembicError as error:
                error.message = f"locations.{name}: {error.message}"
                self.problems.append(error)
                continue
            module = Module(
                name,
                Origin("location", file, line),
                tier="core",
                location=location,
                multiple_heads=self.configuration.multiple_heads,
                central=True,
            )
            yield self._with_table(module, None)

    def _anchored(self, text: str, file: Path, line: int | None) -> Path:
        """A path below the project, or `package:directory`."""
        package, colon, below = text.partition(":")
        if colon and "/" not in package:
            return package_directory(package, self.search, named_in=file, line=line) / below
        return _below(self.configuration.root, text)

    def _directories(self) -> Iterator[_Place]:
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
                    self.warnings.append(
                        ProjectWarning(
                            "empty-module",
                            f"{directory.name} has no Python file, so it is no module",
                            hint="add its __init__.py, or remove the directory",
                            path=directory,
                        )
                    )
                else:
                    yield _Place(directory, Origin("directory", directory), directory.name)

    def _matches(self, pattern: str) -> list[Path]:
        try:
            found = sorted(self.configuration.root.glob(pattern))
        except (ValueError, NotImplementedError) as error:
            raise ConfigurationError(
                f"modules: {pattern!r} is not a pattern of directories below the project: {error}",
                hint='write it as in modules = ["app/modules/*"]',
                path=self.configuration.file,
                line=self.configuration.line_of("modules"),
            ) from error
        return [
            Path(os.path.normpath(path))
            for path in found
            if path.is_dir() and not path.name.startswith((".", "_"))
        ]

    def _unmatched(self, code: str, message: str, key: str) -> None:
        file, line = self.configuration.file, self.configuration.line_of(key)
        self.warnings.append(ProjectWarning(code, f"{key}: {message}", path=file, line=line))

    def _entry_points(self) -> Iterator[_Place]:
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
                    self.problems.append(error)
                else:
                    origin = Origin("entry point", directory)
                    yield _Place(directory, origin, name, package, below, found_as)

    def _tables(self) -> Iterator[_Place]:
        """The modules that only a table declares; by then tables of discovered modules are used."""
        file = self.configuration.file
        for name, table in self.configuration.module.items():
            if name in self._used:
                continue
            try:
                directory = self._declared(table)
            except (ModuleNotFound, ModuleInZip) as error:
                error.message = f"module.{name}: {error.message}"
                self.problems.append(error)
            else:
                yield _Place(directory, Origin("configuration", file, table.line), name)

    def _declared(self, table: ModuleTable) -> Path:
        file = self.configuration.file
        if table.path is not None:
            directory = _below(self.configuration.root, table.path)
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

    # --- one module -----------------------------------------------------------------------------

    def _module(self, place: _Place) -> Module:
        """The module at `place`. What is wrong with it is a problem, and leaves the defaults."""
        try:
            manifest = read_manifest(place.directory, self.configuration.manifest)
        except ManifestError as error:
            self.problems.append(error)
            manifest = None
        else:
            self._note_missing_symbol(place.directory, manifest)
        module = Module(
            name=place.name,
            origin=place.origin,
            directory=place.directory,
            package=place.package or dotted_name(place.directory, self.search),
            multiple_heads=self.configuration.multiple_heads,
        )
        if manifest is not None:
            declared = place.origin.kind == "configuration"
            module = replace(
                module,
                name=place.name if declared else manifest.name or place.name,
                origin=replace(place.origin, path=manifest.path, line=manifest.line),
                tier=manifest.tier or module.tier,
                requires=manifest.requires or (),
            )
            self._note_unread(module, manifest)
        try:
            location = self._location(module, place.directory, manifest, place.below)
            module = replace(module, location=location)
        except ModalembicError as error:
            error.message = place.found_as + error.message
            self.problems.append(error)
        return self._with_table(module, manifest)

    def _note_unread(self, module: Module, manifest: Manifest) -> None:
        """What the manifest hides is wrong, but for what a table in the configuration says."""
        table = self.configuration.module.get(module.name)
        known = {
            "name": module.origin.kind == "configuration",
            "tier": table is not None and table.tier is not None,
            "requires": table is not None and table.requires is not None,
        }
        self.problems.extend(
            error for field, error in manifest.unread.items() if not known.get(field, True)
        )

    def _location(
        self, module: Module, directory: Path, manifest: Manifest | None, below: str
    ) -> Path | None:
        table = self.configuration.module.get(module.name)
        origin = module.origin
        if table is not None and table.versions is not None:
            file = self.configuration.file
            return self._locations.exactly(_below(directory, table.versions), file, table.line)
        if below:
            return self._locations.exactly(_below(directory, below), origin.path, origin.line)
        if manifest is not None and manifest.versions is not None:
            path = _below_package(directory, module.package, manifest.versions)
            return self._locations.exactly(path, manifest.path, manifest.line)
        if origin.kind == "entry point" and self._locations.holds_revisions(directory):
            return directory
        location = self._locations.conventional(directory)
        if location is None and manifest is not None and "versions" in manifest.unread:
            raise manifest.unread["versions"]
        return location

    def _with_table(self, module: Module, manifest: Manifest | None) -> Module:
        """`module` with what its table in the configuration says, and its models expanded."""
        table = self.configuration.module.get(module.name)
        patterns = self.configuration.models
        if manifest is not None and manifest.models is not None:
            patterns = (_dotted_below(manifest.models),)
        if table is not None:
            if (
                table.path is None
                or _below(self.configuration.root, table.path) == module.directory
            ):
                self._used.add(module.name)
            module = _corrected(module, table)
            patterns = table.models or patterns
        return replace(module, models=_expanded(patterns, module.package))

    def _note_missing_symbol(self, directory: Path, manifest: Manifest | None) -> None:
        shape = self.configuration.manifest
        path = directory / shape.file
        if manifest is None and path.is_file():
            self.warnings.append(
                ProjectWarning(
                    "manifest-without-symbol",
                    f"{directory.name}: {shape.file} has no {shape.symbol or 'dict'}, so the "
                    "module has its directory's name, the tier optional, and no requirements",
                    hint="say in [tool.modalembic.manifest] what to look for",
                    path=path,
                )
            )


def _has_python(directory: Path) -> bool:
    if (directory / "__init__.py").is_file():
        return True
    return next(directory.rglob("*.py"), None) is not None


def _corrected(module: Module, table: ModuleTable) -> Module:
    return replace(
        module,
        tier=table.tier or module.tier,
        requires=module.requires if table.requires is None else table.requires,
        multiple_heads=(
            module.multiple_heads if table.multiple_heads is None else table.multiple_heads
        ),
        package=table.package or module.package,
        labels=MappingProxyType(dict(table.labels)),
    )


def _expanded(patterns: Iterable[str], package: str | None) -> tuple[str, ...]:
    """Model patterns with `{package}` filled in; without a package, those that need none."""
    return tuple(
        pattern.replace("{package}", package or "")
        for pattern in patterns
        if package is not None or "{package}" not in pattern
    )


def _dotted_below(models: str) -> str:
    """A manifest's `models`: one name, or one that begins with a dot, is below its package."""
    name = models.lstrip(".")
    return models if "." in models and name == models else f"{{package}}.{name}"


def _below(directory: Path, text: str) -> Path:
    return Path(os.path.normpath(directory / text))


def _below_package(directory: Path, package: str | None, text: str) -> Path:
    """A manifest's path to its migrations: a directory, or a dotted name below the package."""
    plain = _below(directory, text)
    if "/" in text or plain.is_dir():
        return plain
    if package is not None and text.startswith(package + "."):
        text = text[len(package) + 1 :]
    return directory.joinpath(*text.split("."))


def _requirements_in_tables(configuration: Configuration) -> Mapping[str, Origin]:
    """Where requirements are written that a table in the configuration gives."""
    return {
        name: Origin("configuration", configuration.file, table.line)
        for name, table in configuration.module.items()
        if table.requires is not None
    }


def _unique(modules: Iterable[Module]) -> tuple[list[Module], list[ModalembicError]]:
    """The modules, each name once. A module that is found twice in one place is one module."""
    kept: dict[str, Module] = {}
    problems: list[ModalembicError] = []
    for module in modules:
        first = kept.setdefault(module.name, module)
        if first is module:
            continue
        if _is_same(first, module):
            kept[module.name] = replace(first, location=first.location or module.location)
            continue
        problems.append(
            DuplicateModule(
                f"two modules are called {module.name!r}: {first.origin} and {module.origin}",
                hint="give one of them another name in its manifest or in the configuration",
                path=module.origin.path,
                line=module.origin.line,
            )
        )
    return list(kept.values()), problems


def _is_same(one: Module, other: Module) -> bool:
    if one.directory is None or one.directory != other.directory:
        return False
    return None in (one.location, other.location) or one.location == other.location


def _once(problems: Iterable[ModalembicError]) -> tuple[ModalembicError, ...]:
    """Each problem once: a module that is found twice is wrong twice."""
    seen = {(error.code, error.message, error.where): error for error in reversed([*problems])}
    return tuple(reversed(seen.values()))
