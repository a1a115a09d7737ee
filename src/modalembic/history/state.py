"""The state of a database as far as its version rows tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from modalembic.history.graph import RevisionGraph

_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class State:
    """What version rows mean over a graph.

    `applied` are the known rows and everything that they need; `orphans` the rows that name no
    revision, sorted; `implied` the rows that another row already implies, each with that one;
    `held` the applied revisions that an orphan is built on, as far as its lineage is known.
    `installed` are the modules that the database has, or is to have; None where none was asked.
    """

    rows: tuple[str, ...]
    applied: frozenset[str]
    orphans: tuple[str, ...]
    implied: Mapping[str, str]
    held: frozenset[str] = frozenset()
    installed: frozenset[str] | None = None


def read_state(
    graph: RevisionGraph, rows: Iterable[str], lineage: Mapping[str, tuple[str, ...]] = _NOTHING
) -> State:
    """The state that the version rows `rows` describe.

    `lineage` has what each revision that is not in the graph was built on, if that is known. It
    matters: rows name only what nothing else implies, so that the row of a module which is gone may
    be all that says what is applied in the modules which are still there.
    """
    rows = tuple(sorted(rows))
    known = [row for row in rows if row in graph.revisions]
    orphans = tuple(row for row in rows if row not in graph.revisions)
    held = graph.ancestors(_known_below(graph, orphans, lineage))
    applied = graph.ancestors(known) | held
    top = graph.maximal(applied)
    implied = {row: _implied_by(graph, row, rows) for row in known if row not in top}
    implied |= {row: orphans[0] for row in known if row in top and row in held}
    return State(rows, frozenset(applied), orphans, implied, frozenset(held))


def _known_below(
    graph: RevisionGraph, orphans: Iterable[str], lineage: Mapping[str, tuple[str, ...]]
) -> set[str]:
    """The revisions of the graph that the lineage of orphans leads to."""
    found: set[str] = set()
    seen = set(orphans)
    pending = list(seen)
    while pending:
        for parent in lineage.get(pending.pop(), ()):
            if parent in graph.revisions:
                found.add(parent)
            elif parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return found


def _implied_by(graph: RevisionGraph, row: str, rows: Iterable[str]) -> str:
    above = graph.descendants([row]) - {row}
    known = [other for other in rows if other in above]
    if known:
        return min(known)
    return next(other for other in rows if other not in graph.revisions)


class VersionRows:
    """The version rows while a plan runs: the maximal applied revisions, dependencies included.

    Alembic works the rows out from the edges of one step, which fails on graphs with redundant
    dependencies; here they follow from the applied set, so that any valid order will do. Orphans
    are never touched, and what they imply gets no row of its own.
    """

    def __init__(self, graph: RevisionGraph, state: State) -> None:
        self._graph = graph
        self._applied = set(state.applied)
        self._held = state.held
        # Also the implied ones: the first step takes them out.
        self.rows = {row for row in state.rows if row in graph.revisions}
        self._implied = set(state.implied)

    def upgrade(self, id_: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The rows to delete and to insert, sorted, when `id_` has run."""
        gone = {parent for parent in self._graph.parents[id_] if parent in self.rows}
        self._applied.add(id_)
        return self._change(gone, {id_})

    def downgrade(self, id_: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The rows to delete and to insert, sorted, when `id_` has been undone."""
        self._applied.discard(id_)
        come = {
            parent
            for parent in self._graph.parents[id_]
            if parent not in self._held
            and not any(child in self._applied for child in self._graph.children[parent])
        }
        return self._change({id_}, come)

    def _change(self, gone: set[str], come: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        gone |= self._implied - come
        self._implied.clear()
        come = come - self.rows
        gone &= self.rows
        self.rows = (self.rows - gone) | come
        return tuple(sorted(gone)), tuple(sorted(come))
