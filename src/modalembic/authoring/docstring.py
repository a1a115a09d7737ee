"""A paragraph more in the docstring of a new revision file."""

from __future__ import annotations

import ast
import re

_OPENING = re.compile(r"\s*[rRuU]?(\"\"\"|'''|\"|')")


def with_paragraph(source: str, message: str, paragraph: str) -> str:
    """`source` with `paragraph` below the message in its docstring. Where the project's template
    writes none with the message in it, the paragraph stands at the top as a comment."""
    lines = source.splitlines(keepends=True)
    match ast.parse(source).body[:1]:
        case [ast.Expr(value=ast.Constant(value=str(text)) as value)] if message in text:
            begin, end = value.lineno - 1, value.end_lineno or value.lineno
            opened = _with_paragraph("".join(lines[begin:end]), message, paragraph)
            return "".join((*lines[:begin], opened, *lines[end:]))
    comment = "".join(f"# {line}".rstrip() + "\n" for line in paragraph.split("\n"))
    return comment + source


def _with_paragraph(docstring: str, message: str, paragraph: str) -> str:
    """The lines of a docstring, opened to several where it has one."""
    at = docstring.find(message)
    opening = _OPENING.match(docstring)
    if at < 0 or opening is None:  # the message is written with escapes
        return docstring
    quotes = opening[1]
    # The line is kept whole: templates put a full stop behind the message.
    line_end = docstring.find("\n", at + len(message))
    closing = docstring.rstrip().rfind(quotes)
    if line_end < 0 or closing < line_end:
        if len(quotes) < 3:
            return docstring
        return f"{docstring[:closing].rstrip()}\n\n{paragraph}\n{docstring[closing:]}"
    return f"{docstring[:line_end]}\n\n{paragraph}{docstring[line_end:]}"
