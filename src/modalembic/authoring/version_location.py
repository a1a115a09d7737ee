"""Where a module that has no version location gets it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from modalembic.project import Project


def usual_location(project: Project) -> str:
    """From a module's directory on: where most others have theirs, else as the configuration
    begins."""
    counted = Counter(_usual(project))
    if not counted:
        return project.configuration.versions[0]
    return max(sorted(counted), key=counted.__getitem__)


def _usual(project: Project) -> Iterator[str]:
    """Where each module below the project has its revisions, from its directory on."""
    for module in project.modules:
        if module.directory is None or module.location is None:
            continue
        below = module.location.is_relative_to(module.directory)
        if module.directory.is_relative_to(project.root) and below:
            yield os.path.relpath(module.location, module.directory)
