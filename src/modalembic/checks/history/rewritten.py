"""What became of the revisions that an earlier state of the tree has.

A database may have run them, and will never run them again: whoever changes one makes databases
that differ by their age.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.checks.history.base_revisions import is_read, revisions_of
from modalembic.history.graph import RevisionGraph
from modalembic.history.meaning import meaning
from modalembic.history.revision import Revision
from modalembic.project import Project
from modalembic.runtime.earlier.tree import EarlierTree, earlier_tree, merge_base

# Compared by what it comes to, not as it is written.
_COMPARED = frozenset({"branch_labels", "depends_on"})


def rewritten(project: Project, reference: str) -> Iterator[Finding]:
    """Revisions of the merge base of `reference` with HEAD that are changed or gone.

    Raises BaseUnavailable where git does not have it.
    """
    commit = merge_base(project.root, reference)
    with earlier_tree(project.root, commit, wanted=is_read) as tree:
        before = revisions_of(project, tree)
        if before is None:
            yield _no_project(project, tree)
            return
        for revision in before:
            now = project.graph.revisions.get(revision.id)
            path = tree.original(Path(revision.path))
            if now is None:
                yield _deleted(project, tree, revision, path)
            else:
                yield from _compared(project, tree, revision, now)


def _compared(
    project: Project, tree: EarlierTree, before: Revision, now: Revision
) -> Iterator[Finding]:
    old, new = Path(before.path).read_bytes(), Path(now.path).read_bytes()
    # git may check files out with other line ends than it keeps.
    if old.replace(b"\r\n", b"\n") == new.replace(b"\r\n", b"\n"):
        return
    does = meaning(old, without=_COMPARED)
    if does is None or does != meaning(new, without=_COMPARED):
        yield _changed(tree, before, now, None)
    elif _needed(project.graph, before) != _needed(project.graph, now):
        yield _changed(tree, before, now, "depends_on")
    else:
        yield Finding(
            rule="history/reworded-revision",
            severity="info",
            message=f"{now.id} is written otherwise than at {tree.short}, and does the same",
            module=now.module,
            object="revision",
            name=now.id,
            path=Path(now.path),
            line=now.line,
        )


def _needed(graph: RevisionGraph, revision: Revision) -> set[str]:
    """Everything that comes before a revision with these parents in the graph as it is now."""
    names = (*revision.down_revisions, *revision.depends_on)
    found = {name if name in graph.revisions else graph.labels.get(name, name) for name in names}
    return graph.ancestors(found & graph.revisions.keys()) | found


def _changed(tree: EarlierTree, before: Revision, now: Revision, part: str | None) -> Finding:
    what = "names other dependencies" if part else "does something else"
    return Finding(
        rule="history/changed-revision",
        severity="error",
        message=f"{now.id} {what} than at {tree.short}: databases that have it do not run it again",
        module=now.module,
        object="revision",
        name=now.id,
        part=part,
        expected=(", ".join(before.depends_on) or "None") if part else "as in the base",
        actual=(", ".join(now.depends_on) or "None") if part else "changed",
        path=Path(now.path),
        line=now.line,
        fix=_restored(tree, tree.original(Path(before.path))),
    )


def _deleted(project: Project, tree: EarlierTree, revision: Revision, path: Path) -> Finding:
    known = revision.module in project.by_name
    return Finding(
        rule="history/deleted-revision",
        severity="error",
        message=f"{revision.id}, which {tree.short} has, is in no version location: "
        "databases that have it cannot be upgraded",
        module=revision.module if known else None,
        object="revision",
        name=revision.id,
        expected="as in the base",
        actual="missing",
        path=path,
        fix=_restored(tree, path),
    )


def _no_project(project: Project, tree: EarlierTree) -> Finding:
    return Finding(
        rule="history/base-without-project",
        severity="warning",
        message=f"{tree.short} has no modalembic project with modules in this directory, "
        "so no revision was compared",
        path=project.configuration.file,
    )


def _restored(tree: EarlierTree, path: Path) -> str:
    """The command that brings a file of the base back, whatever directory it is run in."""
    below = path.relative_to(tree.top).as_posix()
    return f"git restore --source={tree.short} -- ':/{below}'"
