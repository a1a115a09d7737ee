"""One file as LibCST reads it, with the errors that our users get."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

import libcst as cst
from libcst import metadata

from modalembic.errors import SourceUnreadable


def parse_source(content: bytes, path: Path) -> cst.Module:
    """The syntax tree of a file. Raises SourceUnreadable with the line."""
    try:
        return cst.parse_module(content)
    except cst.ParserSyntaxError as error:
        message, line = error.message, error.raw_line
    except (UnicodeDecodeError, LookupError, RecursionError) as error:
        message, line = str(error) or type(error).__name__, None
    raise SourceUnreadable(
        f"{path.name} cannot be parsed: {message.partition(chr(10))[0]}; nothing was written",
        hint="correct it, or take it out of the project's tree",
        path=path,
        line=line,
    )


class Parsed:
    """A file with its scopes and positions, each worked out when it is asked for."""

    def __init__(self, content: bytes, path: Path) -> None:
        self.path = path
        self._wrapper = metadata.MetadataWrapper(parse_source(content, path), unsafe_skip_copy=True)
        self.module = self._wrapper.module

    @cached_property
    def scopes(self) -> Mapping[cst.CSTNode, metadata.Scope | None]:
        """The scope of each node."""
        return self._wrapper.resolve(metadata.ScopeProvider)

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, metadata.CodeRange]:
        return self._wrapper.resolve(metadata.PositionProvider)

    @property
    def global_scope(self) -> metadata.Scope:
        """The file's own scope."""
        scope = self.scopes[self.module]
        assert scope is not None
        return scope

    def line(self, node: cst.CSTNode) -> int:
        """The line (1-based) in which a node begins."""
        return int(self._positions[node].start.line)

    def imported_name(self, scope: metadata.Scope, node: cst.CSTNode | str) -> str | None:
        """The dotted name that an expression has by imports alone (relative ones begin with dots);
        None where anything else may bind it."""
        found: Collection[metadata.QualifiedName] = scope.get_qualified_names_for(node)
        if not found or any(
            name.source is not metadata.QualifiedNameSource.IMPORT for name in found
        ):
            return None
        return min(name.name for name in found)


def dotted_of(node: cst.CSTNode | None) -> str | None:
    """`a.b.c` for a chain of attributes of a name; None for anything else."""
    match node:
        case cst.Name(value=str() as value):
            return value
        case cst.Attribute(value=owner, attr=cst.Name(value=str() as attribute)):
            above = dotted_of(owner)
            return None if above is None else f"{above}.{attribute}"
    return None


def dotted_expression(dotted: str) -> cst.Name | cst.Attribute:
    """The expression of a dotted name."""
    first, *others = dotted.split(".")
    expression: cst.Name | cst.Attribute = cst.Name(first)
    for part in others:
        expression = cst.Attribute(expression, cst.Name(part))
    return expression
