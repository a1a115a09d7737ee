"""`check dependencies`: whether every order in which revisions may run is one that works.

The revisions run once on a scratch database, and Postgres says what each of them touches and what
it refers to.
"""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.dependencies.findings import (
    missing_finding,
    unknown,
    unordered_findings,
    unreplayed,
)
from modalembic.checks.dependencies.missing import missing
from modalembic.checks.dependencies.ordering import ancestry_of, contests, ordered
from modalembic.checks.finding import Finding
from modalembic.errors import MigrationFailed
from modalembic.project import Project
from modalembic.runtime.alone import failure_alone
from modalembic.runtime.drift.migrations import migrated
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch, shared_scratch

__all__ = ["check_dependencies", "ordered"]


def check_dependencies(
    project: Project, *, scratch: Scratch | None = None, observer: Observer | None = None
) -> Iterator[Finding]:
    """Findings about what the revisions of `project` touch and refer to. `scratch` is what other
    checks of the same run share, the replay included.

    What cannot be seen is a finding too: a revision that fails, a server without a superuser. A
    project that is not sound cannot be run, which is said by every check. Raises what is wrong with
    a server or with the environment.
    """
    if project.problems or not project.graph.revisions:
        return
    watching = observer or Observer()
    with (
        database_errors_explained(),
        shared_scratch(scratch, project, watching) as shared,
    ):
        try:
            goals = project.graph.revisions.keys()
            touches = migrated(project, shared, goals, watching).touches
        except MigrationFailed as error:
            yield unreplayed(error)
            return
        if touches.unknown is not None:
            yield unknown(project, touches.unknown)
            return
        for contest in contests(touches, ancestry_of(project)):
            yield from unordered_findings(project, contest)
        for each in missing(
            project.graph, touches, lambda ids: failure_alone(project, shared, ids, watching)
        ):
            yield missing_finding(project, each)
