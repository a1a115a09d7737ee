"""Classes in source, with their bases followed from file to file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from modalembic.modules.sources import SourceFile, Sources

_DECLARATIVE = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta"})
_MAKERS = frozenset({"as_declarative", "as_declarative_base"})
_MIXINS = frozenset({"AsyncAttrs", "MappedAsDataclass"})
_NO_BASES = frozenset(
    {"abc", "collections", "dataclasses", "enum", "pydantic", "sqlalchemy_utils", "typing"}
)
ClassAttribute = ast.expr | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class ClassSource:
    """A class of the project, with the file in which it stands."""

    file: SourceFile
    node: ast.ClassDef


class ClassReader:
    """What a class binds, what it derives from, and whether it can be mapped to a table."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._above: dict[ast.ClassDef, tuple[ClassSource, ...]] = {}
        self._bodies: dict[ast.ClassDef, dict[str, ClassAttribute]] = {}

    def attributes(self, node: ast.ClassDef) -> dict[str, ClassAttribute]:
        """What the class's body binds."""
        if node not in self._bodies:
            self._bodies[node] = _body_of(node)
        return self._bodies[node]

    def may_be_mapped(self, found: ClassSource) -> bool:
        """Whether the class has a decorator, or a base that is not known to be none. Mixins without
        a base are not mapped, and neither are declarative bases."""
        node = found.node
        if makes_a_base(node):
            return False
        if node.decorator_list or not node.bases:
            return bool(node.decorator_list)
        above = self.ancestors(found)
        return any(link.node.decorator_list or link.node.keywords for link in above) or any(
            self._may_be_declarative(link.file, base)
            for link in (found, *above)
            for base in link.node.bases
        )

    def _may_be_declarative(self, file: SourceFile, base: ast.expr) -> bool:
        if _last_name(base) in _DECLARATIVE:
            return True
        expression = base.value if isinstance(base, ast.Subscript) else base
        found = self._sources.resolve_expression(file, expression)
        if found is None:
            return _last_name(base) not in ("object", "Exception", "type")
        if found.file is not None:
            return found.name not in found.file.classes
        return found.module.partition(".")[0] not in _NO_BASES and found.name not in _MIXINS

    def parents(self, found: ClassSource) -> Iterator[ClassSource]:
        """The direct bases that the project itself defines."""
        for base in found.node.bases:
            expression = base.value if isinstance(base, ast.Subscript) else base
            target = self._sources.resolve_expression(found.file, expression)
            if target is None or target.file is None or target.name is None:
                continue
            node = target.file.classes.get(target.name)
            if node is not None and node is not found.node:
                yield ClassSource(target.file, node)

    def ancestors(self, found: ClassSource) -> tuple[ClassSource, ...]:
        """All bases that the project defines, nearest first, each once."""
        if found.node not in self._above:
            above: dict[ast.ClassDef, ClassSource] = {}
            waiting = [*self.parents(found)]
            while waiting:
                parent = waiting.pop(0)
                if parent.node not in above and parent.node is not found.node:
                    above[parent.node] = parent
                    waiting[:0] = self.parents(parent)
            self._above[found.node] = tuple(above.values())
        return self._above[found.node]


def makes_a_base(node: ast.ClassDef) -> bool:
    """Whether this is `class Base(DeclarativeBase)` or decorated with `as_declarative()`."""
    decorators = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return any(_last_name(base) in _DECLARATIVE for base in node.bases) or any(
        _last_name(decorator) in _MAKERS for decorator in decorators
    )


def _body_of(node: ast.ClassDef) -> dict[str, ClassAttribute]:
    bound: dict[str, ClassAttribute] = {}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bound[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                bound[name] = value
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound[name] = statement
    return bound


def _last_name(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
    return None
