"""What `check --fix` runs: for each check, what mends its findings without choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from modalembic.authoring.dependencies import write_dependencies
from modalembic.authoring.locations import write_version_locations
from modalembic.project import Project

MENDERS: Mapping[str, Callable[[Project], tuple[Path, ...]]] = {
    "history": write_dependencies,
    "structure": write_version_locations,
}


def mend(project: Project, check: str) -> tuple[Path, ...]:
    """Mend what `check` finds; the files that were written."""
    mender = MENDERS.get(check)
    return () if mender is None else mender(project)
