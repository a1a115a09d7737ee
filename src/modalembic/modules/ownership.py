"""Which module owns which table, as the source tells.

A table belongs to the module in whose package its model is defined; a model that is defined in a
central place, in no module's package, to the module whose models re-export it (`reexports.py` says
what a re-export is). Importing a model that another module defines makes no owner: the definition
wins. Two owners are a problem that names both, unless `[tool.modalembic.owners]` settles it; what
is said there always wins, and may name tables that no model defines.

Nothing is imported, so what only running code can tell is left open: a module with such a model, or
with a file that does not parse, has None for its tables. `modalembic.runtime.models.loaded` decides
by the same rule over the imported models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from modalembic.collector import collector_paused
from modalembic.config import Configuration
from modalembic.errors import ModalembicError
from modalembic.modules.claims import Claim, decide
from modalembic.modules.module import Module
from modalembic.modules.reexports import ReExport, imported_modules, re_exported
from modalembic.modules.sources import SourceFile, Sources
from modalembic.modules.tables import Definition, TableReader


@dataclass(frozen=True)
class ModelSources:
    """What the source says of models: where each is defined, and who re-exports it.

    `files` are the model files (dotted names) of each module in the order in which they are to be
    imported; `unclear` names the modules of which something cannot be told, with the place.
    """

    files: Mapping[str, tuple[str, ...]]
    definitions: tuple[Definition, ...]
    re_exports: tuple[ReExport, ...]
    unclear: Mapping[str, tuple[Path, int | None]]
    territory: Territory

    @cached_property
    def re_exporters(self) -> Mapping[tuple[str, str], tuple[ReExport, ...]]:
        """The re-exports of each symbol, by the file that defines it and its name there."""
        found: dict[tuple[str, str], tuple[ReExport, ...]] = {}
        for export in self.re_exports:
            key = (export.source, export.symbol)
            found[key] = (*found.get(key, ()), export)
        return found

    def claims(self) -> Iterator[Claim]:
        """The claims of all definitions whose table the source tells."""
        for definition in self.definitions:
            if definition.table is not None:
                yield from self.claims_on(
                    definition.table,
                    definition.module,
                    definition.symbol,
                    definition.path,
                    definition.line,
                )

    def claims_on(
        self, table: str, module: str, symbol: str | None, path: Path, line: int | None
    ) -> Iterator[Claim]:
        """The claims on one table, which the file `module` (a dotted name) defines as `symbol`."""
        owner = self.territory.of(module)
        yield Claim(table, owner, path, line, defined=True)
        if owner is None and symbol is not None:
            for export in self.re_exporters.get((module, symbol), ()):
                yield Claim(table, export.module, export.path, export.line, defined=False)


@dataclass(frozen=True)
class Territory:
    """Which module a file belongs to: the one with the longest package or models name in front."""

    prefixes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of_modules(cls, modules: Iterable[Module]) -> Territory:
        """From the packages of `modules`, and from models that one module alone names."""
        modules = tuple(modules)
        prefixes: dict[str, str] = {}
        for module in modules:
            if module.package is not None:
                prefixes.setdefault(module.package, module.name)
        named_by: dict[str, list[str]] = {}
        for module in modules:
            for models in module.models:
                named_by.setdefault(models, []).append(module.name)
        for models, names in named_by.items():
            if len(names) == 1:
                prefixes[models] = names[0]
        return cls(MappingProxyType(prefixes))

    def of(self, dotted: str) -> str | None:
        """The module to which the file `dotted` belongs; None: a central place."""
        while dotted:
            if dotted in self.prefixes:
                return self.prefixes[dotted]
            dotted = dotted.rpartition(".")[0]
        return None


@dataclass(frozen=True, slots=True)
class ModelEntryPoint:
    """An entry point whose value is `module`, or `module:attribute` (else `attribute` is empty)."""

    group: str
    name: str
    module: str
    attribute: str


@dataclass(frozen=True)
class Ownership:
    """Tables and their owners as the source tells. `tables` has every module: None where they
    cannot be told, () where there are no models. `owners` has None for tables without an owner."""

    sources: ModelSources
    tables: Mapping[str, tuple[str, ...] | None]
    owners: Mapping[str, str | None]
    problems: tuple[ModalembicError, ...]


def read_ownership(
    modules: Sequence[Module], search: Sequence[Path], configuration: Configuration
) -> Ownership:
    """Who owns what, from the source alone. `search` are the directories that the project adds to
    `sys.path`.

    Raises nothing: two owners, or an owner who is no module, are in `problems`.
    """
    extra = [point.module for point in model_entry_points(configuration)]
    with collector_paused():
        sources = _Reader(modules, search, extra).read()
    decision = decide(sources.claims(), configuration, frozenset(module.name for module in modules))
    owned: dict[str, list[str]] = {module.name: [] for module in modules}
    for table, owner in decision.owners.items():
        if owner is not None:
            owned[owner].append(table)
    tables = {
        name: None if name in sources.unclear else tuple(sorted(names))
        for name, names in owned.items()
    }
    return Ownership(sources, MappingProxyType(tables), decision.owners, decision.problems)


def model_entry_points(configuration: Configuration) -> tuple[ModelEntryPoint, ...]:
    """The entry points in the groups that the configuration names, sorted, each once."""
    if not configuration.model_entry_points:
        return ()
    from importlib.metadata import entry_points

    return tuple(
        ModelEntryPoint(group, name, *value.replace(" ", "").partition(":")[::2])
        for group in configuration.model_entry_points
        for name, value in sorted({(p.name, p.value) for p in entry_points(group=group)})
    )


class _Reader:
    def __init__(
        self, modules: Sequence[Module], search: Sequence[Path], extra_models: Sequence[str]
    ) -> None:
        self._modules = modules
        self._extra = tuple(dict.fromkeys(extra_models))
        self._roots = {(module.name, models) for module in modules for models in module.models}
        self._territory = Territory.of_modules(modules)
        named = (*self._territory.prefixes, *(m for module in modules for m in module.models))
        self._sources = Sources(
            search,
            {name.partition(".")[0] for name in (*named, *self._extra)},
            (module.location for module in modules if module.location is not None),
        )
        self._tables = TableReader(self._sources)
        self._unclear: dict[str, tuple[Path, int | None]] = {}
        self._reached: dict[str, None] = {}

    def read(self) -> ModelSources:
        files = {module.name: self._files_of(module) for module in self._modules}
        re_exports = [
            export
            for name, dotted_names in files.items()
            for dotted in dotted_names
            if self._territory.of(dotted) == name
            for export in self._re_exports(name, dotted)
        ]
        read = dict.fromkeys(dotted for names in files.values() for dotted in names)
        read.update(self._reached)
        definitions = [d for dotted in read for d in self._tables.definitions(dotted)]
        self._note_unclear(files, definitions, re_exports)
        return ModelSources(
            files=MappingProxyType(files),
            definitions=tuple(definitions),
            re_exports=tuple(re_exports),
            unclear=MappingProxyType(self._unclear),
            territory=self._territory,
        )

    def _files_of(self, module: Module) -> tuple[str, ...]:
        """The model files of `module`, those that entry points name included."""
        extra = (name for name in self._extra if self._territory.of(name) == module.name)
        found = (
            dotted
            for root in dict.fromkeys((*module.models, *extra))
            for dotted, _ in self._sources.below(root)
        )
        return tuple(dict.fromkeys(found))

    def _re_exports(self, module: str, dotted: str) -> Iterator[ReExport]:
        file = self._sources.file(dotted)
        if file is None:
            return
        root = (module, dotted) in self._roots
        for symbol, line in re_exported(self._sources, file, root=root):
            self._reached[symbol.module] = None
            if self._territory.of(symbol.module) is None and symbol.name is not None:
                yield ReExport(module, symbol.module, symbol.name, file.path, line)
        self._note_unreadable(module, file, root=root)

    def _note_unreadable(self, module: str, file: SourceFile, *, root: bool) -> None:
        if self._sources.unreadable:
            for imported in imported_modules(self._sources, file, root=root):
                if imported in self._sources.unreadable and self._territory.of(imported) is None:
                    self._unclear.setdefault(module, self._sources.unreadable[imported])

    def _note_unclear(
        self,
        files: Mapping[str, tuple[str, ...]],
        definitions: Iterable[Definition],
        re_exports: Iterable[ReExport],
    ) -> None:
        for module, dotted_names in files.items():
            for dotted in dotted_names:
                if dotted in self._sources.unreadable and self._territory.of(dotted) == module:
                    self._unclear.setdefault(module, self._sources.unreadable[dotted])
        nameless = {(d.module, d.symbol): d for d in definitions if d.table is None}
        for definition in nameless.values():
            owner = self._territory.of(definition.module)
            if owner is not None:
                self._unclear.setdefault(owner, (definition.path, definition.line))
        for export in re_exports:
            found = nameless.get((export.source, export.symbol))
            if found is not None:
                self._unclear.setdefault(export.module, (found.path, found.line))
