from __future__ import annotations

from itertools import permutations
from pathlib import Path

from modalembic.config import Tier
from modalembic.errors import RequirementCircle, UnknownModule
from modalembic.modules import Module, Origin
from modalembic.modules.requirements import order_modules


def module(name: str, *requires: str, tier: Tier = "optional", central: bool = False) -> Module:
    origin = Origin("directory", Path(name), 1)
    return Module(name, origin, tier=tier, requires=requires, central=central)


def names(*modules: Module) -> list[str]:
    ordered, problems = order_modules(modules)
    assert not problems
    return [found.name for found in ordered]


def test_modules_come_by_requirement_then_tier_then_name() -> None:
    modules = (
        module("zoo", tier="core"),
        module("ape"),
        module("dev", tier="internal"),
        module("base", "dev", tier="core"),
        module("cms", "zoo"),
    )
    expected = ["zoo", "ape", "cms", "dev", "base"]
    for order in permutations(modules):
        assert names(*order) == expected


def test_central_locations_come_first() -> None:
    assert names(module("a", tier="core"), module("legacy", central=True)) == ["legacy", "a"]


def test_a_requirement_that_is_not_there_is_named_with_its_place() -> None:
    ordered, (problem,) = order_modules([module("cms", "cors"), module("core")])
    assert [found.name for found in ordered] == ["cms", "core"]
    assert isinstance(problem, UnknownModule)
    assert problem.code == "unknown-module"
    assert problem.message == "cms requires 'cors', which is not a module here"
    assert problem.hint == "the modules are cms, core"
    assert (problem.path, problem.line) == (Path("cms"), 1)


def test_a_circle_is_named_whole_and_the_modules_are_still_shown() -> None:
    modules = (module("a", "b"), module("b", "c"), module("c", "b"), module("d", "a"), module("e"))
    for order in permutations(modules):
        ordered, (problem,) = order_modules(order)
        assert [found.name for found in ordered] == ["e", "a", "b", "c", "d"]
        assert isinstance(problem, RequirementCircle)
        assert problem.code == "requirement-circle"
        assert problem.message == "modules require each other in a circle: b -> c -> b"
        assert problem.hint == "take out one of them: b in b:1, c in c:1"
        assert (problem.path, problem.line) == (Path("b"), 1)


def test_a_module_that_requires_itself_is_a_circle_of_its_own() -> None:
    _, problems = order_modules([module("a", "a", "b"), module("b", "a")])
    assert [problem.message for problem in problems] == [
        "modules require each other in a circle: a -> a",
        "modules require each other in a circle: a -> b -> a",
    ]


def test_a_requirement_written_elsewhere_is_blamed_there() -> None:
    table = Origin("configuration", Path("pyproject.toml"), 7)
    _, (problem,) = order_modules([module("cms", "gone")], {"cms": table})
    assert (problem.path, problem.line) == (Path("pyproject.toml"), 7)
