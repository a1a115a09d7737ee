"""Writing a planned adoption."""

from __future__ import annotations

from pathlib import Path

from modalembic.authoring.adopt.plan import Adoption
from modalembic.errors import AdoptUnproven
from modalembic.project import Project


def write_adoption(adoption: Adoption) -> tuple[Path, ...]:
    """Write all files; those that are there afterwards. The project is then loaded, and has to have
    the revisions as planned; if not, no file is left. Raises what `ChangeSet.apply` raises, and
    AdoptUnproven."""

    def check(_: tuple[Path, ...]) -> None:
        project = Project.load(adoption.changes.root)
        project.require_sound()
        for each in adoption.revisions:
            if project.graph.of_module.get(each.module) != (each.revision,):
                raise AdoptUnproven(
                    f"{each.module} was written and does not have its first revision; all of it "
                    "was undone",
                    path=each.location,
                )

    return adoption.changes.apply(then=check)
