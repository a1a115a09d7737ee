"""The tables that a source file defines, read without importing it.

Seen: declarative classes with a `__tablename__` or `__table__`, names that a base class or a mixin
makes of the class's name, SQLModel (`table=True`) and Flask-SQLAlchemy, and `Table("name", …)`
anywhere outside a function; the schema from `__table_args__`, `schema=` or the MetaData. A class
without any of these is no table. What has a table whose name the text does not tell is a definition
without a name, so that whoever asks can say "unknown" instead of "none".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.modules.classes import ClassAttribute, ClassReader, ClassSource
from modalembic.modules.schemas import SchemaReader
from modalembic.modules.sources import SourceFile, Sources
from modalembic.modules.text import UNKNOWN, TextReader, Unknown

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COLUMN = re.compile(r"\b(mapped_column|Column|Mapped)\b")


@dataclass(frozen=True, slots=True)
class Definition:
    """A table's definition: where it is, and the class or variable (None: neither) that holds it.
    `table` is `name` or `schema.name`; None: it cannot be told."""

    module: str
    symbol: str | None
    table: str | None
    path: Path
    line: int


class TableReader:
    """Reads definitions, each file once. Base classes are followed through `sources`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._classes = ClassReader(sources)
        self._text = TextReader(sources)
        self._schemas = SchemaReader(sources, self._classes, self._text)
        self._read: dict[str, tuple[Definition, ...]] = {}

    def definitions(self, module: str) -> tuple[Definition, ...]:
        """The definitions in the file of `module`, in order; none where there is no such file."""
        if module not in self._read:
            file = self._sources.file(module)
            self._read[module] = () if file is None else tuple(self._definitions(file))
        return self._read[module]

    def _definitions(self, file: SourceFile) -> Iterator[Definition]:
        for name, node in file.classes.items():
            table = self._table_of_class(ClassSource(file, node), 0)
            if table is not None:
                yield _definition(file, name, table, node.lineno)
        if b"Table(" in file.text:
            yield from self._tables(file)

    # --- Table(…) ---------------------------------------------------------------------------------

    def _tables(self, file: SourceFile) -> Iterator[Definition]:
        for statement in file.statements:
            symbol = _bound_name(statement)
            for call, in_function in _calls(statement):
                if not self._is_table(file, call.func) or not call.args:
                    continue
                if in_function and self._text.read(file, call.args[0]) is not UNKNOWN:
                    continue  # made when called, if ever; a made-up name is what hides tables
                yield _definition(file, symbol, self._table_of_call(file, call), call.lineno)

    def _table_of_call(self, file: SourceFile, call: ast.Call) -> str | Unknown | None:
        name = self._text.read(file, call.args[0]) if call.args else UNKNOWN
        return _qualified(self._schemas.of_call(file, call), name)

    def _is_table(self, file: SourceFile, function: ast.expr) -> bool:
        match function:
            case ast.Name(id=name):
                found = self._sources.resolve(file, name)
                if found is None:
                    return name == "Table" and bool(file.stars)
                return found.name == "Table" and _is_sqlalchemy(found.module)
            case ast.Attribute(attr="Table", value=value):
                owner = self._sources.resolve_expression(file, value)
                # `sa.Table` of the library, `db.Table` of an object
                return owner is not None and (
                    owner.name is not None or _is_sqlalchemy(owner.module)
                )
        return False

    # --- declarative classes ----------------------------------------------------------------------

    def _table_of_class(self, found: ClassSource, depth: int) -> str | Unknown | None:
        """The table of a class that is mapped to one of its own; None: it is not, or a `Table(…)`
        in its body says all."""
        file, node = found.file, found.node
        if depth > 20 or not self._classes.may_be_mapped(found):
            return None
        own = self._classes.attributes(node)
        if _is_true(own.get("__abstract__")):
            return None
        if "__table__" in own:
            return self._table_of_attribute(file, own["__table__"])
        return _qualified(self._schemas.of_class(found), self._name_of_class(found, depth))

    def _table_of_attribute(self, file: SourceFile, value: ClassAttribute) -> str | Unknown | None:
        """What `__table__ = …` says: a variable's table, or nothing where the call stands there."""
        match value:
            case ast.Call(func=function) if self._is_table(file, function):
                return None
            case ast.Name() | ast.Attribute():
                found = self._sources.resolve_expression(file, value)
                if found is not None and found.file is not None:
                    made = found.file.values.get(found.name or "")
                    if isinstance(made, ast.Call) and self._is_table(found.file, made.func):
                        return self._table_of_call(found.file, made)
        return UNKNOWN

    def _name_of_class(self, found: ClassSource, depth: int) -> str | Unknown | None:
        own = self._classes.attributes(found.node).get("__tablename__")
        if own is not None:
            return self._name(found.file, own, found.node.name)
        if any(k.arg == "table" and _is_true(k.value) for k in found.node.keywords):
            inherited = self._inherited_name(found)
            return found.node.name.lower() if inherited is None else inherited
        parents = [*self._classes.parents(found)]
        if any(self._table_of_class(parent, depth + 1) is not None for parent in parents):
            # Inheritance in the parent's table, unless the class brings a key of its own for the
            # name that a declared_attr makes.
            return self._inherited_name(found) if _has_primary_key(found) else None
        inherited = self._inherited_name(found)
        return self._name_by_library(found) if inherited is None else inherited

    def _name(
        self, file: SourceFile, value: ClassAttribute, class_name: str
    ) -> str | Unknown | None:
        if isinstance(value, ast.Constant) and value.value is None:
            return None
        if isinstance(value, ast.expr):
            return self._text.read(file, value)
        return self._text.returned(file, value, class_name)

    def _inherited_name(self, found: ClassSource) -> str | Unknown | None:
        """The name that the nearest base with a `__tablename__` gives to this class."""
        for parent in self._classes.ancestors(found):
            value = self._classes.attributes(parent.node).get("__tablename__")
            if value is not None:
                return self._name(parent.file, value, found.node.name)
        return None

    def _name_by_library(self, found: ClassSource) -> str | Unknown | None:
        """The name that a base outside the project gives. Flask-SQLAlchemy's is the class's name in
        snake case; what another one makes of a class with a primary key cannot be told, unless the
        class is there for others to derive from."""
        chain = (found, *self._classes.ancestors(found))
        bases = [(link.file, base) for link in chain for base in link.node.bases]
        if any(self._is_flask_model(file, base) for file, base in bases):
            if any(_has_primary_key(link) for link in chain):
                name = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", found.node.name)
                return name.lower().lstrip("_")
            return UNKNOWN if _COLUMN.search(ast.unparse(found.node)) else None
        if any(self._is_sqlmodel(file, base) for file, base in bases):
            return None  # without table=True a schema of data
        return UNKNOWN if _has_primary_key(found) and not self._is_mixin(found) else None

    def _is_mixin(self, found: ClassSource) -> bool:
        """Whether a class of the same file derives from this one and says its own name."""
        return any(
            "__tablename__" in self._classes.attributes(node)
            and any(isinstance(b, ast.Name) and b.id == found.node.name for b in node.bases)
            for node in found.file.classes.values()
        )

    def _is_sqlmodel(self, file: SourceFile, base: ast.expr) -> bool:
        found = self._sources.resolve_expression(file, base)
        return found is not None and found.module.partition(".")[0] == "sqlmodel"

    def _is_flask_model(self, file: SourceFile, base: ast.expr) -> bool:
        match base:
            case ast.Attribute(attr="Model", value=value):
                owner = self._sources.resolve_expression(file, value)
                return owner is not None and owner.name is not None
        return False


def _definition(
    file: SourceFile, symbol: str | None, table: str | Unknown | None, line: int
) -> Definition:
    name = table if isinstance(table, str) else None
    return Definition(file.module, symbol, name, file.path, line)


def _qualified(schema: str | Unknown | None, name: str | Unknown | None) -> str | Unknown | None:
    if name is None or name is UNKNOWN:
        return name
    if schema is UNKNOWN:
        return UNKNOWN
    return f"{name}" if schema is None else f"{schema}.{name}"


def _bound_name(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.ClassDef(name=name):
            return name
    return None


def _calls(node: ast.AST, *, in_function: bool = False) -> Iterator[tuple[ast.Call, bool]]:
    """Every call below `node`, and whether it stands in a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, in_function or isinstance(node, _FUNCTIONS)
        yield from _calls(child, in_function=in_function or isinstance(node, _FUNCTIONS))


def _has_primary_key(found: ClassSource) -> bool:
    return b"primary_key" in found.file.text and any(
        isinstance(child, ast.keyword) and child.arg == "primary_key" and _is_true(child.value)
        for child in ast.walk(found.node)
    )


def _is_true(value: ast.AST | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _is_sqlalchemy(module: str) -> bool:
    return module.partition(".")[0] in ("sqlalchemy", "sqlmodel")
