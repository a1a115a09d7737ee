"""Modules that do nothing when they are run, but for what they import.

Whether such a module is run early or late makes no difference to others.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path


def inert_modules(names: Iterable[str | None], search: Iterable[Path]) -> frozenset[str]:
    """Those of the modules `names` and of the packages above them that hold nothing but imports,
    literals and plain functions. They are looked for in the directories `search`."""
    places = tuple(search)
    candidates = {above for name in names if name is not None for above in _with_packages(name)}
    return frozenset(name for name in candidates if _is_inert(_file_of(name, places)))


def _with_packages(name: str) -> Iterable[str]:
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _file_of(name: str, search: Sequence[Path]) -> Path | None:
    below = Path(*name.split("."))
    for root in search:
        for path in (root / below / "__init__.py", (root / below).with_suffix(".py")):
            if path.is_file():
                return path
    return None


def _is_inert(file: Path | None) -> bool:
    if file is None:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return False
    return all(map(_does_nothing, tree.body))


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=value) | ast.AnnAssign(value=value, target=ast.Name()):
            return value is None or _is_literal(value)
        case ast.Assign(targets=targets, value=value):
            return all(isinstance(each, ast.Name) for each in targets) and _is_literal(value)
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[]):
            return True
        case ast.FunctionDef(decorator_list=[]) | ast.AsyncFunctionDef(decorator_list=[]):
            return _is_plain(statement)
    return False


def _is_plain(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether nothing is called when a function is defined: for its defaults and annotations."""
    evaluated: list[ast.AST] = [function.args]
    if function.returns is not None:
        evaluated.append(function.returns)
    return not any(isinstance(each, ast.Call) for part in evaluated for each in ast.walk(part))


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True
