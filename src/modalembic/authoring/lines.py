"""What `merge` and `rebase` start from: a module whose lines went apart."""

from __future__ import annotations

from pathlib import Path

from modalembic.checks.places import is_own
from modalembic.errors import ModalembicError, MultipleHeads, ProjectProblems, RevisionFileError
from modalembic.project import Project


def location_to_write(project: Project, name: str) -> Path:
    """The version location of the module `name`, which the project may write.

    Raises UnknownModule; what else than several heads is wrong with the project; RevisionFileError
    for a module without a version location, or one of an installed package.
    """
    module = project.module(name)
    others = tuple(each for each in project.problems if not isinstance(each, MultipleHeads))
    if others:
        raise others[0] if len(others) == 1 else ProjectProblems(others)
    if module.location is None:
        raise _refused(f"{name} has no version location", module.directory)
    if not is_own(project, module.location):
        raise _refused(f"the revisions of {name} are an installed package's", module.location)
    return module.location


def _refused(why: str, path: Path | None) -> ModalembicError:
    return RevisionFileError(f"{why}; nothing was written", path=path)
