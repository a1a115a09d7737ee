"""The naming convention that the configuration names, for operations without any models."""

from __future__ import annotations

from collections.abc import Mapping

from modalembic.project import Project
from modalembic.runtime.application import load_object


def configured_convention(project: Project) -> Mapping[str, str] | None:
    """The convention in `naming_convention`, else that of the object named by `metadata` (a
    MetaData, or whatever has one as its `metadata`); None where neither is configured.

    Raises what loading the object raises.
    """
    configuration = project.configuration
    if configuration.naming_convention is not None:
        return configuration.naming_convention
    if configuration.metadata is None:
        return None
    found = load_object(configuration.metadata, project.search)
    metadata = getattr(found, "metadata", found)
    return dict(metadata.naming_convention)
