from __future__ import annotations

from modalembic.history.state import VersionRows, read_state
from tests.history.handmade import graph_of, revision

GRAPH = graph_of(
    revision("a1"),
    revision("a2", down="a1"),
    revision("b1", depends_on="a2"),
    revision("b2", down="b1"),
)


def test_a_row_stands_for_all_that_it_needs() -> None:
    state = read_state(GRAPH, ["b1"])
    assert state.applied == {"a1", "a2", "b1"}
    assert (state.orphans, state.implied) == ((), {})


def test_rows_that_another_row_implies_are_named_with_it() -> None:
    assert read_state(GRAPH, ["a1", "b2", "b1"]).implied == {"a1": "b1", "b1": "b2"}


def test_a_row_of_no_known_revision_is_an_orphan() -> None:
    state = read_state(GRAPH, ["gone", "a1"])
    assert state.orphans == ("gone",)
    assert state.applied == {"a1"}


def test_what_an_orphan_was_built_on_is_applied_though_no_row_says_so() -> None:
    state = read_state(GRAPH, ["gone2"], {"gone2": ("gone1",), "gone1": ("a2",)})
    assert state.applied == state.held == {"a1", "a2"}
    rows = VersionRows(GRAPH, state)
    assert rows.upgrade("b1") == ((), ("b1",))
    assert rows.downgrade("b1") == (("b1",), ())


def test_each_step_tells_the_rows_to_delete_and_to_insert() -> None:
    rows = VersionRows(GRAPH, read_state(GRAPH, []))
    assert rows.upgrade("a1") == ((), ("a1",))
    assert rows.upgrade("a2") == (("a1",), ("a2",))
    assert rows.upgrade("b1") == (("a2",), ("b1",))
    assert rows.downgrade("b1") == (("b1",), ("a2",))
    assert rows.rows == {"a2"}


def test_hundreds_of_overlapping_rows_are_read_at_once() -> None:
    size = 2_000
    line = [revision(f"a{n}", down=f"a{n - 1}" if n else ()) for n in range(size)]
    graph = graph_of(*line)
    assert len(read_state(graph, [f"a{n}" for n in range(0, size, 10)]).implied) == size / 10 - 1
