"""The version rows while they are mended, one action after another."""

from __future__ import annotations

from collections.abc import Iterable

from modalembic.history.graph import RevisionGraph
from modalembic.history.state import State
from modalembic.runtime.record import row_changes
from modalembic.runtime.tables.version import VersionTable


class MendedRows:
    """Keeps to the rule for version rows: the maximal applied revisions, without what an orphan
    implies, and the orphans. Each method gives the statements that lead there."""

    def __init__(self, graph: RevisionGraph, state: State, versions: VersionTable) -> None:
        self._graph = graph
        self._versions = versions
        self._applied = set(state.applied)
        self._held = set(state.held)
        self._orphans = set(state.orphans)
        self._rows = set(state.rows)

    def without(self, row: str) -> tuple[str, ...]:
        """A row that is implied goes."""
        return self._become(self._rows - {row})

    def applied(self, id_: str) -> tuple[str, ...]:
        """A revision counts as applied."""
        self._applied.add(id_)
        return self._ruled()

    def undone(self, id_: str) -> tuple[str, ...]:
        """A revision does not count as applied any more."""
        self._applied.discard(id_)
        return self._ruled()

    def retired(self, orphans: Iterable[str], held: Iterable[str]) -> tuple[str, ...]:
        """Rows of nobody go; what they were built on stays applied. `held` is what those that are
        left are built on."""
        self._orphans -= set(orphans)
        self._held = set(held)
        return self._ruled()

    def _ruled(self) -> tuple[str, ...]:
        known = set(self._graph.maximal(self._applied)) - self._held
        return self._become(known | self._orphans)

    def _become(self, rows: set[str]) -> tuple[str, ...]:
        gone, come = sorted(self._rows - rows), sorted(rows - self._rows)
        self._rows = rows
        return tuple(change.statement for change in row_changes(self._versions, gone, come))
