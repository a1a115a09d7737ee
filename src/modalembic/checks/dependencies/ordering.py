"""Whether the revisions that touch one table are ordered pairwise.

Two revisions compete for a table if they touched the same one, under whatever name, or tables that
had the same name at the time: what is created again under a name has to come after the drop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modalembic.checks.dependencies.ancestry import Ancestry
from modalembic.history.plan import plan_upgrade
from modalembic.project import Project
from modalembic.runtime.touches import Touches

Pair = tuple[str, str]


@dataclass(frozen=True)
class Contest:
    """A table (or view, type, sequence: `kind`), and the pairs of revisions that touch it and may
    run either way round. In each the one that ran first in the replay comes first."""

    kind: str
    name: str
    pairs: tuple[Pair, ...]


def ancestry_of(project: Project) -> Ancestry:
    """The ancestry of all revisions of `project`, which has to be sound."""
    graph = project.graph
    plan = plan_upgrade(graph, "heads", graph.revisions, frozenset(), project.module_order)
    ancestry = Ancestry()
    for step in plan.steps:
        ancestry.add(step.revision.id, graph.parents[step.revision.id])
    return ancestry


def contests(touches: Touches, ancestry: Ancestry) -> Iterator[Contest]:
    """Every object whose touches are not ordered pairwise, by name; a pair that competes for one
    table under several names is told once."""
    found: dict[tuple[str, str], list[Pair]] = {}
    told: set[tuple[str, Pair]] = set()
    for id_, revisions in touches.by_object.items():
        last = touches.last_seen[id_]
        pairs = ancestry.unordered(revisions)
        found.setdefault((last.names[-1], last.kind), []).extend(pairs)
        told.update((name, pair) for pair in pairs for name in _names(touches, id_))
    for name, revisions in touches.by_name.items():
        pairs = tuple(p for p in ancestry.unordered(revisions) if (name, p) not in told)
        found.setdefault((name, _kind(touches, name)), []).extend(pairs)
    for (name, kind), pairs_ in sorted(found.items()):
        if pairs_:
            yield Contest(kind, name, tuple(dict.fromkeys(pairs_)))


def ordered(
    project: Project, touches: Touches, table: str, new_owner: str | None = None
) -> bool | None:
    """Whether the revisions that touch a table run in the same order in every upgrade; with
    `new_owner`, whether each head of that module comes after all of them besides, so that what it
    does next does too.

    `table` is a qualified name as the catalog has it. None where what revisions touch is not known.
    Raises UnknownModule.
    """
    if touches.unknown is not None:
        return None
    ancestry = ancestry_of(project)
    revisions = touches.of_name(table)
    if ancestry.unordered(revisions):
        return False
    if new_owner is None:
        return True
    heads = project.graph.heads.get(project.module(new_owner).name, ())
    return bool(heads or not revisions) and all(
        ancestry.follows(head, revision) for head in heads for revision in revisions
    )


def _names(touches: Touches, id_: str) -> Iterable[str]:
    return {
        name
        for revision in touches.by_object[id_]
        for touched in touches.by_revision[revision].touched
        if touched.id == id_
        for name in touched.names
    }


def _kind(touches: Touches, name: str) -> str:
    for revision in reversed(touches.by_name[name]):
        for touched in touches.by_revision[revision].touched:
            if name in touched.names:
                return touched.kind
    raise AssertionError(name)
