"""Version rows that another row implies: stock Alembic stops at them."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.project import Project
from modalembic.runtime.failure import shown_path
from modalembic.runtime.repair.action import Action
from modalembic.runtime.repair.rows import MendedRows
from modalembic.runtime.state.situation import Situation


def overlaps(project: Project, situation: Situation, rows: MendedRows) -> Iterator[Action]:
    """An action for each row that is implied: it goes, and what is applied stays the same."""
    for row, by in sorted(situation.state.implied.items()):
        revision = project.graph.revisions[row]
        yield Action(
            kind="overlap",
            revision=row,
            module=revision.module,
            text=f"the row {row} of {revision.module} goes: {by} implies it",
            statements=rows.without(row),
            parents=project.graph.parents[row],
            path=shown_path(project.root, revision.path),
            details={"implied_by": by},
        )
