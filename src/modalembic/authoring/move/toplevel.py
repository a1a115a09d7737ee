"""What the top level of a file binds, and in which statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import libcst as cst
from libcst import matchers

from modalembic.authoring.move.parsed import dotted_of

Kind = Literal["definition", "import", "conditional", "other"]
_TYPE_CHECKING = ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING")


@dataclass(frozen=True)
class Binding:
    """A name bound by the statement `index` of a file. `kind` is `definition` for a class, a
    function or an assignment that binds this name alone."""

    name: str
    index: int
    kind: Kind
    node: cst.CSTNode
    is_overload: bool = False


def bindings(module: cst.Module) -> tuple[Binding, ...]:
    """Every name that the top level binds, each time that it does."""
    return tuple(
        binding
        for index, statement in enumerate(module.body)
        for binding in _of_statement(statement, index)
    )


def is_type_checking(statement: cst.CSTNode) -> bool:
    """Whether this is `if TYPE_CHECKING:`."""
    return isinstance(statement, cst.If) and dotted_of(statement.test) in _TYPE_CHECKING


def small_statements(statement: cst.CSTNode) -> Sequence[cst.BaseSmallStatement]:
    """What a line holds; nothing for a compound statement."""
    return statement.body if isinstance(statement, cst.SimpleStatementLine) else ()


def import_names(node: cst.Import | cst.ImportFrom) -> Iterator[str]:
    """The names that an import binds."""
    if isinstance(node.names, cst.ImportStar):
        return
    for alias in node.names:
        asname = alias.evaluated_alias
        if asname is not None:
            yield asname
        elif isinstance(node, cst.Import):
            yield alias.evaluated_name.partition(".")[0]
        else:
            yield alias.evaluated_name


def _of_statement(statement: cst.CSTNode, index: int) -> Iterator[Binding]:
    match statement:
        case cst.ClassDef():
            yield Binding(statement.name.value, index, "definition", statement)
        case cst.FunctionDef():
            overload = any(_is_overload(decorator) for decorator in statement.decorators)
            yield Binding(
                statement.name.value, index, "definition", statement, is_overload=overload
            )
        case cst.SimpleStatementLine():
            alone = len(statement.body) == 1
            for small in statement.body:
                yield from _of_small(small, statement, index, alone)
        case cst.If() if is_type_checking(statement):
            yield from _below(statement, index, imports="import")
        case _:
            yield from _below(statement, index, imports="conditional")


def _of_small(
    small: cst.BaseSmallStatement, line: cst.SimpleStatementLine, index: int, alone: bool
) -> Iterator[Binding]:
    kind: Kind = "definition" if alone else "other"
    match small:
        case cst.Import() | cst.ImportFrom():
            for name in import_names(small):
                yield Binding(name, index, "import", small)
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=str() as name))]):
            yield Binding(name, index, kind, line)
        case cst.AnnAssign(target=cst.Name(value=str() as name), value=cst.BaseExpression()):
            yield Binding(name, index, kind, line)
        case cst.TypeAlias(name=cst.Name(value=str() as name)):
            yield Binding(name, index, kind, line)
        case cst.Assign() | cst.AugAssign():
            targets = (
                [each.target for each in small.targets]
                if isinstance(small, cst.Assign)
                else [small.target]
            )
            for target in targets:
                for name in _stored(target):
                    yield Binding(name, index, "other", line)


def _stored(target: cst.CSTNode) -> Iterator[str]:
    match target:
        case cst.Name(value=str() as name):
            yield name
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from _stored(element.value)


def _below(statement: cst.CSTNode, index: int, imports: Kind) -> Iterator[Binding]:
    """What a compound statement binds in this scope, whatever the condition."""
    found = matchers.findall(
        statement,
        matchers.ClassDef()
        | matchers.FunctionDef()
        | matchers.Import()
        | matchers.ImportFrom()
        | matchers.AssignTarget()
        | matchers.AnnAssign()
        | matchers.NamedExpr(),
    )
    inner = _Inner()
    statement.visit(inner)
    for node in found:
        if node in inner.nodes:
            continue
        kind: Kind = imports if isinstance(node, cst.Import | cst.ImportFrom) else "conditional"
        for name in _names_of(node):
            yield Binding(name, index, kind, node)


class _Inner(cst.CSTVisitor):
    """The nodes inside of functions and classes, which bind names elsewhere."""

    def __init__(self) -> None:
        self.nodes: set[cst.CSTNode] = set()
        self._depth = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._depth:
            self.nodes.add(node)
        if isinstance(node, cst.ClassDef | cst.FunctionDef | cst.Lambda):
            self._depth += 1
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.ClassDef | cst.FunctionDef | cst.Lambda):
            self._depth -= 1


def _names_of(node: cst.CSTNode) -> Iterator[str]:
    match node:
        case cst.ClassDef() | cst.FunctionDef():
            yield node.name.value
        case cst.Import() | cst.ImportFrom():
            yield from import_names(node)
        case cst.AssignTarget() | cst.AnnAssign() | cst.NamedExpr():
            yield from _stored(node.target)


def _is_overload(decorator: cst.Decorator) -> bool:
    return (dotted_of(decorator.decorator) or "").rpartition(".")[2] == "overload"


def says_nothing(statement: cst.CSTNode) -> bool:
    """Whether a statement is a docstring, an empty `__all__`, or an import that has no effect."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.BaseString())]):
            return True
        case cst.SimpleStatementLine(body=[cst.ImportFrom(module=cst.Name(value=name))]):
            return name in {"__future__", "typing"}
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="__all__"))]) as small]
        ):
            return isinstance(small.value, cst.List | cst.Tuple) and not small.value.elements
    return False
