"""The plan: which revisions run, in which order, and why each stands where it stands.

The order is a topological one, made in one pass over the edges: dependencies first; then it stays
in a module for as long as that can go on; modules in their own order (requirement, tier, name). It
depends on nothing else, so that every machine makes the same plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from modalembic.history.graph import RevisionGraph
from modalembic.history.revision import Revision

Direction = Literal["upgrade", "downgrade"]


class Step(NamedTuple):
    """One revision to run, and the reason for its place."""

    revision: Revision
    direction: Direction
    because: str


@dataclass(frozen=True)
class Plan:
    """The steps that take a database to `target` (as written), in order."""

    target: str
    direction: Direction
    steps: tuple[Step, ...] = ()

    def modules(self) -> tuple[str, ...]:
        """The modules that the plan touches, each once, in the order of their first step."""
        return tuple(dict.fromkeys(step.revision.module for step in self.steps))


def plan_upgrade(
    graph: RevisionGraph,
    target: str,
    goals: Iterable[str],
    applied: AbstractSet[str],
    module_order: Sequence[str],
) -> Plan:
    """The steps from `applied` to the revisions `goals` and all that they need."""
    pending = graph.ancestors(goals) - applied
    rank = {name: position for position, name in enumerate(module_order)}
    ordered = _order(graph, pending, rank, graph.parents, graph.children)
    steps = [
        Step(graph.revisions[id_], "upgrade", _why_up(graph, pending, id_, previous))
        for id_, previous in ordered
    ]
    return Plan(target, "upgrade", tuple(steps))


def plan_downgrade(
    graph: RevisionGraph, target: str, undone: AbstractSet[str], module_order: Sequence[str]
) -> Plan:
    """The steps that undo the applied revisions `undone`, which has to be closed upwards."""
    rank = {name: -position for position, name in enumerate(module_order)}
    ordered = _order(graph, undone, rank, graph.children, graph.parents)
    steps = [
        Step(graph.revisions[id_], "downgrade", _why_down(graph, undone, id_)) for id_, _ in ordered
    ]
    return Plan(target, "downgrade", tuple(steps))


def _order(
    graph: RevisionGraph,
    selected: AbstractSet[str],
    rank: Mapping[str, int],
    before: Mapping[str, tuple[str, ...]],
    after: Mapping[str, tuple[str, ...]],
) -> Iterator[tuple[str, str | None]]:
    """`selected` in order, each with the one before it."""
    revisions = graph.revisions
    waiting = {id_: sum(1 for b in before.get(id_, ()) if b in selected) for id_ in selected}
    ready: dict[str, list[str]] = {}
    modules: list[tuple[int, str]] = []

    def make_ready(id_: str) -> None:
        module = revisions[id_].module
        queue = ready.setdefault(module, [])
        if not queue:
            heappush(modules, (rank.get(module, 0), module))
        heappush(queue, id_)

    for id_ in sorted(id_ for id_, count in waiting.items() if not count):
        make_ready(id_)
    previous: str | None = None
    while modules:
        _, module = heappop(modules)
        queue = ready[module]
        while queue:
            id_ = heappop(queue)
            yield id_, previous
            previous = id_
            for following in after.get(id_, ()):
                if following in selected:
                    waiting[following] -= 1
                    if not waiting[following]:
                        if revisions[following].module == module:
                            heappush(queue, following)
                        else:
                            make_ready(following)


def _why_up(graph: RevisionGraph, pending: AbstractSet[str], id_: str, previous: str | None) -> str:
    """Why a revision runs where it runs, on the way up."""
    module, downs, parents = graph.revisions[id_].module, graph.down[id_], graph.parents[id_]
    reasons = [f"follows {_named(graph, down, module)}" for down in downs]
    if not downs:
        reasons = [f"first of {module}"]
    reasons += [
        f"needs {_named(graph, parent, module)}" for parent in parents if parent not in downs
    ]
    if previous is not None and graph.revisions[previous].module != module:
        reasons.append(
            f"nothing more of {graph.revisions[previous].module} can run before it"
            if any(parent in pending for parent in parents)
            else f"{module} is next in the order of modules"
        )
    return "; ".join(reasons)


def _why_down(graph: RevisionGraph, undone: AbstractSet[str], id_: str) -> str:
    """Why a revision is undone where it is undone."""
    module = graph.revisions[id_].module
    built_on = [
        _named(graph, child, module) for child in graph.children.get(id_, ()) if child in undone
    ]
    if not built_on:
        return "nothing that is applied is built on it"
    return f"goes after {', '.join(built_on)}, built on it"


def _named(graph: RevisionGraph, id_: str, module: str) -> str:
    other = graph.revisions[id_].module
    return id_ if other == module else f"{id_} of {other}"
