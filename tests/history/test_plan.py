from __future__ import annotations

import os
import subprocess
import sys

import pytest

from modalembic.history.graph import RevisionGraph
from modalembic.history.plan import plan_downgrade, plan_upgrade
from tests.history.handmade import graph_of, history, planned, revision

SHOP = graph_of(
    revision("c1", "core", labels="core"),
    revision("c2", "core", down="c1"),
    revision("c3", "core", down="c2", depends_on="b1"),
    revision("b1", "billing", labels="billing", depends_on="c2"),
    revision("b2", "billing", down="b1"),
)
ORDER = ("core", "billing")


def test_dependencies_come_first_and_then_it_stays_in_a_module_as_long_as_it_can() -> None:
    plan = plan_upgrade(SHOP, "heads", ["c3", "b2"], frozenset(), ORDER)
    assert [(step.revision.id, step.because) for step in plan.steps] == [
        ("c1", "first of core"),
        ("c2", "follows c1"),
        ("b1", "first of billing; needs c2 of core; nothing more of core can run before it"),
        ("b2", "follows b1"),
        ("c3", "follows c2; needs b1 of billing; nothing more of billing can run before it"),
    ]
    assert plan.modules() == ("core", "billing")
    assert (plan.target, plan.direction) == ("heads", "upgrade")


def test_modules_that_do_not_need_each_other_come_in_the_order_of_modules() -> None:
    graph = graph_of(*(revision(f"{name}1") for name in "abc"))
    for order in ("abc", "cba", "bca"):
        plan = plan_upgrade(graph, "heads", graph.revisions, frozenset(), tuple(order))
        assert "".join(step.revision.module for step in plan.steps) == order
        assert plan.steps[1].because == (
            f"first of {order[1]}; {order[1]} is next in the order of modules"
        )


def test_a_downgrade_goes_the_other_way_and_says_what_is_built_on_each() -> None:
    plan = plan_downgrade(SHOP, "core@c1", {"c2", "c3", "b1", "b2"}, ORDER)
    assert [(step.revision.id, step.because) for step in plan.steps] == [
        ("b2", "nothing that is applied is built on it"),
        ("c3", "nothing that is applied is built on it"),
        ("b1", "goes after b2, c3 of core, built on it"),
        ("c2", "goes after b1 of billing, c3, built on it"),
    ]


def test_what_is_applied_is_not_planned_again() -> None:
    applied = SHOP.ancestors(["b1"])
    plan = plan_upgrade(SHOP, "heads", ["c3", "b2"], applied, ORDER)
    assert [step.revision.id for step in plan.steps] == ["c3", "b2"]
    assert plan_upgrade(SHOP, "base", (), applied, ORDER).steps == ()


def test_an_upgrade_of_one_module_takes_what_it_needs_and_nothing_else() -> None:
    plan = plan_upgrade(SHOP, "billing@head", ["b2"], frozenset(), ORDER)
    assert [step.revision.id for step in plan.steps] == ["c1", "c2", "b1", "b2"]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_plan_does_not_depend_on_the_hash_seed(seed: int) -> None:
    program = (
        "from tests.history.handmade import history, planned\n"
        "print(' '.join(planned(history(8, 20))))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == planned(history(8, 20))


@pytest.mark.parametrize("shape", [(20, 50), (200, 5), (1, 1000)])
def test_planning_costs_what_the_history_is_long(shape: tuple[int, int]) -> None:
    """Counted in lines that run, so that a busy machine changes nothing."""
    modules, length = shape
    small, large = (lines_run(modules, length * factor) for factor in (1, 4))
    assert large < small * 4 * 1.1


def lines_run(modules: int, length: int) -> int:
    revisions = list(history(modules, length).revisions.values())
    count = 0

    def trace(_frame: object, kind: str, _argument: object) -> object:
        nonlocal count
        count += kind == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        assert len(planned(RevisionGraph(revisions))) == len(revisions)
    finally:
        sys.settrace(before)
    return count
