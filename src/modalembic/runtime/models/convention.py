"""What the configuration gives Alembic's operations to stand on without any models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modalembic.errors import ConfigurationError
from modalembic.project import Project
from modalembic.runtime.models.application import load_object

if TYPE_CHECKING:
    from sqlalchemy import MetaData


def configured_metadata(project: Project) -> MetaData | None:
    """An empty MetaData with `naming_convention`, else the object that `metadata` names (a
    MetaData, or whatever has one as its `metadata`) with whatever has been imported into it; None
    where neither is configured.

    Raises what loading the object raises.
    """
    from sqlalchemy import MetaData

    configuration = project.configuration
    if configuration.naming_convention is not None:
        return MetaData(naming_convention=dict(configuration.naming_convention))
    if configuration.metadata is None:
        return None
    found = load_object(configuration.metadata, project.search)
    metadata = getattr(found, "metadata", found)
    if not isinstance(metadata, MetaData):
        raise ConfigurationError(
            f"metadata names {configuration.metadata}, which is a {type(found).__name__} and has "
            "no MetaData",
            hint="name a MetaData, a declarative base, or an object with one as its metadata",
            path=configuration.file,
            line=configuration.line_of("metadata"),
        )
    return metadata
