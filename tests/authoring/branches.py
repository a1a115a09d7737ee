"""A project that two people add revisions to on two git branches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.checks.repository import Repository, repository
from tests.projects import GLOB, ModuleFiles, ProjectFiles
from tests.runtime.support import ENV, table

BASE = f'{GLOB}\nbase = "main"\n'


@dataclass(frozen=True)
class TwoBranches:
    """`main` has billing with b1, and on top b2; `mine`, which is checked out, has b1 and on top
    what the test adds. `merge` brings main's revisions in."""

    repository: Repository
    project: ProjectFiles
    billing: ModuleFiles

    def merge(self) -> None:
        """Commit what there is, and merge `main`, conflicts and all."""
        self.repository.commit()
        self.repository.git("merge", "--no-edit", "main")


def two_branches(top: Path, configuration: str = BASE) -> TwoBranches:
    """The repository, with `mine` checked out."""
    project = ProjectFiles(top).configure(configuration).file("migrations/env.py", ENV)
    billing = project.module("billing").revision("b1", labels="billing", **table("invoices"))
    made = repository(top, project)
    made.git("branch", "mine")
    billing.revision("b2", down="b1", **table("payments"))
    made.commit()
    made.git("checkout", "--quiet", "mine")
    return TwoBranches(made, project, billing)
