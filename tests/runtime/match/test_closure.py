"""The cheapest closed set is what trying all of them finds."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from modalembic.runtime.match.closure import cheapest

Graph = tuple[dict[str, tuple[str, ...]], dict[str, int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to eight nodes, each with parents among those before it, and weights."""
    nodes = [f"n{number}" for number in range(draw(st.integers(0, 8)))]
    parents = {
        node: tuple(draw(st.sets(st.sampled_from(nodes[:place])))) if place else ()
        for place, node in enumerate(nodes)
    }
    return parents, {node: draw(st.integers(-3, 3)) for node in nodes}


@given(graphs())
def test_the_least_and_the_most_of_the_cheapest_sets_are_found(graph: Graph) -> None:
    parents, weights = graph
    every = chain.from_iterable(combinations(parents, size) for size in range(len(parents) + 1))
    closed = [
        frozenset(nodes)
        for nodes in every
        if all(parent in nodes for node in nodes for parent in parents[node])
    ]
    costs = {nodes: sum(weights[node] for node in nodes) for nodes in closed}
    best = [nodes for nodes in closed if costs[nodes] == min(costs.values())]

    found = cheapest(parents, weights)

    assert found.least == frozenset.intersection(*best)
    assert found.most == frozenset.union(*best)


def test_what_has_no_weight_costs_nothing() -> None:
    found = cheapest({"a": (), "b": ("a",)}, {"a": -1})
    assert found.least == {"a"}
    assert found.most == {"a", "b"}


def test_a_long_line_is_no_trouble() -> None:
    line = {f"{number:05}": (f"{number - 1:05}",) if number else () for number in range(20_000)}
    found = cheapest(line, {id_: -1 if id_ < "10000" else 1 for id_ in line})
    assert len(found.least) == len(found.most) == 10_000
