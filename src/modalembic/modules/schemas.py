"""The schema of a table, read from source."""

from __future__ import annotations

import ast

from modalembic.modules.classes import ClassAttribute, ClassReader, ClassSource
from modalembic.modules.sources import SourceFile, Sources
from modalembic.modules.text import UNKNOWN, TextReader, Unknown


class SchemaReader:
    """Schemas of tables: `schema=`, `__table_args__`, and that of the MetaData. None: the default
    schema; UNKNOWN: the text does not tell."""

    def __init__(self, sources: Sources, classes: ClassReader, text: TextReader) -> None:
        self._sources, self._classes, self._text = sources, classes, text

    def of_call(self, file: SourceFile, call: ast.Call) -> str | Unknown | None:
        """That of `Table(…)`."""
        for keyword in call.keywords:
            if keyword.arg == "schema":
                return self._given(file, keyword.value)
        if len(call.args) > 1:
            return self._of_metadata(file, call.args[1])
        return None

    def of_class(self, found: ClassSource, depth: int = 0) -> str | Unknown | None:
        """That of a declarative class, from the nearest of its bases that says one."""
        chain = (found, *self._classes.ancestors(found))
        for link in chain:
            arguments = self._classes.attributes(link.node).get("__table_args__")
            if arguments is not None:
                schema = self._of_arguments(link.file, arguments)
                if schema is not None:
                    return schema
                break
        for link in chain:
            metadata = self._classes.attributes(link.node).get("metadata")
            if isinstance(metadata, ast.expr):
                return self._of_metadata(link.file, metadata, depth + 1)
            for base in link.node.bases:
                schema = self._of_base(link.file, base)
                if schema is not None:
                    return schema
        return None

    def _of_base(self, file: SourceFile, base: ast.expr) -> str | Unknown | None:
        """`Base = declarative_base(metadata=…)`."""
        found = self._sources.resolve_expression(file, base)
        if found is None or found.file is None or found.name is None:
            return None
        match found.file.values.get(found.name):
            case ast.Call(keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "metadata":
                        return self._of_metadata(found.file, keyword.value)
        return None

    def _of_arguments(self, file: SourceFile, arguments: ClassAttribute) -> str | Unknown | None:
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
        return self._given(file, schemas[0]) if len(schemas) == 1 else UNKNOWN

    def _of_metadata(
        self, file: SourceFile, node: ast.expr, depth: int = 0
    ) -> str | Unknown | None:
        """The schema of `MetaData(schema=…)`, where `node` leads there."""
        if depth > 20:
            return None
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), keywords=keywords):
                for keyword in keywords if name == "MetaData" else ():
                    if keyword.arg == "schema":
                        return self._given(file, keyword.value)
                return None
            case ast.Attribute(attr="metadata", value=owner):
                found = self._sources.resolve_expression(file, owner)
                if found is not None and found.file is not None and found.name is not None:
                    base = found.file.classes.get(found.name)
                    if base is not None:
                        return self.of_class(ClassSource(found.file, base), depth + 1)
                    return self._of_base(file, owner)
        found = self._sources.resolve_expression(file, node)
        if found is None or found.file is None or found.name not in found.file.values:
            return None
        value = found.file.values[found.name]
        return None if value is node else self._of_metadata(found.file, value, depth + 1)

    def _given(self, file: SourceFile, node: ast.expr) -> str | Unknown | None:
        match node:
            case ast.Constant(value=None) | ast.Name(id="BLANK_SCHEMA"):
                return None
            case ast.Attribute(attr="BLANK_SCHEMA"):
                return None
        return self._text.read(file, node)
