"""`rebase`: this git branch's new revisions of a module, on top of what the base has.

Only `down_revision` changes, and what the docstring says of it. Ids stay, so that what depends on
the revisions still finds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import as_text
from modalembic.authoring.head_files import head_change
from modalembic.authoring.lines import location_to_write
from modalembic.authoring.parent import with_parent
from modalembic.checks.history.base_revisions import is_read, revisions_of
from modalembic.errors import RebaseRefused
from modalembic.history.graph import RevisionGraph
from modalembic.history.revision import Revision
from modalembic.project import Project
from modalembic.runtime.earlier.tree import commit_of, earlier_tree

_NOTHING = "nothing was written"


@dataclass(frozen=True)
class Rebased:
    """A revision that gets another parent."""

    revision: str
    before: str
    after: str


@dataclass(frozen=True)
class Rebase:
    """What a rebase does: the base's head that the new revisions stand on, those of them that get
    another parent (lowest first), and the changes to files."""

    module: str
    onto: str
    revisions: tuple[Rebased, ...]
    changes: ChangeSet


def plan_rebase(
    project: Project, module: str, reference: str, *, applied: AbstractSet[str] = frozenset()
) -> Rebase:
    """How the revisions of `module` that `reference` does not have come to stand in one line on top
    of its head. `applied` are revisions that a database has run, which have to stay where they are.
    Nothing is written.

    Raises RebaseRefused, BaseUnavailable, and what `location_to_write` raises.
    """
    location = location_to_write(project, module)
    known = _base_revisions(project, reference)
    head = _base_head(project, module, reference, known)
    own = [id_ for id_ in _ordered(project.graph) if id_ in project.graph.of_module[module]]
    new = [project.graph.revisions[id_] for id_ in own if id_ not in known]
    line = [head, *(revision.id for revision in new)]
    moves = [
        Rebased(revision.id, _parent(project.graph, revision), parent)
        for parent, revision in zip(line, new, strict=False)
        if revision.down_revisions != (parent,)
    ]
    _refuse_applied(project, moves, applied)
    _refuse_circle(project.graph, moves)
    changes = (*_changes(project.graph, moves), head_change(location, line[-1:]))
    return Rebase(module, head, tuple(moves), ChangeSet.of(project.root, changes))


def _base_revisions(project: Project, reference: str) -> frozenset[str]:
    """The ids that the commit has. Raises RebaseRefused where it has none, or has such as are not
    here."""
    commit = commit_of(project.root, reference)
    with earlier_tree(project.root, commit, called=reference, wanted=is_read) as tree:
        found = revisions_of(project, tree)
        if not found:
            raise RebaseRefused(
                f"{reference} has no revisions of this project; {_NOTHING}",
                hint="name the branch that this one is to be merged into: --base origin/main",
            )
        missing = [each for each in found if each.id not in project.graph.revisions]
        if missing:
            raise RebaseRefused(
                f"{reference} has {missing[0].id} of {missing[0].module}, which is not here; "
                f"{_NOTHING}",
                hint=f"git merge {reference}, and then again; a HEAD file in conflict may stay so",
                path=tree.original(Path(missing[0].path)),
            )
        return frozenset(each.id for each in found)


def _base_head(project: Project, module: str, reference: str, known: AbstractSet[str]) -> str:
    heads = project.graph.tops(
        id_ for id_ in project.graph.of_module.get(module, ()) if id_ in known
    )
    if not heads:
        raise RebaseRefused(f"{reference} has no revision of {module}; {_NOTHING}")
    if len(heads) > 1:
        raise RebaseRefused(
            f"{reference} has {len(heads)} heads of {module}, {', '.join(heads)}; {_NOTHING}",
            hint=f"modalembic merge {module}",
        )
    return heads[0]


def _ordered(graph: RevisionGraph) -> Sequence[str]:
    """All ids, each after what it needs; of those that are free in the order of the index."""
    left = {id_: len(parents) for id_, parents in graph.parents.items()}
    position = {id_: number for number, id_ in enumerate(graph.revisions)}
    ready = [id_ for id_, count in left.items() if not count]
    ordered: list[str] = []
    while ready:
        ready.sort(key=position.__getitem__, reverse=True)
        id_ = ready.pop()
        ordered.append(id_)
        for child in graph.children.get(id_, ()):
            left[child] -= 1
            if not left[child]:
                ready.append(child)
    return ordered


def _parent(graph: RevisionGraph, revision: Revision) -> str:
    """The one revision of its module that a new one follows. Raises RebaseRefused for a merge, a
    base, and what follows another module."""
    parents = revision.down_revisions
    if len(parents) == 1 and graph.revisions[graph.down[revision.id][0]].module == revision.module:
        return parents[0]
    if len(parents) == 1:
        what = f"follows {parents[0]} of another module"
    else:
        what = "is a merge" if parents else "follows no other revision"
    raise RebaseRefused(
        f"{revision.id} {what}, and cannot stand elsewhere; {_NOTHING}",
        hint=f"modalembic merge {revision.module}",
        path=revision.path,
        line=revision.line,
    )


def _refuse_applied(project: Project, moves: Iterable[Rebased], applied: AbstractSet[str]) -> None:
    for move in moves:
        if move.revision in applied:
            revision = project.graph.revisions[move.revision]
            raise RebaseRefused(
                f"the database has run {move.revision}, so that it has to stay where it is; "
                f"{_NOTHING}",
                hint=f"modalembic merge {revision.module}, or downgrade that database first",
                path=revision.path,
                line=revision.line,
            )


def _refuse_circle(graph: RevisionGraph, moves: Iterable[Rebased]) -> None:
    """Raise RebaseRefused where the new parents make revisions need each other in a circle."""
    parents = {move.revision: move.after for move in moves}
    after = RevisionGraph(
        revision._replace(down_revisions=(parents[id_],)) if id_ in parents else revision
        for id_, revision in graph.revisions.items()
    )
    circle = after.circle()
    if circle:
        raise RebaseRefused(
            f"revisions would need each other in a circle: {' -> '.join(circle)}; {_NOTHING}",
            hint="one of them has to be split: what others need first, in a revision of its own",
            path=graph.revisions[circle[0]].path,
        )


def _changes(graph: RevisionGraph, moves: Iterable[Rebased]) -> Iterator[Change]:
    for move in moves:
        revision = graph.revisions[move.revision]
        path = Path(revision.path)
        before = path.read_bytes()
        after = with_parent(before, revision.path, move.after)
        if after is None:
            raise RebaseRefused(
                f"the down_revision of {revision.id} is computed, so that it cannot be edited; "
                f"{_NOTHING}",
                hint=f'write down_revision = "{move.after}" yourself',
                path=path,
                line=revision.line,
            )
        yield Change(path, as_text(before), as_text(after))
