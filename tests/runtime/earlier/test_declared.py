"""What the distributions of a tree declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.runtime.earlier.declared import declared_at, declared_in, names_in_working_tree
from modalembic.runtime.earlier.places import TreePlaces
from tests.checks.repository import git
from tests.projects import ProjectFiles

POINTS = {"shop.modules": {"Billing": "shop.billing:module"}}


PROJECT = """
[project]
name = "Shop_Parts"
version = "2"
[project.entry-points."shop.modules"]
Billing = "shop.billing:module"
"""
POETRY = """
[tool.poetry]
name = "Shop_Parts"
version = "2"
[tool.poetry.plugins."shop.modules"]
Billing = "shop.billing:module"
"""
SETUP = """
[metadata]
name = Shop_Parts
[options.entry_points]
shop.modules =
    # of the shop
    Billing = shop.billing:module
"""


@pytest.mark.parametrize(
    ("file", "text"),
    [("pyproject.toml", PROJECT), ("pyproject.toml", POETRY), ("setup.cfg", SETUP)],
    ids=["project", "poetry", "setup.cfg"],
)
def test_entry_points_are_read_wherever_they_are_written(
    tmp_path: Path, file: str, text: str
) -> None:
    (tmp_path / file).write_text(text)
    (tmp_path / "src").mkdir()

    [found] = declared_in(tmp_path).items()

    assert found[0] == "shop-parts"
    assert found[1].entry_points == POINTS
    assert found[1].code == tmp_path / "src"


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "shop"\ndynamic = ["entry-points"]\n',
        '[tool.other]\nname = "x"\n',
        "no toml",
    ],
)
def test_what_is_not_written_down_is_not_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)

    found = declared_at(tmp_path)

    assert found is None or found.entry_points is None


def test_a_project_without_any_has_none(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')

    found = declared_at(tmp_path)

    assert found is not None
    assert found.entry_points == {}


def test_what_git_ignores_is_no_distribution_of_the_working_tree(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "shop")
    for name in ("a", "b", "build/c"):
        project.file(f"{name}/pyproject.toml", f'[project]\nname = "{name[-1]}"\n')
    project.file(".gitignore", "build/\n")
    git(project.root, "init", "--quiet")
    git(project.root, "add", "a")

    assert names_in_working_tree(project.root) == {"a", "b"}


def test_an_environment_in_the_working_tree_is_none_of_it(tmp_path: Path) -> None:
    top, laid_out = tmp_path.resolve() / "top", tmp_path.resolve() / "tree"
    places = TreePlaces(top, laid_out)

    assert places.mapped(top / "src/app.py") == laid_out / "src/app.py"
    inside = top / ".venv/lib/python3.11/site-packages/x.py"
    assert places.mapped(inside) == inside
    assert places.mapped(Path("/usr/lib/x.py")) == Path("/usr/lib/x.py")
    assert places.mapped(laid_out / "app.py") == laid_out / "app.py"


def test_a_link_into_the_working_tree_is_followed(tmp_path: Path) -> None:
    top, laid_out = tmp_path.resolve() / "top", tmp_path.resolve() / "tree"
    (top / "src").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(top / "src")
    places = TreePlaces(top, laid_out)

    assert places.of_working_tree(link / "app.py")
    assert places.mapped(link) == laid_out / "src"
