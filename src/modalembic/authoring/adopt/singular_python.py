"""Calls in Python that mean one head."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modalembic.authoring.adopt.singular_commands import Insertion
from modalembic.syntax import parse

_TAKE_TARGETS = frozenset(
    {"upgrade", "stamp", "show", "history", "walk_revisions", "iterate_revisions", "get_revision"}
    | {"get_revisions", "_upgrade_revs", "_stamp_revs", "as_revision_number"}
)
_COMMANDS = frozenset({"upgrade", "stamp"})


def in_python(text: str) -> Iterator[Insertion]:
    """What would make several heads of one in the calls of a Python file that uses Alembic."""
    if not any(word in text for word in ("alembic", "migrate")):
        return
    try:
        tree = parse(text.encode(), "")
    except SyntaxError:
        return
    at = _Positions(text)
    ours = _from_flask_migrate(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from _in_call(node, at, ours)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                yield from _in_list(elements, at)


def _in_call(node: ast.Call, at: _Positions, ours: frozenset[str]) -> Iterator[Insertion]:
    name = _name_of(node.func)
    if name in _TAKE_TARGETS:
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            if _is_head(value):
                yield at.end(value) - 1, "s"
    spelled = ast.unparse(node.func)
    if spelled in ours and len(node.args) < 2 and not _names_revision(node):
        separator = ", " if node.args or node.keywords else ""
        yield at.end(node) - 1, f'{separator}revision="heads"'


def _in_list(elements: list[ast.expr], at: _Positions) -> Iterator[Insertion]:
    """`["alembic", "upgrade", "head"]`, or the arguments alone."""
    commanded = False
    for element in elements:
        if commanded and _is_head(element):
            yield at.end(element) - 1, "s"
        value = element.value if isinstance(element, ast.Constant) else None
        commanded = commanded or (isinstance(value, str) and value in _COMMANDS)


def _from_flask_migrate(tree: ast.Module) -> frozenset[str]:
    """How the file calls Flask-Migrate's functions whose default is one head."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="flask_migrate", names=names):
                found |= {a.asname or a.name for a in names if a.name in _COMMANDS}
            case ast.Import(names=names):
                for alias in names:
                    if alias.name == "flask_migrate":
                        found |= {f"{alias.asname or alias.name}.{name}" for name in _COMMANDS}
    return frozenset(found)


def _names_revision(node: ast.Call) -> bool:
    return any(keyword.arg in {None, "revision"} for keyword in node.keywords) or any(
        isinstance(argument, ast.Starred) for argument in node.args
    )


def _is_head(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    return node.value == "head" or node.value.endswith(":head")


def _name_of(node: ast.expr) -> str | None:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return None


class _Positions:
    """Where nodes end in a text, in characters."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._begins = [0]
        for line in self._lines:
            self._begins.append(self._begins[-1] + len(line) + 1)

    def end(self, node: ast.expr) -> int:
        """The place behind a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        line = self._lines[node.end_lineno - 1].encode()[: node.end_col_offset]
        return self._begins[node.end_lineno - 1] + len(line.decode())
