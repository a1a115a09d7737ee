"""A tree that has no modalembic project yet: a plain Alembic project, as it was before its split.

Its history is what Alembic's own configuration says, its models are those that its `env.py` gives
to autogenerate, and no table has an owner. What the working tree's configuration says of the
application itself (its context, its search path, its version table) holds there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from modalembic.config import Configuration
from modalembic.config.alembic import AlembicSettings, read_alembic_settings
from modalembic.errors import ConfigurationError, EnvironmentFailed, ModalembicError, NoModules
from modalembic.modules.ownership import read_ownership
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.options import Options
from modalembic.runtime.templates import template_directory

if TYPE_CHECKING:
    from modalembic.runtime.models import FoundMetaData, LoadedModels

HISTORY = "history"
# What an env.py finds that is not to connect: many refuse to go on without any URL.
NOWHERE = DatabaseURL.parse("postgresql+psycopg:///nothing")
_VERSIONS = "versions"


def plain_project(configuration: Configuration, root: Path) -> Project | None:
    """The plain Alembic project at `root`, by what `configuration` (another tree's, or one without
    modules) says of the application; None where there is no Alembic environment."""
    ini = configuration.alembic_config
    if ini is not None and not (root / ini).is_file():
        ini = None
    settings = read_alembic_settings(root, ini)
    base = replace(
        configuration,
        root=root,
        file=settings.ini or settings.toml or root / "pyproject.toml",
        modules=(),
        entry_points=(),
        model_entry_points=(),
        module=MappingProxyType({}),
        owners=MappingProxyType({}),
        models=(),
        metadata=None,
        alembic_config=ini,
        multiple_heads=True,
        script_location=_kept(configuration, settings),
    )
    directory = _directory(base)
    if directory is None:
        return None
    named = settings.version_locations or ((directory / _VERSIONS).as_posix(),)
    there = [each for each in named if _is_there(root, each)]
    locations = {HISTORY if not n else f"{HISTORY}-{n + 1}": each for n, each in enumerate(there)}
    project = Project.of(replace(base, locations=MappingProxyType(locations)))
    # Without a revision yet, it is a project all the same.
    problems = tuple(each for each in project.problems if not isinstance(each, NoModules))
    return replace(project, problems=problems)


def _kept(configuration: Configuration, settings: AlembicSettings) -> str | None:
    """The `script_location` of the configuration, where Alembic's own does not say one."""
    return None if settings.script_location is not None else configuration.script_location


def _is_there(root: Path, location: str) -> bool:
    """Whether a version location is there; one in a package is looked for later."""
    return (":" in location and "/" not in location.partition(":")[0]) or (root / location).is_dir()


def _directory(configuration: Configuration) -> Path | None:
    """The directory of the tree's own `env.py`."""
    from modalembic.runtime.environment_file import environment_file

    try:
        file = environment_file(Project.of(configuration))
    except (EnvironmentFailed, ConfigurationError):
        return None
    return None if file.is_relative_to(template_directory("modular")) else file.parent


def plain_models(project: Project, url: DatabaseURL | None) -> LoadedModels:
    """The models that `env.py` gives to autogenerate; `url` is a database that it may connect to,
    without which it is entered as for `--sql`.

    Raises what entering it raises.
    """
    from modalembic.runtime.definitions import DefinitionRecorder, find_definitions
    from modalembic.runtime.models import FoundMetaData, LoadedModels, ModelTable

    with DefinitionRecorder() as recorder:
        metadatas = tuple(dict.fromkeys(_targets(project, url)))
    found = tuple(FoundMetaData(metadata, "env.py", None) for metadata in metadatas)
    tables = [table for each in found for table in each.metadata.tables.values()]
    sources = read_ownership(project.modules, project.search, project.configuration).sources
    definitions = find_definitions(
        tables, dict.fromkeys(tables, "env"), _imported(found), recorder, sources
    )
    owned = (ModelTable(table.key, table, definitions[table], None) for table in tables)
    return LoadedModels(found, tuple(sorted(owned, key=lambda each: each.key)), ())


def _imported(found: Iterable[FoundMetaData]) -> dict[str, Any]:
    """Every imported module that has one of the MetaData objects within reach."""
    import sys

    from modalembic.runtime.discovered import metadatas_in

    wanted = {id(each.metadata) for each in found}
    there: dict[str, Any] = {}
    for name, module in sorted(sys.modules.items()):
        with suppress(Exception):  # of a module that makes its attributes when they are asked for
            if any(id(metadata) in wanted for metadata in metadatas_in(module)):
                there[name] = module
    return there


def _targets(project: Project, url: DatabaseURL | None) -> Iterator[Any]:
    from sqlalchemy import MetaData

    from modalembic.runtime.environment import Entered, Offline, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    given: list[Any] = []

    def look(entered: Entered) -> None:
        target = entered.context.opts.get("target_metadata")
        given.extend(target if isinstance(target, list | tuple) else [target])

    try:
        enter_environment(
            project,
            url or NOWHERE,
            look,
            options=Options().settled(project.configuration),
            loader=RevisionLoader(),
            offline=Offline((), StringIO()) if url is None else None,
        )
    except ModalembicError as error:
        if url is None:
            error.hint = "without --static it is given a database to connect to"
        raise
    yield from (each for each in given if isinstance(each, MetaData))
