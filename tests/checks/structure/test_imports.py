"""Imports between modules."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from modalembic.checks.structure.imports import circles, is_public
from tests.checks.structure.shop import found, only, shop
from tests.projects import ProjectFiles


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = shop(tmp_path / "shop")
    for name in ("core", "billing", "orders"):
        project.module(name).file("services/__init__.py").file("services/a.py", "def f(): ...\n")
    return project


def test_what_is_required_may_be_imported(project: ProjectFiles) -> None:
    project.module("orders").file("services/b.py", "from app.modules.billing.services import a\n")
    assert found(project) == []


def test_what_is_required_of_what_is_required_may_be_imported(project: ProjectFiles) -> None:
    project.module("orders").file("services/b.py", "import app.modules.core.services.a\n")
    assert found(project) == []


def test_what_is_not_required_may_not(project: ProjectFiles) -> None:
    project.module("core").file(
        "services/b.py",
        "import os\n\n\ndef f():\n    from app.modules.orders.services.a import f\n",
    )
    finding = only(project)
    assert (finding.rule, finding.severity) == ("structure/undeclared-import", "error")
    assert (finding.module, finding.part, finding.line) == ("core", "orders", 5)
    assert finding.path == project.root / "app/modules/core/services/b.py"


def test_several_imports_of_a_module_are_one_finding(project: ProjectFiles) -> None:
    core = project.module("core")
    core.file("services/b.py", "from app.modules.orders.services.a import f\n")
    core.file("services/c.py", "from app.modules.orders.services.a import f\n")
    assert "app.modules.orders.services.a and 1 more of orders" in only(project).message


@pytest.mark.parametrize("name", ["tests/test_x.py", "migrations/versions/helper.py"])
def test_tests_and_revisions_are_free(project: ProjectFiles, name: str) -> None:
    core = project.module("core").file(name, "from app.modules.orders.services.a import f\n")
    core.file("tests/__init__.py").file("migrations/__init__.py")
    core.file("migrations/versions/__init__.py")
    assert [each.rule for each in found(project) if "import" in each.rule] == []


def test_what_only_types_need_is_no_import(project: ProjectFiles) -> None:
    project.module("core").file(
        "services/b.py",
        """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from app.modules.orders.services.a import f
        """,
    )
    assert found(project) == []


class TestInternals:
    @pytest.mark.parametrize("file", ["tasks/a.py", "services/_private.py", "util.py"])
    def test_may_not_be_imported(self, project: ProjectFiles, file: str) -> None:
        project.module("billing").file("tasks/__init__.py").file(file, "x = 1\n")
        name = "app.modules.billing." + file.removesuffix(".py").replace("/", ".")
        project.module("orders").file("services/b.py", f"import {name}\n")
        finding = only(project)
        assert (finding.rule, finding.severity) == ("structure/internal-import", "warning")
        assert (finding.module, finding.name, finding.line) == ("orders", name, 1)

    def test_may_be_made_public(self, project: ProjectFiles) -> None:
        project.configure(
            'modules = ["app/modules/*"]\n[tool.modalembic.structure]\npublic = ["tasks"]\n'
        )
        project.module("billing").file("tasks/__init__.py").file("tasks/a.py")
        project.module("orders").file("services/b.py", "import app.modules.billing.tasks.a\n")
        assert found(project) == []

    def test_the_package_itself_is_public(self) -> None:
        assert is_public("app.billing", "app.billing", ())
        assert not is_public("app.billing.x", "app.billing", ())


class TestACircle:
    def test_is_told_with_the_imports_that_make_it(self, project: ProjectFiles) -> None:
        project.module("orders").file("services/b.py", "import app.modules.billing.services.a\n")
        project.module("billing").file("services/b.py", "import app.modules.orders.services.a\n")
        rules = {each.rule: each for each in found(project)}
        assert rules.keys() == {"structure/undeclared-import", "structure/import-circle"}
        circle = rules["structure/import-circle"]
        assert circle.actual == "billing -> orders -> billing"
        assert (
            "app.modules.billing.services.b imports app.modules.orders.services.a" in circle.message
        )

    def test_is_the_shortest_for_each_group(self) -> None:
        edges = {"a": {"b", "c"}, "b": {"c"}, "c": {"a"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
        assert [*circles(edges)] == [("a", "c", "a"), ("d", "e", "d")]

    def test_is_found_wherever_there_is_one(self) -> None:
        """A graph without the last edge of each circle has fewer; one that is acyclic has none."""
        chance = random.Random(7)
        for _ in range(200):
            names = "abcdef"
            order = {
                name: {other for other in names if other > name and chance.random() < 0.5}
                for name in names
            }
            assert [*circles(order)] == []
            first, second = sorted(chance.sample(names, 2))
            closed = {**order, first: order[first] | {second}, second: order[second] | {first}}
            found_circles = [*circles(closed)]
            assert found_circles
            for circle in found_circles:
                assert circle[0] == circle[-1]
                assert all(b in closed[a] for a, b in pairwise(circle))


def test_a_file_that_does_not_parse_is_named(project: ProjectFiles) -> None:
    project.module("billing").file("services/b.py", "x = (\n")
    findings = [each for each in found(project) if each.rule == "structure/unreadable-source"]
    (finding,) = findings
    assert (finding.module, finding.line) == ("billing", 2)
    assert finding.path == project.root / "app/modules/billing/services/b.py"
