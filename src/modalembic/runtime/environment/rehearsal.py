"""How often an `env.py` may run migrations, read from its source.

More than once has to be refused before the first time has changed anything, so an `env.py` for
which that cannot be ruled out is entered twice: the first time nothing is done.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable
from pathlib import Path

_RUN = "run_migrations"
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def may_repeat(path: Path) -> bool:
    """Whether the file may call `run_migrations` more than once: it says so, has it in a loop, or
    leaves it to code that is not in it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return False
    return _Counter(tree).most(tree.body) != 1


class _Counter:
    """Counts the calls on the way through the file that has most of them."""

    def __init__(self, tree: ast.Module) -> None:
        self._functions = {
            node.name: node for node in ast.walk(tree) if isinstance(node, _DEFINITIONS)
        }
        self._ours = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "modalembic"
            for alias in node.names
        }
        self._at_work: list[str] = []

    def most(self, statements: Iterable[ast.stmt]) -> float:
        return sum(self._statement(statement) for statement in statements)

    def _statement(self, node: ast.stmt) -> float:
        if isinstance(node, _DEFINITIONS):
            return 0
        if isinstance(node, ast.If):
            return self._expression(node.test) + max(self.most(node.body), self.most(node.orelse))
        inside = sum(
            self._statement(child) if isinstance(child, ast.stmt) else self._part(child)
            for child in ast.iter_child_nodes(node)
        )
        return math.inf if inside and isinstance(node, _LOOPS) else inside

    def _part(self, node: ast.AST) -> float:
        if isinstance(node, ast.ExceptHandler | ast.match_case):
            return self.most(node.body)
        return self._expression(node)

    def _expression(self, node: ast.AST) -> float:
        inside = sum(self._expression(child) for child in ast.iter_child_nodes(node))
        if inside and isinstance(node, _COMPREHENSIONS):
            return math.inf
        return inside + self._named(node)

    def _named(self, node: ast.AST) -> float:
        """What a name stands for: Alembic's function, one of this file, or modalembic's `env`."""
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else None
            ours = owner in self._ours and node.attr in ("run", "run_async")
            return 1 if ours or node.attr == _RUN else self._function(node.attr)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            known = node.id in self._functions
            return self._function(node.id) if known else float(node.id == _RUN)
        return 0

    def _function(self, name: str) -> float:
        if name not in self._functions:
            return 0
        if name in self._at_work:
            return math.inf
        self._at_work.append(name)
        count = self.most(self._functions[name].body)
        self._at_work.pop()
        return count
