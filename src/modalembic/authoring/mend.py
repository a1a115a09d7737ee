"""What `check --fix` runs: for each check, what mends its findings without choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from modalembic.authoring.dependencies import write_dependencies
from modalembic.authoring.head_files import write_head_files
from modalembic.authoring.locations import write_version_locations
from modalembic.project import Project

Mender = Callable[[Project], tuple[Path, ...]]
# What each writes, and how.
MENDERS: Mapping[str, tuple[tuple[str, Mender], ...]] = {
    "history": (("depends_on", write_dependencies), ("the head", write_head_files)),
    "structure": (("version_locations", write_version_locations),),
}


def mend(project: Project, check: str) -> Iterator[tuple[str, Path]]:
    """Mend what `check` finds; what was written, and in which file."""
    for what, mender in MENDERS.get(check, ()):
        for path in mender(project):
            yield what, path
