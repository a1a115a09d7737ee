"""Revisions that were put below one that a database has run.

Version rows name only the last revisions, so such a revision counts as applied there, and would
never run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from modalembic.history.graph import RevisionGraph


def spliced(
    graph: RevisionGraph, applied: AbstractSet[str], recorded: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """The revisions that count as applied and never ran, each with the one that it was put below,
    in the order of the graph.

    `recorded` has what each revision that is known to have run was built on when it ran. Of others
    (stock Alembic ran them) nothing is said.
    """
    put: dict[str, str] = {}
    for id_, then in recorded.items():
        if id_ not in applied or id_ not in graph.parents:
            continue
        now = graph.parents[id_]
        # The usual case, and cheap.
        if now == then or set(now) <= set(then):
            continue
        for new in graph.ancestors(now) - below(graph, then, recorded):
            if new not in recorded:
                put.setdefault(new, id_)
    return {id_: put[id_] for id_ in graph.revisions if id_ in put}


def below(
    graph: RevisionGraph, ids: Iterable[str], recorded: Mapping[str, tuple[str, ...]]
) -> set[str]:
    """`ids` and everything that they are built on: by the graph, and where it lost one, by what was
    recorded of it."""
    known: set[str] = set()
    seen: set[str] = set()
    pending = list(ids)
    while pending:
        id_ = pending.pop()
        if id_ in seen:
            continue
        seen.add(id_)
        if id_ in graph.revisions:
            known.add(id_)
        else:
            pending.extend(recorded.get(id_, ()))
    return graph.ancestors(known)
