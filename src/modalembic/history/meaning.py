"""What a revision file does, without how it is written."""

from __future__ import annotations

import ast
from collections.abc import Set as AbstractSet

from modalembic.syntax import parse

# What names a revision and orders it; what it does is below.
HEADER = frozenset({"revision", "down_revision", "depends_on", "branch_labels"})
_Documented = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def meaning(source: bytes, *, without: AbstractSet[str] = HEADER) -> str | None:
    """A text that is the same for files that do the same: without comments, layout, docstrings and
    what the names `without` are set to at the top level. None for what does not parse, and for a
    number too long to be written in decimal digits.

    The text is the same under every version of Python, since databases keep its hash; `ast.dump`,
    which has changed with some of them, is not.
    """
    try:
        tree = parse(source, "revision")
        tree.body = [node for node in tree.body if _assigned_name(node) not in without]
        parts: list[str] = []
        _write(tree, parts)
    except (SyntaxError, RecursionError, ValueError):
        return None
    return "\n".join(parts)


def _assigned_name(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None


def _write(node: ast.AST, parts: list[str]) -> None:
    # Called for each node of each revision that runs: it is kept flat for the sake of speed.
    parts.append(node.__class__.__name__)
    values = node.__dict__
    for field in node._fields:
        value = values.get(field)
        # What is empty is left out: versions of Python differ in which empty fields there are. A
        # name's context follows from where it stands.
        if value is None or value == [] or field == "ctx":
            continue
        parts.append(field)
        if value.__class__ is not list:
            value = (value,)
        elif field == "body" and isinstance(node, _Documented):
            value = _undocumented(value)
        for item in value:
            if isinstance(item, ast.AST):
                _write(item, parts)
            else:
                parts.append(repr(item))
    parts.append(")")


def _undocumented(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body but for what does nothing: its docstring, and `pass`."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            body = rest
    return [statement for statement in body if not isinstance(statement, ast.Pass)]
