"""Dotted names in strings: of `mock.patch`, of `relationship`, of settings.

Only whole strings are taken for names, and expressions where SQLAlchemy evaluates them. What Celery
knows a task by stays as it is: messages in the queue have it too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import libcst as cst

from modalembic.authoring.move.parsed import dotted_of
from modalembic.authoring.move.relocations import Relocations
from modalembic.authoring.move.replace import Replacements

MAPPING = frozenset({"relationship", "backref", "dynamic_loader", "relation"})
TASK_DECORATORS = frozenset({"task", "shared_task", "periodic_task"})
_LOOKING_UP = frozenset(
    {"patch", "setattr", "delattr", "import_module", "import_string", "import_object", "dict"}
)


def relocated_text(text: str, relocations: Relocations) -> str | None:
    """A string that is a dotted name (`a.b.C`, `a.b:C`, `a.b:C.method`) as it is after the move;
    None where it is none, or does not move."""
    if not _is_dotted(text):
        return None
    found = relocations.find(text.replace(":", "."))
    if found is None:
        return None
    if ":" not in text:
        return found.dotted
    attributes = ".".join(filter(None, (found.place.name, *found.rest)))
    return f"{found.place.module}:{attributes}" if attributes else None


def relocated_expression(text: str, relocated: Callable[[str], str | None]) -> str | None:
    """A string that is an expression (`and_(a.b.User.id == …)`) with each dotted name in it asked
    for; None where nothing changes."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return None
    encoded = text.encode()
    if b"\n" in encoded:
        return None
    edits = sorted(_edits(tree.body, relocated), reverse=True)
    for begin, end, replacement in edits:
        encoded = encoded[:begin] + replacement.encode() + encoded[end:]
    return encoded.decode() if edits else None


class StringRewriter(cst.CSTVisitor):
    """Collects what becomes of the strings of a file. `keep` are the names of tasks."""

    def __init__(
        self, relocations: Relocations, keep: frozenset[str], wanted: Replacements
    ) -> None:
        super().__init__()
        self._relocations = relocations
        self._keep = keep
        self._wanted = wanted
        self._calls: list[str] = []

    def visit_Arg(self, node: cst.Arg) -> bool:
        # The name of a task is said in its decorator.
        named = node.keyword is not None and node.keyword.value == "name"
        return not (named and self._calls and self._calls[-1] in TASK_DECORATORS)

    def visit_Call(self, node: cst.Call) -> None:
        self._calls.append((dotted_of(node.func) or "").rpartition(".")[2])

    def leave_Call(self, original_node: cst.Call) -> None:
        del original_node
        self._calls.pop()

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        del node
        return False

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> bool:
        # A docstring tells; it names nothing.
        return not (
            len(node.body) == 1
            and isinstance(node.body[0], cst.Expr)
            and isinstance(node.body[0].value, cst.SimpleString)
        )

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        value = node.evaluated_value
        if not isinstance(value, str) or "." not in value:
            return
        called = self._calls[-1] if self._calls else ""
        changed = self._changed(value, called)
        if changed is not None and changed != value:
            self._wanted.expressions[node] = quoted(node, changed)

    def _changed(self, value: str, called: str) -> str | None:
        if any(name in MAPPING for name in self._calls):
            return relocated_expression(value, self._mapped)
        if value in self._keep and called not in _LOOKING_UP:
            return None
        return relocated_text(value, self._relocations)

    def _mapped(self, dotted: str) -> str | None:
        """SQLAlchemy's registry takes any end of a module's name before the class."""
        found = self._relocations.find(dotted)
        if found is not None:
            return found.dotted
        owner, _, name = dotted.rpartition(".")
        for old, place in sorted(self._relocations.targets.items()):
            whole, part, new = (
                (old, owner, place.module) if place.name is None else (old, dotted, place.dotted)
            )
            if owner and whole.endswith(f".{part}") and not new.endswith(f".{part}"):
                return f"{new}.{name}" if place.name is None else new
        return None


def quoted(node: cst.SimpleString, value: str) -> cst.SimpleString:
    """A string with another value, in the quotes that it has."""
    return node.with_changes(value=f"{node.prefix}{node.quote}{value}{node.quote}")


def _is_dotted(text: str) -> bool:
    module, colon, attributes = text.partition(":")
    parts = (*module.split("."), *(attributes.split(".") if colon else ()))
    return len(parts) > 1 and all(map(str.isidentifier, parts))


def _edits(node: ast.AST, relocated: Callable[[str], str | None]) -> Iterator[tuple[int, int, str]]:
    dotted = _chain(node)
    if dotted is not None:
        for count in range(dotted.count(".") + 1, 0, -1):
            changed = relocated(".".join(dotted.split(".")[:count]))
            if changed is not None:
                begin, end = _span(node, dotted.count(".") + 1 - count)
                yield begin, end, changed
                return
        return
    for child in ast.iter_child_nodes(node):
        yield from _edits(child, relocated)


def _chain(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=attribute):
            above = _chain(owner)
            return None if above is None else f"{above}.{attribute}"
    return None


def _span(node: ast.AST, without: int) -> tuple[int, int]:
    """The columns of a chain but for its last parts."""
    for _ in range(without):
        assert isinstance(node, ast.Attribute)
        node = node.value
    assert isinstance(node, ast.expr)
    assert node.end_col_offset is not None
    return node.col_offset, node.end_col_offset
