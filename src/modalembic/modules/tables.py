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

from modalembic.modules.sources import SourceFile, Sources
from modalembic.modules.text import UNKNOWN, TextReader, Unknown

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Attribute = ast.expr | ast.FunctionDef | ast.AsyncFunctionDef
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


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of the project, with the file in which it stands."""

    file: SourceFile
    node: ast.ClassDef


class TableReader:
    """Reads definitions, each file once. Base classes are followed through `sources`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._text = TextReader(sources)
        self._read: dict[str, tuple[Definition, ...]] = {}
        self._bodies: dict[ast.ClassDef, dict[str, _Attribute]] = {}

    def definitions(self, module: str) -> tuple[Definition, ...]:
        """The definitions in the file of `module`, in order; none where there is no such file."""
        if module not in self._read:
            file = self._sources.file(module)
            self._read[module] = () if file is None else tuple(self._definitions(file))
        return self._read[module]

    def _definitions(self, file: SourceFile) -> Iterator[Definition]:
        for name, node in file.classes.items():
            table = self._table_of_class(_Class(file, node), 0)
            if table is not None:
                yield _definition(file, name, table, node.lineno)
        if b"Table(" in file.text:
            yield from self._tables(file)

    def _attributes(self, node: ast.ClassDef) -> dict[str, _Attribute]:
        if node not in self._bodies:
            self._bodies[node] = _body_of(node)
        return self._bodies[node]

    # --- Table(…) ---------------------------------------------------------------------------------

    def _tables(self, file: SourceFile) -> Iterator[Definition]:
        for statement in file.statements:
            symbol = None
            match statement:
                case ast.Assign(targets=[ast.Name(id=symbol)]):
                    pass
                case ast.AnnAssign(target=ast.Name(id=symbol)) | ast.ClassDef(name=symbol):
                    pass
            for call, in_function in _calls(statement):
                if not self._is_table(file, call.func) or not call.args:
                    continue
                name = self._text.read(file, call.args[0])
                if in_function and isinstance(name, str):
                    continue  # made when called, if ever; a made-up name is what hides tables
                table = _qualified(self._schema_of_call(file, call), name)
                yield _definition(file, symbol, table, call.lineno)

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

    def _schema_of_call(self, file: SourceFile, call: ast.Call) -> str | Unknown | None:
        for keyword in call.keywords:
            if keyword.arg == "schema":
                return self._schema(file, keyword.value)
        if len(call.args) > 1:
            return self._schema_of_metadata(file, call.args[1])
        return None

    # --- declarative classes ----------------------------------------------------------------------

    def _table_of_class(self, found: _Class, depth: int) -> str | Unknown | None:
        """The table of a class that is mapped to one of its own; None: it is not, or a `Table(…)`
        in its body says all."""
        file, node = found.file, found.node
        if not (node.bases or node.decorator_list) or depth > 20:  # noqa: PLR2004
            return None
        own = self._attributes(node)
        if _is_true(own.get("__abstract__")):
            return None
        if "__table__" in own:
            return self._table_of_attribute(file, own["__table__"])
        return _qualified(self._schema_of_class(found, 0), self._name_of_class(found, depth))

    def _table_of_attribute(self, file: SourceFile, value: _Attribute) -> str | Unknown | None:
        """What `__table__ = …` says: a variable's table, or nothing where the call stands there."""
        match value:
            case ast.Call(func=function) if self._is_table(file, function):
                return None
            case ast.Name() | ast.Attribute():
                found = self._sources.resolve_expression(file, value)
                for definition in self.definitions(found.module) if found and found.file else ():
                    if definition.symbol == found.name:
                        return definition.table or UNKNOWN
        return UNKNOWN

    def _name_of_class(self, found: _Class, depth: int) -> str | Unknown | None:
        own = self._attributes(found.node).get("__tablename__")
        if own is not None:
            return self._name(found.file, own, found.node.name)
        if any(k.arg == "table" and _is_true(k.value) for k in found.node.keywords):
            inherited = self._inherited_name(found)
            return found.node.name.lower() if inherited is None else inherited
        parents = [*self._parents(found)]
        if any(self._table_of_class(parent, depth + 1) is not None for parent in parents):
            # Inheritance in the parent's table, unless the class brings a key of its own for the
            # name that a declared_attr makes.
            return self._inherited_name(found) if _has_primary_key(found.node) else None
        inherited = self._inherited_name(found)
        return self._flask_name(found) if inherited is None else inherited

    def _name(self, file: SourceFile, value: _Attribute, class_name: str) -> str | Unknown | None:
        if isinstance(value, ast.Constant) and value.value is None:
            return None
        if isinstance(value, ast.expr):
            return self._text.read(file, value)
        return self._text.returned(file, value, class_name)

    def _inherited_name(self, found: _Class) -> str | Unknown | None:
        """The name that the nearest base with a `__tablename__` gives to this class."""
        for parent in self._ancestors(found):
            value = self._attributes(parent.node).get("__tablename__")
            if value is not None:
                return self._name(parent.file, value, found.node.name)
        return None

    def _flask_name(self, found: _Class) -> str | Unknown | None:
        """Flask-SQLAlchemy's: the class's name in snake case, where the class has a primary key."""
        chain = (found, *self._ancestors(found))
        bases = [(link.file, base) for link in chain for base in link.node.bases]
        if not any(self._is_flask_model(file, base) for file, base in bases):
            return None
        if any(_has_primary_key(link.node) for link in chain):
            name = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", found.node.name)
            return name.lower().lstrip("_")
        return UNKNOWN if _COLUMN.search(ast.unparse(found.node)) else None

    def _is_flask_model(self, file: SourceFile, base: ast.expr) -> bool:
        match base:
            case ast.Attribute(attr="Model", value=value):
                owner = self._sources.resolve_expression(file, value)
                return owner is not None and owner.name is not None
        return False

    # --- schemas ----------------------------------------------------------------------------------

    def _schema_of_class(self, found: _Class, depth: int) -> str | Unknown | None:
        chain = (found, *self._ancestors(found))
        for link in chain:
            arguments = self._attributes(link.node).get("__table_args__")
            if arguments is not None:
                schema = self._schema_of_arguments(link.file, arguments)
                if schema is not None:
                    return schema
                break
        for link in chain:
            metadata = self._attributes(link.node).get("metadata")
            if isinstance(metadata, ast.expr):
                return self._schema_of_metadata(link.file, metadata, depth + 1)
            for base in link.node.bases:
                schema = self._schema_of_base(link.file, base)
                if schema is not None:
                    return schema
        return None

    def _schema_of_base(self, file: SourceFile, base: ast.expr) -> str | Unknown | None:
        """`Base = declarative_base(metadata=…)`."""
        found = self._sources.resolve_expression(file, base)
        if found is None or found.file is None or found.name is None:
            return None
        match found.file.values.get(found.name):
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "metadata":
                        return self._schema_of_metadata(found.file, keyword.value)
        return None

    def _schema_of_arguments(self, file: SourceFile, arguments: _Attribute) -> str | Unknown | None:
        if isinstance(arguments, ast.Name):
            found = self._sources.resolve(file, arguments.id)
            if found is not None and found.file is not None and found.name in found.file.values:
                file, arguments = found.file, found.file.values[found.name]
        if b"schema" not in file.text:
            return None
        schemas = [
            value
            for node in ast.walk(arguments)
            if isinstance(node, ast.Dict)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and key.value == "schema"
        ]
        if not schemas:
            return UNKNOWN if "'schema'" in ast.unparse(arguments) else None
        return self._schema(file, schemas[0]) if len(schemas) == 1 else UNKNOWN

    def _schema_of_metadata(
        self, file: SourceFile, node: ast.expr, depth: int = 0
    ) -> str | Unknown | None:
        """The schema of `MetaData(schema=…)`, where `node` leads there."""
        if depth > 20:  # noqa: PLR2004
            return None
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), keywords=keywords):
                for keyword in keywords if name == "MetaData" else ():
                    if keyword.arg == "schema":
                        return self._schema(file, keyword.value)
                return None
            case ast.Attribute(attr="metadata", value=owner):
                found = self._sources.resolve_expression(file, owner)
                if found is not None and found.file is not None and found.name is not None:
                    base = found.file.classes.get(found.name)
                    if base is not None:
                        return self._schema_of_class(_Class(found.file, base), depth + 1)
        found = self._sources.resolve_expression(file, node)
        if found is None or found.file is None or found.name not in found.file.values:
            return None
        value = found.file.values[found.name]
        return None if value is node else self._schema_of_metadata(found.file, value, depth + 1)

    def _schema(self, file: SourceFile, node: ast.expr) -> str | Unknown | None:
        match node:
            case ast.Constant(value=None) | ast.Name(id="BLANK_SCHEMA"):
                return None
            case ast.Attribute(attr="BLANK_SCHEMA"):
                return None
        return self._text.read(file, node)

    # --- bases ------------------------------------------------------------------------------------

    def _parents(self, found: _Class) -> Iterator[_Class]:
        """The direct bases that the project itself defines."""
        for base in found.node.bases:
            expression = base.value if isinstance(base, ast.Subscript) else base
            target = self._sources.resolve_expression(found.file, expression)
            if target is None or target.file is None or target.name is None:
                continue
            node = target.file.classes.get(target.name)
            if node is not None and node is not found.node:
                yield _Class(target.file, node)

    def _ancestors(self, found: _Class) -> Iterator[_Class]:
        """All bases that the project defines, nearest first, each once."""
        seen = {id(found.node)}
        waiting = [*self._parents(found)]
        while waiting:
            parent = waiting.pop(0)
            if id(parent.node) not in seen:
                seen.add(id(parent.node))
                yield parent
                waiting[:0] = self._parents(parent)


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


def _body_of(node: ast.ClassDef) -> dict[str, _Attribute]:
    """What a class's body binds."""
    bound: dict[str, _Attribute] = {}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bound[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                bound[name] = value
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound[name] = statement
    return bound


def _calls(node: ast.AST, *, in_function: bool = False) -> Iterator[tuple[ast.Call, bool]]:
    """Every call below `node`, and whether it stands in a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, in_function or isinstance(node, _FUNCTIONS)
        yield from _calls(child, in_function=in_function or isinstance(node, _FUNCTIONS))


def _has_primary_key(node: ast.ClassDef) -> bool:
    return any(
        isinstance(child, ast.keyword) and child.arg == "primary_key" and _is_true(child.value)
        for child in ast.walk(node)
    )


def _is_true(value: ast.AST | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _is_sqlalchemy(module: str) -> bool:
    return module.partition(".")[0] in ("sqlalchemy", "sqlmodel")
