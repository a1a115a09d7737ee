"""Where the project's `env.py` is. Nothing of Alembic is imported to find it."""

from __future__ import annotations

from pathlib import Path

from modalembic.errors import EnvironmentFailed
from modalembic.project import Project
from modalembic.runtime.environment.templates import template_directory


def environment_file(project: Project) -> Path:
    """The `env.py` of `project`: where the configuration or Alembic's own says, else in
    `migrations/`, else the one of the template `modular`. Raises EnvironmentFailed where a named
    one is not there.
    """
    named = project.configuration.script_location or project.alembic.script_location
    directory = project.root / (named or "migrations")
    if named is not None and ":" in named and not directory.exists():
        from modalembic.modules.packages import package_directory

        package, _, below = named.partition(":")
        directory = (
            package_directory(package, project.search, named_in=project.configuration.file) / below
        )
    if (directory / "env.py").is_file():
        return directory / "env.py"
    if named is None:
        return template_directory("modular") / "env.py"
    raise EnvironmentFailed(
        f"script_location is {named}, and there is no env.py in {directory}",
        hint="correct script_location, or write an env.py with `modalembic init`",
        path=project.configuration.file,
    )
