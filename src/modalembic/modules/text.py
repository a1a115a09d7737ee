"""Strings that source puts together, evaluated without running it."""

from __future__ import annotations

import ast
import re
from enum import Enum
from typing import Final, Literal

from modalembic.modules.sources import SourceFile, Sources


class _Token(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Token.UNKNOWN
"""There is a value, and the text does not tell it."""

Unknown = Literal[_Token.UNKNOWN]

_METHODS = frozenset({"lower", "upper", "capitalize", "title", "strip"})


class TextReader:
    """Evaluates literals, f-strings and sums of them, constants of this and other files, and what
    is commonly made of a class's name: `cls.__name__.lower()`, `re.sub("…", "_", cls.__name__)`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def read(
        self, file: SourceFile, node: ast.expr, class_name: str | None = None, depth: int = 0
    ) -> str | Unknown:
        """The string that `node` stands for; `class_name` is what `cls.__name__` gives."""
        if depth > 20:
            return UNKNOWN
        match node:
            case ast.Constant(value=str() as value):
                return value
            case ast.Attribute(value=ast.Name(id="cls" | "self"), attr="__name__") if class_name:
                return class_name
            case ast.JoinedStr(values=values):
                return self._joined(file, values, class_name, depth)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.read(file, value, class_name, depth + 1)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined(file, [left, right], class_name, depth)
            case ast.Call():
                return self._call(file, node, class_name, depth)
            case ast.Name() | ast.Attribute():
                return self._constant(file, node, depth)
        return UNKNOWN

    def returned(
        self, file: SourceFile, function: ast.FunctionDef | ast.AsyncFunctionDef, class_name: str
    ) -> str | Unknown:
        """What a function that is one `return …` gives for the class `class_name`."""
        body = [
            statement
            for statement in function.body
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        ]
        match body:
            case [ast.Return(value=ast.expr() as value)]:
                return self.read(file, value, class_name)
        return UNKNOWN

    def _joined(
        self, file: SourceFile, nodes: list[ast.expr], class_name: str | None, depth: int
    ) -> str | Unknown:
        parts: list[str] = []
        for node in nodes:
            part = self.read(file, node, class_name, depth + 1)
            if part is UNKNOWN:
                return UNKNOWN
            parts.append(part)
        return "".join(parts)

    def _call(
        self, file: SourceFile, node: ast.Call, class_name: str | None, depth: int
    ) -> str | Unknown:
        match node:
            case ast.Call(func=ast.Name(id="str"), args=[value], keywords=[]):
                return self.read(file, value, class_name, depth + 1)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr="sub"), args=[_, _, _], keywords=[]
            ):
                parts = [self.read(file, part, class_name, depth + 1) for part in node.args]
                pattern, replacement, text = parts
                if pattern is UNKNOWN or replacement is UNKNOWN or text is UNKNOWN:
                    return UNKNOWN
                try:
                    return re.sub(pattern, replacement, text)
                except re.error:
                    return UNKNOWN
            case ast.Call(func=ast.Attribute(value=value, attr=method), args=[], keywords=[]):
                text = self.read(file, value, class_name, depth + 1)
                if method in _METHODS and text is not UNKNOWN:
                    return str(getattr(text, method)())
        return UNKNOWN

    def _constant(self, file: SourceFile, node: ast.expr, depth: int) -> str | Unknown:
        found = self._sources.resolve_expression(file, node)
        if found is None or found.file is None or found.name not in found.file.values:
            return UNKNOWN
        value = found.file.values[found.name]
        return UNKNOWN if value is node else self.read(found.file, value, None, depth + 1)
