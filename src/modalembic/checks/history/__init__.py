"""`check history`: what is a trap in the revisions themselves.

No database is asked, and no revision file is imported.
"""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.finding import Finding
from modalembic.checks.history.dependencies import dependencies
from modalembic.checks.history.downgrades import empty_downgrades
from modalembic.checks.history.head_files import head_files
from modalembic.checks.history.labels import implied_labels
from modalembic.checks.history.locations import locations_listed_twice
from modalembic.checks.history.parents import crossing_parents
from modalembic.project import Project


def check_history(project: Project, base: str | None = None) -> Iterator[Finding]:
    """Findings about the revisions of `project`; with `base`, a git reference, also about what
    became of the revisions that its merge base with HEAD has.

    Raises BaseUnavailable where git does not have the merge base.
    """
    yield from crossing_parents(project)
    yield from dependencies(project)
    yield from implied_labels(project)
    yield from locations_listed_twice(project)
    yield from empty_downgrades(project)
    yield from head_files(project)
    if base is not None:
        from modalembic.checks.history.rewritten import rewritten

        yield from rewritten(project, base)
