"""Branch labels that modalembic reads where none is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.project import Project


def implied_labels(project: Project) -> Iterator[Finding]:
    """First revisions that are known by their module's name though the file has no label."""
    for revision in project.graph.revisions.values():
        if revision.label_implied:
            (label,) = revision.branch_labels
            yield Finding(
                rule="history/implied-label",
                severity="info",
                message=f"the first revision of {revision.module}, {revision.id}, has no branch "
                f"label; stock Alembic does not know {label}@head",
                module=revision.module,
                object="revision",
                name=revision.id,
                part="branch_labels",
                expected=label,
                path=Path(revision.path),
                line=revision.line,
                fix=f'branch_labels = ("{label}",)',
            )
