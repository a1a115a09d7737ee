"""The statement that holds a manifest, without the manifest and without all else that is in it."""

from __future__ import annotations

import ast
from copy import copy

PLACEHOLDER = "__manifest__"


def skeleton(statement: ast.stmt, node: ast.expr) -> ast.stmt:
    """A copy of `statement` with `PLACEHOLDER` for `node`, and, of the body of a class, only the
    way to it."""
    replaced = _copied(statement, node)
    assert isinstance(replaced, ast.stmt)
    return replaced


def _copied(found: ast.AST, node: ast.expr) -> ast.AST:
    if found is node:
        return ast.Name(PLACEHOLDER, ast.Load())
    made = copy(found)
    for name, value in ast.iter_fields(found):
        if isinstance(value, ast.AST):
            setattr(made, name, _copied(value, node))
        elif isinstance(value, list):
            kept = [each for each in value if not _is_beside(found, name, each, node)]
            setattr(
                made,
                name,
                [_copied(each, node) if isinstance(each, ast.AST) else each for each in kept],
            )
    return made


def _is_beside(owner: ast.AST, name: str, each: object, node: ast.expr) -> bool:
    """Whether `each` stands in a class's body and does not lead to `node`."""
    if not isinstance(owner, ast.ClassDef) or name != "body" or not isinstance(each, ast.AST):
        return False
    return not any(child is node for child in ast.walk(each))
