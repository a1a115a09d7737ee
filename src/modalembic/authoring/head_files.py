"""Keeping the `HEAD` files of the version locations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.revisions import NewRevision
from modalembic.checks.history.head_files import with_head_file
from modalembic.history.graph import RevisionGraph
from modalembic.history.head_file import NAME, head_text
from modalembic.history.revision import Revision
from modalembic.modules import Module
from modalembic.project import Project


def write_head_files(project: Project) -> tuple[Path, ...]:
    """Write each `HEAD` file that is missing, out of date or in conflict, but for those of modules
    with more heads than they want; the files that were written."""
    changes = (
        head_change(module.location, project.graph.heads[module.name])
        for module in with_head_file(project)
        if module.location is not None
        and (len(project.graph.heads[module.name]) == 1 or module.multiple_heads)
    )
    return ChangeSet.of(project.root, changes).apply()


def head_change(location: Path, heads: Iterable[str]) -> Change:
    """The `HEAD` file of a version location with these heads."""
    return Change.of(location / NAME, head_text(heads))


def heads_after(project: Project, revisions: Sequence[NewRevision]) -> tuple[Change, ...]:
    """The `HEAD` files of the version locations that get `revisions`, but for central ones that
    have none."""
    owners = {module.location: module.name for module in project.modules}
    without = {module.location for module in project.modules if _has_none(module)}
    names = {new.location: owners.get(new.location, str(new.location)) for new in revisions}
    graph = RevisionGraph((*project.graph.revisions.values(), *_made(names, revisions)))
    ids: dict[Path, list[str]] = defaultdict(list)
    for location, name in names.items():
        ids[location] += graph.of_module[name]
    return tuple(
        head_change(location, graph.tops(own))
        for location, own in sorted(ids.items())
        if location not in without
    )


def _has_none(module: Module) -> bool:
    """Whether this is a central location that does without the file."""
    location = module.location
    return module.central and location is not None and not (location / NAME).exists()


def _made(names: dict[Path, str], revisions: Iterable[NewRevision]) -> Iterable[Revision]:
    for new in revisions:
        yield Revision(
            new.id,
            names[new.location],
            new.down_revisions,
            new.depends_on,
            new.branch_labels,
            new.message,
            str(new.location),
            1,
        )
