"""Python expressions laid out as formatters have them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

INDENT = 4
# What SQLAlchemy's text() takes for a parameter.
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")


def without_parameters(sql: str) -> str:
    """A statement as `op.execute` needs it: nothing in it is taken for a parameter."""
    return _PARAMETER.sub(r"\\:", sql)


def laid_out_expression(source: str, width: int) -> str:
    """An expression on one line, or on several where one of `width` has no room."""
    return _node(ast.parse(source, mode="eval").body, width, 0, 0, 0)


def quoted(text: str) -> str:
    """A string's literal, with double quotes if that is no worse."""
    literal = repr(text)
    if literal.startswith("'") and '"' not in literal:
        return '"' + literal[1:-1].replace("\\'", "'") + '"'
    return literal


def _node(node: ast.expr, width: int, indent: int, before: int, after: int) -> str:
    """`before` and `after` are the columns that are taken on its first and its last line."""
    line = _line(node)
    parts = _parts(node)
    if indent + before + len(line) + after <= width or parts is None:
        return line
    opening, members, closing = parts
    inner = indent + INDENT
    joined = ", ".join(_member(prefix, _line(value)) for prefix, value in members)
    if isinstance(node, ast.Call) and inner + len(joined) <= width:
        rows = [joined]
    else:
        comma = "," if len(members) > 1 or not isinstance(node, ast.Call) else ""
        rows = [
            _member(prefix, _node(value, width, inner, len(prefix), len(comma))) + comma
            for prefix, value in members
        ]
    pad = " " * inner
    return "\n".join([opening, *(f"{pad}{row}" for row in rows), " " * indent + closing])


def _member(prefix: str, value: str) -> str:
    return f"{prefix}{value}"


Parts = tuple[str, list[tuple[str, ast.expr]], str]


def _parts(node: ast.expr) -> Parts | None:
    """What a node begins with, its members with what stands before each, and its end."""
    match node:
        case ast.Call() if node.args or node.keywords:
            members = [
                (("*", a.value) if isinstance(a, ast.Starred) else ("", a)) for a in node.args
            ]
            keywords = [(f"{k.arg}=" if k.arg else "**", k.value) for k in node.keywords]
            return f"{_line(node.func)}(", [*members, *keywords], ")"
        case ast.List() if node.elts:
            return "[", [("", each) for each in node.elts], "]"
        case ast.Tuple() if node.elts:
            return "(", [("", each) for each in node.elts], ")"
        case ast.Dict() if node.keys and None not in node.keys:
            pairs = zip(node.keys, node.values, strict=True)
            return "{", [(f"{_line(k)}: ", v) for k, v in pairs if k is not None], "}"
    return None


def _line(node: ast.expr) -> str:
    """A node on one line."""
    match node:
        case ast.Constant(value=str(text)):
            return quoted(text)
        case ast.Attribute():
            return f"{_line(node.value)}.{node.attr}"
        case ast.Tuple() if len(node.elts) == 1:
            return f"({_line(node.elts[0])},)"
    parts = _parts(node)
    if parts is None:
        return ast.unparse(node)
    opening, members, closing = parts
    return opening + ", ".join(_member(p, _line(value)) for p, value in members) + closing


def comment(text: str, width: int, indent: int = INDENT) -> list[str]:
    """`text` as comment lines; its own line ends are kept."""
    import textwrap

    rows: Iterable[str] = text.splitlines()
    return [
        f"# {part}".rstrip()
        for row in rows
        for part in (
            textwrap.wrap(
                row,
                width - indent - 2,
                break_long_words=False,
                break_on_hyphens=False,
                subsequent_indent=" " * (len(row) - len(row.lstrip())),
            )
            or [""]
        )
    ]
