"""The components of a module, and its definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.modules.components import completeness, read_components
from tests.checks.structure.shop import found, only, shop
from tests.projects import ProjectFiles


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return shop(tmp_path / "shop")


def states(project: ProjectFiles, module: str = "billing") -> dict[str, str]:
    return {each.name: each.state for each in read_components(project.load().module(module))}


def test_one_that_is_named_and_missing_is_an_error(project: ProjectFiles) -> None:
    project.module("billing", requires=["core"], components=["services"])
    finding = only(project)
    assert (finding.rule, finding.severity) == ("structure/missing-component", "error")
    assert (finding.module, finding.name, finding.line) == ("billing", "services", 1)


def test_one_with_a_path_is_named(project: ProjectFiles) -> None:
    project.module("billing", requires=["core"], paths={"services": "services"}, tasks_path="x.y")
    assert {each.name for each in found(project)} == {"services", "tasks"}


def test_one_that_is_there_and_not_named_is_a_warning(project: ProjectFiles) -> None:
    billing = project.module("billing", requires=["core"], components=["services"])
    billing.file("services/a.py", "x = 1\n").file("tasks.py", "x = 1\n").file("schemas/__init__.py")
    finding = only(project)
    assert (finding.rule, finding.severity) == ("structure/unnamed-component", "warning")
    assert finding.name == "tasks"


def test_a_definition_that_names_none_is_not_asked(project: ProjectFiles) -> None:
    project.module("billing").file("services/a.py", "x = 1\n")
    assert found(project) == []


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"services/a.py": "def f(): ...\n"}, "own"),
        ({"services.py": "X = 1\n"}, "own"),
        ({"services/__init__.py": '"""Later."""\n__all__ = []\n'}, "empty"),
        ({"services/__init__.py": "from app.services.billing import f\n"}, "re-export"),
        ({"services/__init__.py": "from app.modules.billing.config import f\n"}, "empty"),
        ({"services/__init__.py": "from .a import f\n", "services/a.py": "def f(): ...\n"}, "own"),
        ({"services/b.py": "from app.x import f\n", "services/a.py": "def f(): ...\n"}, "mixed"),
        ({"services/readme.txt": "x"}, "own"),
        ({"services/a.py": "x = (\n"}, "own"),
    ],
)
def test_the_state_of_a_component(project: ProjectFiles, files: dict[str, str], state: str) -> None:
    for name, text in files.items():
        project.module("billing").file(name, text)
    assert states(project)["services"] == state


def test_migrations_are_a_component(project: ProjectFiles) -> None:
    project.module("billing").revision("b1")
    assert states(project) == {"migrations": "own"}


@pytest.mark.parametrize(
    ("files", "whole"),
    [
        ({}, "shell"),
        ({"services/__init__.py": "from app.services.billing import f\n"}, "shell"),
        (
            {"services/a.py": "x = 1\n", "models/__init__.py": "from app.models import X\n"},
            "partial",
        ),
        ({"services/a.py": "x = 1\n", "models/a.py": "x = 1\n"}, "complete"),
    ],
)
def test_how_far_a_module_has_come(
    project: ProjectFiles, files: dict[str, str], whole: str
) -> None:
    for name, text in files.items():
        project.module("billing").file(name, text)
    assert completeness(read_components(project.load().module("billing"))) == whole


def test_a_missing_component_leaves_a_module_partial(project: ProjectFiles) -> None:
    billing = project.module("billing", components=["services", "models"])
    billing.file("services/a.py", "x = 1\n")
    assert completeness(read_components(project.load().module("billing"))) == "partial"
