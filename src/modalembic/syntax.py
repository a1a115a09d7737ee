"""Python source read as data: parsed, never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

_DEPTH = 20


class NotLiteral(ValueError):
    """An expression whose value the source alone does not tell. `line` is 1-based."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__(ast.unparse(node))
        self.line: int = getattr(node, "lineno", 1)


def parse(source: bytes, path: str) -> ast.Module:
    """The syntax tree of `source`. Raises SyntaxError for whatever makes it unreadable.

    Warnings about the code (an invalid escape, say) are its author's, not our user's.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source, path)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or type(error).__name__) from error


def is_empty(body: Iterable[ast.stmt]) -> bool:
    """Whether the statements of a function do nothing."""
    return all(map(_does_nothing, body))


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None | ast.Constant(value=None)):
            return True
    return False


def constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The names that a file binds exactly once, at its top level, to an expression."""
    bound: dict[str, ast.expr] = {}
    seen: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            seen[node.id] = seen.get(node.id, 0) + 1
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bound[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                bound[name] = value
    return {name: value for name, value in bound.items() if seen[name] == 1}


def evaluate(node: ast.expr, names: Mapping[str, ast.expr] | None = None) -> Any:
    """The value of a literal: constants, tuples, lists and sets of them (sets as lists), sums of
    strings or sequences, and names from `names` (see `constants`). Raises NotLiteral."""
    return _evaluate(node, names or {}, 0)


def fields(node: ast.expr) -> dict[str, ast.expr]:
    """The keywords of a call, or the string keys of a dict display, each with its expression."""
    match node:
        case ast.Call(keywords=keywords):
            return {keyword.arg: keyword.value for keyword in keywords if keyword.arg is not None}
        case ast.Dict(keys=keys, values=values):
            return {
                key.value: value
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
    return {}


def unpacked(node: ast.expr) -> ast.expr | None:
    """The first expression that gives a call or a dict display keys which the source does not show:
    `**more`, or a computed key. None where there is none."""
    match node:
        case ast.Call(keywords=keywords):
            return next((keyword.value for keyword in keywords if keyword.arg is None), None)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return next((value for key, value in pairs if not isinstance(key, ast.Constant)), None)
    return None


def _evaluate(node: ast.expr, names: Mapping[str, ast.expr], depth: int) -> Any:
    if depth > _DEPTH:
        raise NotLiteral(node)
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=elements):
            return tuple(_elements(elements, names, depth))
        case ast.List(elts=elements) | ast.Set(elts=elements):
            return _elements(elements, names, depth)
        case ast.Name(id=name) if name in names:
            return _evaluate(names[name], names, depth + 1)
        case ast.Call(
            func=ast.Name(id="frozenset" | "set" | "list" | "tuple"), args=[argument], keywords=[]
        ):
            return _elements([ast.Starred(argument)], names, depth)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _evaluate(left, names, depth + 1), _evaluate(right, names, depth + 1)
            if type(first) is type(second) and isinstance(first, str | tuple | list):
                return first + second
    raise NotLiteral(node)


def _elements(nodes: list[ast.expr], names: Mapping[str, ast.expr], depth: int) -> list[Any]:
    values: list[Any] = []
    for node in nodes:
        if not isinstance(node, ast.Starred):
            values.append(_evaluate(node, names, depth + 1))
            continue
        several = _evaluate(node.value, names, depth + 1)
        if not isinstance(several, list | tuple):
            raise NotLiteral(node.value)
        values.extend(several)
    return values
