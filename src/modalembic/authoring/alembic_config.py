"""The project's Alembic configuration as Alembic reads it, for commands that write revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modalembic.project import Project

if TYPE_CHECKING:
    from alembic.config import Config


def alembic_config(project: Project) -> Config:
    """Alembic's `Config` over the files that `project` has, with its `script_location` filled in.

    Raises EnvironmentFailed where that is named and has no `env.py`.
    """
    from alembic.config import Config

    from modalembic.runtime.environment.file import environment_file

    settings = project.alembic
    config = Config(
        file_=str(settings.ini) if settings.ini is not None else None,
        toml_file=str(settings.toml) if settings.toml is not None else None,
    )
    directory = environment_file(project).parent
    # The value goes through ConfigParser, where % begins an interpolation.
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    return config
