"""What is taken of the sets that a catalog cannot tell apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.errors import NotAmongMatched
from modalembic.history.state import read_state
from modalembic.project import Project
from modalembic.runtime.match.choice import Choice, choose
from modalembic.runtime.match.closure import cheapest
from tests.projects import ProjectFiles

WORK = "op.execute('SELECT 1')"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """a2 and a3 do something, a4 is empty; b1 and b2 are empty and need a3 and a2."""
    files = ProjectFiles(tmp_path / "shop").configure()
    a = files.module("a").revision("a1").revision("a2", down="a1", upgrade=WORK)
    a.revision("a3", down="a2", upgrade=WORK).revision("a4", down="a3")
    b = files.module("b").revision("b0").revision("b1", down="b0", depends_on="a3")
    b.revision("b2", down="b1")
    return files.load()


def chosen(project: Project, *at: str, rows: tuple[str, ...] = ()) -> Choice:
    """The choice where the catalog shows a1 and b0, and nothing of the rest."""
    weights = {"a1": -1, "b0": -1}
    found = cheapest(project.graph.parents, weights)
    assert found.least == {"a1", "b0"}
    assert found.most == set(project.graph.revisions)
    return choose(project, found, weights, read_state(project.graph, rows), at)


def test_without_rows_it_is_the_latest_and_what_does_something_is_unsettled(
    project: Project,
) -> None:
    choice = chosen(project)
    assert choice.applied == {"a1", "a2", "a3", "a4", "b0", "b1", "b2"}
    assert choice.unsettled == ("a2", "a3")


def test_rows_that_the_catalog_allows_decide(project: Project) -> None:
    choice = chosen(project, rows=("a2", "b0"))
    assert choice.applied == {"a1", "a2", "b0"}
    assert choice.by_rows == {"a", "b"}
    assert choice.unsettled == ()


def test_rows_of_one_module_outweigh_what_is_empty_in_another(project: Project) -> None:
    """Both revisions of b would need a3, of which the rows say that it has not run."""
    choice = chosen(project, rows=("a2",))
    assert choice.by_rows == {"a"}
    assert choice.applied == {"a1", "a2", "b0"}


def test_rows_that_the_catalog_contradicts_decide_nothing(project: Project) -> None:
    weights = {"a1": -1, "a4": 1, "b0": -1}
    found = cheapest(project.graph.parents, weights)
    state = read_state(project.graph, ("a4", "b0"))
    choice = choose(project, found, weights, state, ())
    assert choice.by_rows == {"b"}
    assert choice.unsettled == ("a2", "a3")


@pytest.mark.parametrize(
    ("at", "applied"),
    [
        ("a1", {"a1", "b0"}),
        ("a2", {"a1", "a2", "b0"}),
        ("a3", {"a1", "a2", "a3", "b0", "b1", "b2"}),
        ("a@head", {"a1", "a2", "a3", "a4", "b0", "b1", "b2"}),
        ("heads", {"a1", "a2", "a3", "a4", "b0", "b1", "b2"}),
    ],
)
def test_a_word_settles_a_module_and_what_needs_it(
    project: Project, at: str, applied: set[str]
) -> None:
    choice = chosen(project, at)
    assert choice.applied == applied
    assert choice.unsettled == ()


@pytest.mark.parametrize("at", [("a@base",), ("a1", "b1"), ("base",)])
def test_a_word_that_the_catalog_contradicts_is_refused(
    project: Project, at: tuple[str, ...]
) -> None:
    with pytest.raises(NotAmongMatched) as caught:
        chosen(project, *at)
    assert "of a it matches a1 to a4" in str(caught.value.hint)
