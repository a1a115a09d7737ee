"""Which revisions are ordered, against walking every way and against every order."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from modalembic.checks.dependencies.ancestry import Ancestry

Graph = Mapping[int, frozenset[int]]


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> Graph:
    """Revisions by number, each with parents of lower numbers."""
    size = draw(st.integers(1, most))
    return {
        number: draw(st.frozensets(st.integers(0, number - 1), max_size=3))
        if number
        else frozenset()
        for number in range(size)
    }


def ancestry_of(graph: Graph) -> Ancestry:
    made = Ancestry()
    for number, parents in graph.items():
        made.add(str(number), map(str, parents))
    return made


def walked(graph: Graph, number: int) -> set[int]:
    found = {number}
    for parent in graph[number]:
        found |= walked(graph, parent)
    return found


@given(graphs())
def test_following_is_what_a_walk_finds(graph: Graph) -> None:
    ancestry = ancestry_of(graph)
    for later in graph:
        for earlier in graph:
            assert ancestry.follows(str(later), str(earlier)) is (earlier in walked(graph, later))


@given(graphs(most=6), st.data())
def test_a_pair_is_unordered_if_it_runs_either_way_round_in_some_order(
    graph: Graph, data: st.DataObject
) -> None:
    chosen = sorted(data.draw(st.sets(st.sampled_from(sorted(graph)))))
    orders = [
        order
        for order in permutations(graph)
        if all(
            order.index(parent) < order.index(number)
            for number in graph
            for parent in graph[number]
        )
    ]
    free = {
        (str(one), str(other))
        for one, other in combinations(chosen, 2)
        if any(order.index(other) < order.index(one) for order in orders)
    }
    assert set(ancestry_of(graph).unordered([*map(str, chosen)])) == free


@given(graphs(), st.data())
def test_tops_are_those_that_no_other_one_needs(graph: Graph, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(graph))))
    tops = {
        str(one)
        for one in chosen
        if not any(one in walked(graph, other) for other in chosen - {one})
    }
    assert set(ancestry_of(graph).tops({*map(str, chosen)})) == tops
