"""Whether a revision runs with nothing before it but what it says that it needs."""

from __future__ import annotations

from collections.abc import Collection

from modalembic.errors import MigrationFailed
from modalembic.project import Project
from modalembic.runtime.drift.migrations import scratch_upgraded
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch


def failure_alone(
    project: Project, scratch: Scratch, goals: Collection[str], observer: Observer
) -> MigrationFailed | None:
    """How the revisions `goals`, with all that they need, fail on an empty scratch database; None
    where they run. Raises the other errors of an upgrade, and those of a server."""
    try:
        with scratch_upgraded(project, scratch.server, goals, observer):
            return None
    except MigrationFailed as error:
        return error
