"""The models, loaded to be compared: that there are none is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modalembic.errors import NothingToCompare
from modalembic.modules.packages import find_spec
from modalembic.project import Project
from modalembic.runtime.models.application import application_context

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from modalembic.runtime.models.loaded import LoadedModels


def load_for_comparison(project: Project) -> tuple[LoadedModels, MetaData]:
    """The models, imported in the application's context, and one MetaData of all of them.

    Raises NothingToCompare where there are none, and what importing and merging them raise.
    """
    from modalembic.runtime.models.loaded import load_models
    from modalembic.runtime.models.metadata import merged_metadata

    with application_context(project):
        loaded = load_models(project)
        # Models without a table are where a new project begins, if its migrations make none either.
        if not loaded.tables and not _has_models(project):
            raise nothing_to_compare(project, "no models were found")
        return loaded, merged_metadata(loaded)


def _has_models(project: Project) -> bool:
    """Whether the models of any module are there, with tables in them or without."""
    names = {name for module in project.modules for name in module.models}
    return any(find_spec(name, project.search) is not None for name in names)


def nothing_to_compare(project: Project, what: str) -> NothingToCompare:
    """The error that there are no models, or nothing in them."""
    return NothingToCompare(
        what,
        hint=f"models are looked for in {', '.join(project.configuration.models)}; "
        "correct `models` or `metadata` in the configuration",
        path=project.configuration.file,
        line=project.configuration.line_of("models"),
    )
