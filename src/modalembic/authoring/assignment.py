"""One assignment in a revision's header, found by the syntax tree and edited by the byte: all else
in the file stays as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from modalembic.syntax import parse

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"

Edit = tuple[int, int, bytes]
"""From which byte to which byte, and what stands there instead."""


def assigned_value(source: bytes, path: str, name: str) -> ast.expr | None:
    """The expression that the one top-level assignment of `name` in a file has; None where there is
    none, or several, or the file is not UTF-8. Raises SyntaxError."""
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return None
    found: list[ast.expr] = []
    for statement in parse(source, path).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                found.append(value)
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if (
                target == name
            ):
                found.append(value)
    return found[0] if len(found) == 1 else None


class Positions:
    """Where the nodes of a syntax tree (which knows lines, and bytes within them) are in a file."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        mark = len(_BOM) if source.startswith(_BOM) else 0
        self._lines = [mark, *(match.end() for match in _LINE_END.finditer(source))]

    def begin(self, node: ast.expr) -> int:
        """The first byte of a node."""
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr) -> int:
        """The byte after a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset


def edited(source: bytes, edits: Iterable[Edit]) -> bytes:
    """`source` with edits that do not overlap."""
    after = source
    for begin, end, text in sorted(edits, reverse=True):
        after = after[:begin] + text + after[end:]
    return after
