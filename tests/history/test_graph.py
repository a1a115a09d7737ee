from __future__ import annotations

from tests.history.handmade import graph_of, revision


def test_a_label_stands_for_the_revision_that_carries_it() -> None:
    graph = graph_of(
        revision("a1", labels="a"), revision("a2", down="a1"), revision("b1", depends_on="a")
    )
    assert graph.parents["b1"] == ("a1",)
    assert graph.labels == {"a": "a1"}


def test_a_revision_that_follows_and_needs_the_same_one_has_one_parent() -> None:
    graph = graph_of(revision("a1"), revision("a2", down="a1", depends_on=("a1", "a1")))
    assert graph.parents["a2"] == ("a1",)
    assert graph.children == {"a1": ("a2",)}


def test_what_cannot_be_resolved_is_kept_with_the_header_that_names_it() -> None:
    lost = revision("a2", down="a1", depends_on="b9")
    graph = graph_of(lost)
    assert graph.missing == [(lost, "down_revision", "a1"), (lost, "depends_on", "b9")]
    assert graph.parents == {"a2": ()}


def test_the_first_of_two_revisions_with_one_id_counts() -> None:
    first, second = revision("x", "a"), revision("x", "b")
    graph = graph_of(first, second)
    assert graph.revisions == {"x": first}
    assert graph.duplicates == [second]


def test_a_modules_head_is_its_own_last_revision_whatever_is_built_on_it() -> None:
    graph = graph_of(
        revision("a1"),
        revision("a2", down="a1"),
        revision("b1", down="a2", labels="b"),
        revision("c1", depends_on="a2"),
    )
    assert graph.heads == {"a": ("a2",), "b": ("b1",), "c": ("c1",)}
    assert graph.maximal(set(graph.revisions)) == {"b1", "c1"}


def test_a_way_that_leaves_the_module_and_comes_back_makes_no_second_head() -> None:
    by_dependency = graph_of(
        revision("a1"), revision("b1", depends_on="a1"), revision("a2", depends_on="b1")
    )
    assert by_dependency.heads["a"] == ("a2",)
    by_line = graph_of(revision("a1"), revision("b1", down="a1"), revision("a2", down="b1"))
    assert by_line.heads["a"] == ("a2",)
    assert by_line.own_bases("a") == ("a1",)
    assert by_line.line_parents("a2") == ("a1",)
    assert by_line.line_children("a1") == ("a2",)


def test_several_heads_stay_several_though_others_need_them() -> None:
    graph = graph_of(
        revision("a1"),
        revision("a2", down="a1"),
        revision("a3", down="a1"),
        revision("b1", depends_on=("a2", "a3")),
    )
    assert graph.heads["a"] == ("a2", "a3")


def test_a_circle_is_named_in_the_order_of_dependence() -> None:
    graph = graph_of(
        revision("a1", depends_on="c1"),
        revision("b1", depends_on="a1"),
        revision("c1", depends_on="b1"),
        revision("d1", depends_on="c1"),
    )
    assert graph.circle() == ("a1", "c1", "b1")
    assert graph_of(revision("a1", down="a1")).circle() == ("a1",)
    assert graph_of(revision("a1"), revision("a2", down="a1")).circle() == ()


def test_a_circle_of_thousands_is_found_at_once() -> None:
    size = 20_000
    graph = graph_of(*(revision(f"a{n}", down=f"a{(n + 1) % size}") for n in range(size)))
    assert len(graph.circle()) == size


def test_answers_do_not_depend_on_the_order_of_revisions() -> None:
    revisions = [
        revision("a1"),
        revision("a3", down="a1"),
        revision("a2", down="a1"),
        revision("b1", depends_on=("a2", "a3")),
    ]
    one, other = graph_of(*revisions), graph_of(*reversed(revisions))
    assert one.children == other.children
    assert one.heads == other.heads
    assert one.down_children == {"a1": ("a2", "a3")}
