"""Where in a model's source a column, an index or a constraint of its table stands. Source is read
and never run; what it does not show stays where the model begins."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.syntax import fields, parse

_COLUMN_MAKERS = frozenset({"Column", "mapped_column", "Field", "deferred", "column_property"})
_NO_COLUMNS = frozenset({"association_proxy", "relationship", "synonym", "hybrid_property"})
# What makes an index or a constraint of several columns, by the kind of the catalog.
_MAKERS = {
    "check": frozenset({"CheckConstraint"}),
    "exclusion": frozenset({"ExcludeConstraint"}),
    "foreign key": frozenset({"ForeignKeyConstraint"}),
    "index": frozenset({"Index"}),
    "primary key": frozenset({"PrimaryKeyConstraint"}),
    "unique": frozenset({"UniqueConstraint"}),
}


@dataclass(frozen=True)
class Model:
    """A model: its file, the class or variable that it is called there, and a line of it."""

    path: Path
    symbol: str | None = None
    line: int | None = None


class ModelLines:
    """Reads files of models, each once."""

    def __init__(self) -> None:
        self._trees: dict[Path, ast.Module | None] = {}

    def column(self, model: Model, name: str) -> int | None:
        """The line of a column; None where the model's own source does not show it."""
        found = _column(self._read(model), name)
        return found.lineno if found is not None else None

    def part(self, model: Model, kind: str, name: str, columns: Sequence[str]) -> int | None:
        """The line of an index or constraint: where something is called `name`, else where one of
        its `kind` (the catalog's word) is made of just its `columns`, else that of its column."""
        found = self._read(model)
        if found is None:
            return None
        calls = [each for each in ast.walk(found) if isinstance(each, ast.Call)]
        of_kind = [call for call in calls if _called(call) in _MAKERS.get(kind, ())]
        telling = (
            next((c for c in calls if _given_name(c) == name), None)
            or next((c for c in of_kind if _is_of(c, columns)), None)
            or next((c for c in of_kind if kind == "check" and _by_convention(c, name)), None)
        )
        if telling is not None:
            return telling.lineno
        column = _column(found, columns[0]) if len(columns) == 1 else None
        if column is None or (kind == "index" and not _says_index(column)):
            return None
        return column.lineno

    def _read(self, model: Model) -> ast.AST | None:
        if model.path not in self._trees:
            self._trees[model.path] = _tree(model.path)
        tree = self._trees[model.path]
        return _model(tree, model.symbol, model.line) if tree is not None else None


def _says_index(column: ast.AST) -> bool:
    """Whether a column has an index by its own words."""
    return any(isinstance(each, ast.keyword) and each.arg == "index" for each in ast.walk(column))


def _is_of(call: ast.Call, columns: Sequence[str]) -> bool:
    return bool(columns) and _strings(call) == list(columns)


def _by_convention(call: ast.Call, name: str) -> bool:
    """A name that a convention makes ends in the one that is given."""
    given = _given_name(call)
    return given is not None and name.endswith(f"_{given}")


def _column(model: ast.AST | None, name: str) -> ast.stmt | ast.expr | None:
    """What defines a column: an attribute of the class, or the column in a call of `Table`."""
    if model is None:
        return None
    called = [
        each
        for each in ast.walk(model)
        if isinstance(each, ast.Call)
        and _called(each) in _COLUMN_MAKERS
        and each.args
        and _literal(each.args[0]) == name
    ]
    attributes = list(_attributes(model))
    for attribute, statement in attributes:
        if any(each in called for each in ast.walk(statement)):
            return statement
        if attribute == name and not _is_other(statement):
            return statement
    return called[0] if called else None


def _attributes(model: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    for statement in getattr(model, "body", ()):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, statement
            case ast.FunctionDef(name=name):  # declared_attr
                yield name, statement


def _is_other(statement: ast.stmt) -> bool:
    """Whether an attribute is a column of another name, or no column."""
    value = getattr(statement, "value", None)
    if not isinstance(value, ast.Call):
        return False
    if _called(value) not in _COLUMN_MAKERS:
        return _called(value) in _NO_COLUMNS
    return bool(value.args) and _literal(value.args[0]) is not None


def _model(tree: ast.Module, symbol: str | None, line: int | None) -> ast.AST | None:
    """The class or the statement that defines a table."""
    wanted = (symbol or "").rpartition(".")[2]
    found = [
        each
        for each in ast.walk(tree)
        if (isinstance(each, ast.ClassDef) and each.name == wanted)
        or (isinstance(each, ast.Assign | ast.AnnAssign) and _assigns(each, wanted))
    ]
    here = [each for each in found if line is not None and _spans(each, line)]
    return next(iter(here or found), None)


def _assigns(statement: ast.Assign | ast.AnnAssign, name: str) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(isinstance(each, ast.Name) and each.id == name for each in targets)


def _spans(node: ast.stmt, line: int) -> bool:
    decorators = [each.lineno for each in getattr(node, "decorator_list", ())]
    first: int = min([node.lineno, *decorators])
    return first <= line <= (node.end_lineno or node.lineno)


def _given_name(call: ast.Call) -> str | None:
    named = fields(call).get("name")
    if named is not None:
        return _text(named)
    return _text(call.args[0]) if _called(call) == "Index" and call.args else None


def _strings(call: ast.Call) -> list[str]:
    """The names of columns among the arguments of a call, those in a list too."""
    given = call.args[1:] if _called(call) == "Index" else call.args  # its first is its name
    first = given[0] if given else None
    arguments = first.elts if isinstance(first, ast.List | ast.Tuple) else given
    names = [_text(each) or _name(each) for each in arguments]
    return [each for each in names if each is not None]


def _called(call: ast.Call) -> str | None:
    return _name(call.func)


def _name(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _text(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.Call(args=[value, *_]):  # text("…"), conv("…"), quoted_name("…", True)
            return _text(value)
    return None


def _tree(path: Path) -> ast.Module | None:
    try:
        return parse(path.read_bytes(), str(path))
    except (OSError, SyntaxError):
        return None
