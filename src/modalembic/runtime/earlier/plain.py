"""A tree that has no modalembic project yet: a plain Alembic project, as it was before its split.

Its history is what Alembic's own configuration says, its models are those that its `env.py` gives
to autogenerate, and no table has an owner. What the working tree's configuration says of the
application itself (its context, its search path, its version table) holds there too.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from modalembic.config import Configuration
from modalembic.config.alembic import AlembicSettings, read_alembic_settings
from modalembic.errors import ConfigurationError, EnvironmentFailed, NoModules
from modalembic.project import Project
from modalembic.runtime.environment.templates import template_directory

HISTORY = "history"
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
    from modalembic.runtime.environment.file import environment_file

    try:
        file = environment_file(Project.of(configuration))
    except (EnvironmentFailed, ConfigurationError):
        return None
    return None if file.is_relative_to(template_directory("modular")) else file.parent
