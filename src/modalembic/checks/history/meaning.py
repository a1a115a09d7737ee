"""What a revision file does, without how it is written."""

from __future__ import annotations

import ast

from modalembic.syntax import parse

# What orders and names a revision; what it does is below.
_HEADER = frozenset({"branch_labels", "depends_on"})
_Documented = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def meaning(source: bytes) -> str | None:
    """A text that is the same for files that do the same: without comments, layout, docstrings,
    branch labels and dependencies. None for what does not parse."""
    try:
        tree = parse(source, "revision")
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, _Documented) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    tree.body = [statement for statement in tree.body if not _is_header(statement)]
    return ast.dump(tree)


def _is_header(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in _HEADER
    return False
