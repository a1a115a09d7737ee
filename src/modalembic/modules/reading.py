"""From a place to a module: its manifest, its table in the configuration, its version location."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from modalembic.config import Configuration, ModuleTable
from modalembic.errors import ManifestError, ModalembicError, ProjectWarning
from modalembic.modules.location import LocationFinder
from modalembic.modules.manifest import Manifest, read_manifest
from modalembic.modules.module import Module, Origin
from modalembic.modules.packages import dotted_name, package_directory
from modalembic.modules.places import Place, Report, path_below


class ModuleReader:
    """Reads modules; what is wrong with one goes into `report`, and leaves the defaults.

    `used` are the names of the tables in the configuration that a module was corrected by.
    """

    def __init__(
        self, configuration: Configuration, search: Sequence[Path], report: Report
    ) -> None:
        self.configuration = configuration
        self.search = search
        self.report = report
        self.used: set[str] = set()
        self._locations = LocationFinder(configuration.versions)

    def central(self, name: str, text: str) -> Module | None:
        """The central version location `name` at `text`; None where it is not there."""
        file, line = self.configuration.file, self.configuration.line_of("locations", name)
        try:
            location = self._locations.exactly(self._anchored(text, file, line), file, line)
        except ModalembicError as error:
            error.message = f"locations.{name}: {error.message}"
            self.report.problems.append(error)
            return None
        module = Module(
            name,
            Origin("location", file, line),
            tier="core",
            location=location,
            multiple_heads=self.configuration.multiple_heads,
            central=True,
        )
        return self._with_table(module, None)

    def _anchored(self, text: str, file: Path, line: int | None) -> Path:
        """A path below the project, or `package:directory`."""
        package, colon, below = text.partition(":")
        if colon and "/" not in package:
            return package_directory(package, self.search, named_in=file, line=line) / below
        return path_below(self.configuration.root, text)

    def module(self, place: Place) -> Module:
        """The module at `place`. What is wrong with it is a problem, and leaves the defaults."""
        try:
            manifest = read_manifest(place.directory, self.configuration.manifest)
        except ManifestError as error:
            self.report.problems.append(error)
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
                components=manifest.components,
                lists_components=manifest.lists_components,
                auto_install=manifest.auto_install is not False,
            )
            self._note_unread(module, manifest)
        try:
            location = self._location(module, place.directory, manifest, place.below)
            module = replace(module, location=location)
        except ModalembicError as error:
            error.message = place.found_as + error.message
            self.report.problems.append(error)
        return self._with_table(module, manifest)

    def _note_unread(self, module: Module, manifest: Manifest) -> None:
        """What the manifest hides is wrong, but for what a table in the configuration says."""
        table = self.configuration.module.get(module.name)
        known = {
            "name": module.origin.kind == "configuration",
            "tier": table is not None and table.tier is not None,
            "requires": table is not None and table.requires is not None,
            "auto_install": table is not None and table.auto_install is not None,
        }
        self.report.problems.extend(
            error for field, error in manifest.unread.items() if not known.get(field, True)
        )

    def _location(
        self, module: Module, directory: Path, manifest: Manifest | None, below: str
    ) -> Path | None:
        table = self.configuration.module.get(module.name)
        origin = module.origin
        if table is not None and table.versions is not None:
            file = self.configuration.file
            return self._locations.exactly(path_below(directory, table.versions), file, table.line)
        if below:
            return self._locations.exactly(path_below(directory, below), origin.path, origin.line)
        if manifest is not None and manifest.versions is not None:
            path = below_package(directory, module.package, manifest.versions)
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
            patterns = (models_pattern(manifest.models),)
        if table is not None:
            if (
                table.path is None
                or path_below(self.configuration.root, table.path) == module.directory
            ):
                self.used.add(module.name)
            module = _corrected(module, table)
            patterns = table.models or patterns
        return replace(module, models=_expanded(patterns, module.package))

    def _note_missing_symbol(self, directory: Path, manifest: Manifest | None) -> None:
        shape = self.configuration.manifest
        path = directory / shape.file
        if manifest is None and path.is_file():
            self.report.warnings.append(
                ProjectWarning(
                    "manifest-without-symbol",
                    f"{directory.name}: {shape.file} has no {shape.symbol or 'dict'}, so the "
                    "module has its directory's name, the tier optional, and no requirements",
                    hint="say in [tool.modalembic.manifest] what to look for",
                    path=path,
                )
            )


def _corrected(module: Module, table: ModuleTable) -> Module:
    return replace(
        module,
        tier=table.tier or module.tier,
        requires=module.requires if table.requires is None else table.requires,
        multiple_heads=(
            module.multiple_heads if table.multiple_heads is None else table.multiple_heads
        ),
        auto_install=(module.auto_install if table.auto_install is None else table.auto_install),
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


def models_pattern(models: str) -> str:
    """A manifest's `models` as a pattern: one name, or one that begins with a dot, is below its
    package."""
    name = models.lstrip(".")
    return models if "." in models and name == models else f"{{package}}.{name}"


def below_package(directory: Path, package: str | None, text: str) -> Path:
    """A manifest's path to its migrations: a directory, or a dotted name below the package."""
    plain = path_below(directory, text)
    if "/" in text or plain.is_dir():
        return plain
    if package is not None and text.startswith(package + "."):
        text = text[len(package) + 1 :]
    return directory.joinpath(*text.split("."))
