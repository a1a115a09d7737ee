"""`merge`: one module's several heads into one, by a revision that follows them all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.changes import ChangeSet
from modalembic.authoring.head_files import heads_after
from modalembic.authoring.hooks import run_hooks
from modalembic.authoring.lines import location_to_write
from modalembic.authoring.revisions import NewRevision, new_id, revision_changes
from modalembic.errors import NothingToMerge
from modalembic.project import Project


@dataclass(frozen=True)
class Merge:
    """A merge revision to write: its id, the heads that it follows, and the changes to files."""

    module: str
    revision: str
    heads: tuple[str, ...]
    changes: ChangeSet


def plan_merge(project: Project, module: str, *, message: str | None = None) -> Merge:
    """The revision that joins the heads of `module`, with `message` as its first line. Nothing is
    written.

    Raises NothingToMerge for a module with one head, what `location_to_write` raises, and
    RevisionTemplateError.
    """
    location = location_to_write(project, module)
    heads = project.graph.heads.get(module, ())
    if len(heads) < 2:
        has = f"one head, {heads[0]}" if heads else "no revision"
        raise NothingToMerge(f"{module} has {has}; nothing was written")
    new = NewRevision(
        id=new_id(),
        message=message or f"Merge the heads of {module}",
        location=location,
        down_revisions=heads,
        stays_empty=True,
    )
    changes = (*revision_changes(project, [new]), *heads_after(project, [new]))
    return Merge(module, new.id, heads, ChangeSet.of(project.root, changes))


def write_merge(project: Project, merge: Merge) -> tuple[Path, ...]:
    """Write a planned merge; the files that were written. Raises what `ChangeSet.apply` raises, and
    HookFailed."""
    return merge.changes.apply(then=lambda written: run_hooks(project, written))
