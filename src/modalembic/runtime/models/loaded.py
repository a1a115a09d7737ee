"""All models of a project, imported: their MetaData objects, and the owner of each table.

Importing a package is what registers its models, as Alembic's users expect; its submodules are
imported too, since a model in a file that nobody imports would otherwise be missing in silence.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from modalembic.errors import (
    ImportFailed,
    ModalembicError,
    ModelsNotFound,
    ObjectNotFound,
    ProjectProblems,
)
from modalembic.history.computed import search_path
from modalembic.modules.claims import decide
from modalembic.modules.ownership import ModelSources, model_entry_points, read_ownership
from modalembic.modules.packages import find_spec
from modalembic.project import Project
from modalembic.runtime.models.application import import_module, load_object
from modalembic.runtime.models.definitions import (
    DefinitionRecorder,
    TableDefinition,
    find_definitions,
)
from modalembic.runtime.models.discovered import metadata_of, metadatas_in
from modalembic.runtime.models.mappers import configured_mappers

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

# Where a MetaData was found that no module, entry point or configuration leads to.
ENVIRONMENT = "env.py"


@dataclass(frozen=True)
class FoundMetaData:
    """A MetaData with tables (or sequences or types), and the first place where it was found:
    `source` is the dotted name of a model module, `module:attribute` from the configuration, or
    ENVIRONMENT; `module` the module to which that belongs (None: to none)."""

    metadata: MetaData
    source: str
    module: str | None


@dataclass(frozen=True)
class ModelTable:
    """A table of the models. `key` is as in `MetaData.tables`; `definition` says where it is
    defined; `owner` is None where it has none, or two (then a problem says so)."""

    key: str
    table: Table
    definition: TableDefinition
    owner: str | None


@dataclass(frozen=True)
class LoadedModels:
    """What importing the models gave, in an order that depends on nothing but the source.

    `tables` are in the order of their keys; `problems` are those of ownership: commands that need
    to know the owners call `require_owners`. `unconfigured` says why mappers could not be
    configured, so that what listeners make then may be missing.
    """

    metadatas: tuple[FoundMetaData, ...]
    tables: tuple[ModelTable, ...]
    problems: tuple[ModalembicError, ...]
    unconfigured: str | None = None

    @cached_property
    def owners(self) -> Mapping[str, str | None]:
        """The owner of each table by its key; None where it has none."""
        return MappingProxyType({table.key: table.owner for table in self.tables})

    def require_owners(self) -> Mapping[str, str | None]:
        """`owners`. Raises TwoOwners or UnknownModule, or ProjectProblems for several of them."""
        if len(self.problems) == 1:
            raise self.problems[0]
        if self.problems:
            raise ProjectProblems(self.problems)
        return self.owners


def load_models(project: Project, also: Iterable[MetaData] = ()) -> LoadedModels:
    """Import the models of all modules, the entry points of `model_entry_points`, and `metadata`.
    `also` are MetaData objects that are known from elsewhere: those that `env.py` has.

    Whoever calls it enters the application's context first, if there is one. Raises ModelsNotFound
    (a module that is named explicitly does not exist), ImportFailed (with the line that raised) and
    ObjectNotFound. A MetaData that Flask-SQLAlchemy keeps for another database (`bind_key`) is left
    out.
    """
    ownership = read_ownership(project.modules, project.search, project.configuration)
    sources = ownership.sources
    with search_path(project.search), DefinitionRecorder() as recorder:
        imported = dict(_imported(project, sources))
        unconfigured = configured_mappers()
        found = tuple(_metadatas(project, sources, imported, also))
    imported |= _with_reach_of(found)
    tables = _tables(found, imported, recorder, sources)
    decision = decide(
        (
            claim
            for key, (_, definition) in tables
            for claim in sources.claims_on(
                key, definition.module, definition.symbol, definition.path, definition.line
            )
        ),
        project.configuration,
        frozenset(project.module_order),
    )
    return LoadedModels(
        metadatas=found,
        tables=tuple(
            ModelTable(key, table, definition, decision.owners.get(key))
            for key, (table, definition) in tables
        ),
        problems=decision.problems,
        unconfigured=unconfigured,
    )


def _imported(project: Project, sources: ModelSources) -> Iterator[tuple[str, Any]]:
    """Each model module, imported, by its dotted name; and what entry points name beside it."""
    for module in project.modules:
        what = f"{{}} (models of {module.name})"
        for root in module.models:
            # What source cannot show, as compiled modules, is imported all the same.
            if _is_there(project, sources, module.name, root):
                yield root, _import(project, root, what, module.name)
        for name in sources.files[module.name]:
            yield name, _import(project, name, what, module.name)
    for point in model_entry_points(project.configuration):
        spec = f"{point.module}:{point.attribute}" if point.attribute else point.module
        line = project.configuration.line_of("model_entry_points")
        try:
            if point.attribute:
                yield spec, load_object(spec, project.search)
            yield point.module, _import(project, point.module, f"{{}} ({point.group})")
        except (ModuleNotFoundError, ObjectNotFound) as error:
            raise ModelsNotFound(
                f"entry point {point.name} = {spec!r} of {point.group} leads to nothing: {error}",
                path=project.configuration.file,
                line=line,
            ) from None


def _import(project: Project, name: str, what: str, module: str | None = None) -> ModuleType:
    try:
        return import_module(name, project.search, what=what.format(name))
    except ImportFailed as error:
        error.module = module
        raise


def _is_there(project: Project, sources: ModelSources, module: str, root: str) -> bool:
    """Whether the models `root` exist. A pattern that leads nowhere in one module is fine; raises
    ModelsNotFound for one that is said of this module alone."""
    files = sources.files[module]
    if root not in files and any(name.startswith(f"{root}.") for name in files):
        return False  # a directory without __init__.py; its files are imported one by one
    if root in files or find_spec(root, project.search) is not None:
        return True
    configuration = project.configuration
    package = project.module(module).package or ""
    table = configuration.module.get(module)
    said_here = table is not None and table.models is not None
    patterns = (p.replace("{package}", package) for p in configuration.models if "{package}" in p)
    if root in patterns and not said_here:
        return False
    origin = project.module(module).origin
    raise ModelsNotFound(
        f"module {module}: there is no {root!r} with its models",
        hint="correct `models` in its manifest or in the configuration",
        path=configuration.file if said_here else origin.path,
        line=table.line if said_here and table is not None else origin.line,
    )


def _metadatas(
    project: Project,
    sources: ModelSources,
    imported: Mapping[str, Any],
    also: Iterable[MetaData],
) -> Iterator[FoundMetaData]:
    seen: set[int] = set()
    given = ((metadata, ENVIRONMENT) for metadata in also)
    for metadata, source in chain(_candidates(project, imported), given):
        if id(metadata) in seen or metadata.info.get("bind_key") is not None:
            continue
        seen.add(id(metadata))
        owner = sources.territory.of(source.partition(":")[0])
        yield FoundMetaData(metadata, source, owner)


def _with_reach_of(found: Iterable[FoundMetaData]) -> dict[str, Any]:
    """Every imported module that has a MetaData within reach of which only `env.py` has told."""
    wanted = {id(each.metadata) for each in found if each.source == ENVIRONMENT}
    there: dict[str, Any] = {}
    for name, module in sorted(sys.modules.items()) if wanted else ():
        with suppress(Exception):  # of a module that makes its attributes when they are asked for
            if any(id(metadata) in wanted for metadata in metadatas_in(module)):
                there[name] = module
    return there


def _candidates(project: Project, imported: Mapping[str, Any]) -> Iterator[tuple[MetaData, str]]:
    configured = project.configuration.metadata
    if configured is not None:
        file, line = project.configuration.file, project.configuration.line_of("metadata")
        found = load_object(configured, project.search, named_in=file, line=line)
        metadata = metadata_of(found)
        if metadata is None:
            raise ObjectNotFound(
                f"metadata = {configured!r} is a {type(found).__name__}, which has no MetaData",
                hint="name a MetaData, a declarative base, or an object with a `metadata`",
                path=file,
                line=line,
            )
        yield metadata, configured
    for name, value in imported.items():
        for metadata in metadatas_in(value):
            yield metadata, name


def _tables(
    found: tuple[FoundMetaData, ...],
    imported: Mapping[str, Any],
    recorder: DefinitionRecorder,
    sources: ModelSources,
) -> list[tuple[str, tuple[Table, TableDefinition]]]:
    """Every table by its key, with its definition. Where two MetaData objects have one key both are
    listed, so that two owners are seen; merging them is what fails."""
    tables = [table for each in found for table in each.metadata.tables.values()]
    origins = {table: each.source for each in found for table in each.metadata.tables.values()}
    definitions = find_definitions(tables, origins, imported, recorder, sources)
    listed = [(table.key, (table, definitions[table])) for table in tables]
    return sorted(listed, key=_by_key)


def _by_key(item: tuple[str, tuple[Table, TableDefinition]]) -> tuple[str, str]:
    return item[0], str(item[1][1].path)
