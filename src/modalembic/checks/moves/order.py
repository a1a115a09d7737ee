"""Whether what happens to a table after it moved is ordered after what happened before.

Where a replay has shown which revisions touch the table, those count; without one, all that the old
owner had at the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from modalembic.checks.dependencies.ancestry import Ancestry
from modalembic.checks.dependencies.ordering import Pair
from modalembic.checks.moves.states import TableState
from modalembic.history.graph import RevisionGraph
from modalembic.project import Project
from modalembic.runtime.earlier.state import TreeState
from modalembic.runtime.touches import Touches


@dataclass(frozen=True)
class Order:
    """`missing` are revisions that the heads of the new owner do not come after, `pairs` such that
    touch the table and may run either way round."""

    missing: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()

    @property
    def ordered(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.missing and not self.pairs


@dataclass(frozen=True)
class Gap:
    """Revisions of `source` that the heads of `target` do not come after, and the tables that went
    over."""

    source: str
    target: str
    revisions: tuple[str, ...]
    tables: tuple[str, ...]


def order_of(
    project: Project,
    before: TreeState,
    state: TableState,
    touches: Touches | None = None,
    ancestry: Ancestry | None = None,
) -> Order | None:
    """The order of what a table that moved has behind it; None where that is not known: it has no
    owner now, or no single history made it. `ancestry` is that of all revisions, where there are
    `touches`."""
    graph = project.graph
    if state.target is None or state.target not in project.by_name:
        return None
    if touches is not None and touches.unknown is None and ancestry is not None:
        return _by_touch(graph, state.target, touches.of_name(state.name), ancestry)
    heads = _old_heads(before, state)
    if heads is None or any(id_ not in graph.revisions for id_ in heads):
        return None
    return Order(_missing(graph, state.target, heads))


def _by_touch(
    graph: RevisionGraph, target: str, touching: Sequence[str], ancestry: Ancestry
) -> Order:
    """The order of the revisions that touch a table. What a revision of the new owner has to come
    after as one of a pair is not missing besides."""
    pairs = ancestry.unordered(touching)
    told = graph.ancestors(one for one, other in pairs if graph.revisions[other].module == target)
    return Order(_missing(graph, target, [id_ for id_ in touching if id_ not in told]), pairs)


def _missing(graph: RevisionGraph, target: str, revisions: Iterable[str]) -> tuple[str, ...]:
    """The last ones of `revisions` that some head of `target` does not come after."""
    heads = graph.heads.get(target, ())
    known = [graph.ancestors([head]) for head in heads] or [set[str]()]
    return graph.tops(id_ for id_ in revisions if not all(id_ in each for each in known))


def _old_heads(before: TreeState, state: TableState) -> tuple[str, ...] | None:
    """The last revisions of the history that a table came from: its owner's, and for one without an
    owner those of the one history that is no module's."""
    owner = state.before.owner if state.before is not None else before.settled.get(state.key)
    if owner is not None:
        return before.heads.get(owner, ())
    if len(before.central) > 1 and not before.plain:
        return None
    return tuple(id_ for name in before.central for id_ in before.heads.get(name, ()))


def gaps(graph: RevisionGraph, orders: Mapping[TableState, Order]) -> tuple[Gap, ...]:
    """What the new owners do not come after: one gap for each pair of modules, sorted."""
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for state, order in orders.items():
        for id_ in order.missing:
            if state.target is not None:
                pair = (graph.revisions[id_].module, state.target)
                found.setdefault(pair, {}).setdefault(id_, set()).add(state.key)
    return tuple(
        Gap(
            source,
            target,
            graph.tops(missing),
            tuple(sorted({table for tables in missing.values() for table in tables})),
        )
        for (source, target), missing in sorted(found.items())
    )
