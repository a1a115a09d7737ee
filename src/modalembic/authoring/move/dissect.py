"""Which statements of a file leave it, and where each goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import libcst as cst

from modalembic.authoring.move.parsed import Parsed, dotted_of
from modalembic.authoring.move.toplevel import Binding, bindings
from modalembic.authoring.move.uses import Uses
from modalembic.errors import MoveUnclear, SourceNotFound


@dataclass
class Dissection:
    """The statements that go, by index, each with the module that it goes to; `names` are all names
    that they bind, with the same."""

    goes: dict[int, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, indices: set[int], target: str) -> None:
        """Let the definition of a name go."""
        self.names[name] = target
        self.goes.update(dict.fromkeys(indices, target))


def dissect(
    parsed: Parsed, uses: Uses, wanted: Mapping[str, str], public: frozenset[str]
) -> Dissection:
    """What goes where: the `wanted` names, the private ones that only they use, and statements that
    are about them alone (listeners, attributes added later). `public` are names that other files
    or `__all__` mention.

    Raises SourceNotFound and MoveUnclear, with the line.
    """
    known = _by_name(parsed)
    result = Dissection()
    for name, target in wanted.items():
        result.take(name, _definition(parsed, known, name), target)
    closure = _Closure(parsed, uses, known, public, result)
    while closure.step():
        pass
    return result


def defined_names(module: cst.Module) -> tuple[str, ...]:
    """The names to which a file itself gives their value, dunders aside."""
    return tuple(
        dict.fromkeys(
            binding.name
            for binding in bindings(module)
            if not _is_import(binding) and not binding.name.startswith("__")
        )
    )


def _is_import(binding: Binding) -> bool:
    return isinstance(binding.node, cst.Import | cst.ImportFrom)


def _by_name(parsed: Parsed) -> dict[str, list[Binding]]:
    known: dict[str, list[Binding]] = {}
    for binding in bindings(parsed.module):
        known.setdefault(binding.name, []).append(binding)
    return known


def _definition(parsed: Parsed, known: Mapping[str, list[Binding]], name: str) -> set[int]:
    """The statements that define a name. Raises where that is not one thing."""
    found = known.get(name, [])
    if not found:
        raise SourceNotFound(
            f"{parsed.path.name} defines no {name}; nothing was written",
            hint=f"it defines {', '.join(sorted(defined_names(parsed.module))) or 'nothing'}",
            path=parsed.path,
        )
    whole = [each for each in found if not each.is_overload]
    last = found[-1]
    complaint = _complaint(found, whole)
    if complaint is not None:
        raise MoveUnclear(
            f"{name} {complaint}; nothing was written",
            hint="define it once, at the top level and without a condition, and move it then",
            path=parsed.path,
            line=parsed.line(last.node),
        )
    if _is_import(last):
        raise SourceNotFound(
            f"{parsed.path.name} does not define {name}, but imports it; nothing was written",
            hint="name the module that defines it",
            path=parsed.path,
            line=parsed.line(last.node),
        )
    return {each.index for each in found}


def _complaint(found: list[Binding], whole: list[Binding]) -> str | None:
    if any(each.kind == "conditional" for each in found):
        return "is defined under a condition"
    if len(whole) > 1:
        return "is assigned twice"
    if any(each.kind == "other" for each in found):
        return "is assigned together with others"
    return None


class _Closure:
    """What goes along, found step by step."""

    def __init__(
        self,
        parsed: Parsed,
        uses: Uses,
        known: Mapping[str, list[Binding]],
        public: frozenset[str],
        result: Dissection,
    ) -> None:
        self._body = parsed.module.body
        self._uses = uses
        self._known = known
        self._public = public
        self._result = result
        self._own = {
            name
            for name, found in known.items()
            if len(found) == 1 and found[0].kind == "definition"
        }
        self._all = {name for name, found in known.items() if not all(map(_is_import, found))}

    def step(self) -> bool:
        """Let one more thing go; whether there was one."""
        for name in sorted(self._own - self._result.names.keys()):
            target = self._target_of_private(name)
            if target is not None:
                self._result.take(name, {self._known[name][0].index}, target)
                return True
        for index in range(len(self._body)):
            if index not in self._result.goes and self._goes_along(index):
                return True
        return False

    def _target_of_private(self, name: str) -> str | None:
        """Where a private name goes: to the only module that uses it."""
        if not name.startswith("_") or name.startswith("__") or name in self._public:
            return None
        return self._only_user(name, set())

    def _only_user(self, name: str, besides: set[int]) -> str | None:
        users = self._uses.users(name) - besides - {each.index for each in self._known[name]}
        targets = {self._result.goes.get(index) for index in users}
        return targets.pop() if len(targets) == 1 else None

    def _goes_along(self, index: int) -> bool:
        about = set(_about(self._body[index], self._uses.of(index)))
        moved = {self._result.names[name] for name in about & self._result.names.keys()}
        bound = {name for name, found in self._known.items() if found[0].index == index}
        if len(moved) != 1 or bound & self._public:
            return False
        (target,) = moved
        used = (self._uses.of(index) & self._all) - bound
        others = {name for name in used if self._result.names.get(name) != target}
        if not all(self._is_helper(name, index, target) for name in others):
            return False
        if any(self._uses.users(name) - {index} for name in bound):
            return False
        self._result.goes[index] = target
        for name in sorted(others):
            self._result.take(name, {self._known[name][0].index}, target)
        self._result.names.update(dict.fromkeys(bound, target))
        return True

    def _is_helper(self, name: str, index: int, target: str) -> bool:
        """Whether only this statement, and what goes with it, has a use for a name."""
        if name not in self._own or name in self._public or name in self._result.names:
            return False
        users = self._uses.users(name) - {index, self._known[name][0].index}
        return all(self._result.goes.get(user) == target for user in users)


def _about(statement: cst.CSTNode, used: set[str]) -> Iterator[str]:
    """The names that a statement without a name of its own is about: those that it uses at all, or
    for a function those that its decorators are given."""
    match statement:
        case cst.FunctionDef(decorators=decorators):
            for decorator in decorators:
                if isinstance(decorator.decorator, cst.Call):
                    for argument in decorator.decorator.args:
                        yield (dotted_of(argument.value) or "").partition(".")[0]
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.BaseExpression() as value)]):
            if not isinstance(value, cst.BaseString):
                yield from used
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute())])]
        ):
            yield from used
