"""Graphs for tests, and stock Alembic's view of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from alembic.script.revision import Revision as StockRevision
from alembic.script.revision import RevisionMap
from hypothesis import strategies as st

from modalembic.history.graph import RevisionGraph
from modalembic.history.revision import Revision
from tests.history.handmade import revision


class _Script(StockRevision):
    """A step of Alembic asks a revision for its two functions."""

    module = SimpleNamespace(upgrade=None, downgrade=None)


def stock_map(graph: RevisionGraph) -> RevisionMap:
    """The same graph as Alembic reads it from revision files."""
    return RevisionMap(
        lambda: [
            _Script(
                revision.id,
                revision.down_revisions or None,
                dependencies=revision.depends_on or None,
                branch_labels=revision.branch_labels or None,
            )
            for revision in graph.revisions.values()
        ]
    )


@dataclass(frozen=True)
class Case:
    """A graph, the order of its modules, and the rows of a database on the way."""

    revisions: tuple[Revision, ...]
    modules: tuple[str, ...]
    rows: tuple[str, ...]

    @property
    def graph(self) -> RevisionGraph:
        return RevisionGraph(self.revisions)


MODULES = ("alpha", "beta", "gamma", "delta")


@st.composite
def cases(draw: st.DrawFn, *, tidy: bool = False) -> Case:
    """Histories as they grow: each revision follows and depends on earlier ones.

    A tidy one is what modalembic itself writes: each module one base that carries its label, lines
    that stay inside their module.
    """
    modules = MODULES[: draw(st.integers(1, len(MODULES)))]
    revisions: list[Revision] = []
    for number in range(draw(st.integers(1, 14))):
        module = draw(st.sampled_from(modules))
        revisions.append(draw(_revisions(f"{module}{number:02}", module, revisions, tidy=tidy)))
    rows = draw(_rows(revisions))
    return Case(tuple(revisions), modules, rows)


@st.composite
def _revisions(
    draw: st.DrawFn, id_: str, module: str, earlier: Sequence[Revision], *, tidy: bool
) -> Revision:
    own = [revision.id for revision in earlier if revision.module == module]
    every = [revision.id for revision in earlier]
    if not own:
        labels = (module,) if tidy or draw(st.integers(0, 3)) else draw(_foreign_labels(id_))
        downs = [] if tidy else draw(_some(every, at_most=1, often_none=True))
    else:
        labels = () if tidy or draw(st.integers(0, 9)) else draw(_foreign_labels(id_))
        downs = draw(_parents(own, every, tidy=tidy))
    depends_on = draw(_some(every, at_most=2, often_none=True))
    return revision(id_, module, downs, depends_on, labels)


def _foreign_labels(id_: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sampled_from([(), (f"label_{id_}",)])


@st.composite
def _parents(draw: st.DrawFn, own: Sequence[str], every: Sequence[str], *, tidy: bool) -> list[str]:
    """Mostly the last one of the module; at times an earlier one, two of them, another module's."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return draw(_some(own if tidy else every, at_most=2, at_least=1))
    if kind == 1:
        return [] if not tidy else [draw(st.sampled_from(own))]
    if kind == 2:
        return draw(_some(own, at_most=2, at_least=1))
    return [own[-1]]


@st.composite
def _some(
    draw: st.DrawFn,
    of: Sequence[str],
    *,
    at_most: int,
    at_least: int = 0,
    often_none: bool = False,
) -> list[str]:
    if not of or (often_none and draw(st.integers(0, 2))):
        return []
    return draw(st.lists(st.sampled_from(of), min_size=at_least, max_size=at_most, unique=True))


@st.composite
def _rows(draw: st.DrawFn, revisions: Sequence[Revision]) -> tuple[str, ...]:
    """The rows of a database that is anywhere between empty and complete."""
    graph = RevisionGraph(revisions)
    reached = draw(st.lists(st.sampled_from([*graph.revisions]), max_size=4))
    return tuple(sorted(graph.maximal(graph.ancestors(reached))))
