"""Writing another `down_revision` into a revision file, and into its docstring what it revises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modalembic.authoring.assignment import Edit, Positions, assigned_value, edited
from modalembic.errors import RevisionFileError
from modalembic.history.header import ComputedHeader, read_header
from modalembic.syntax import parse

_REVISES = re.compile(rb"^([ \t]*Revises:[ \t]*)([^\r\n]*)", re.MULTILINE)


def with_parent(source: bytes, path: str, parent: str) -> bytes | None:
    """`source`, a revision file, with `parent` as its one `down_revision`. None where that cannot
    be done so that nothing else changes: the header is computed, say."""
    value = assigned_value(source, path, "down_revision")
    if value is None:
        return None
    at = Positions(source)
    begin, end = at.begin(value), at.end(value)
    quote = source[begin : begin + 1] if source[begin : begin + 1] in {b"'", b'"'} else b'"'
    text = quote + parent.encode() + quote
    after = edited(source, [(begin, end, text), *_docstring(source, path, parent, at)])
    return after if _is_as_meant(source, after, path, parent) else None


def _docstring(source: bytes, path: str, parent: str, at: Positions) -> Iterator[Edit]:
    """The line `Revises: …` as Alembic's template writes it, where the docstring has one."""
    match parse(source, path).body:
        case [ast.Expr(value=ast.Constant(value=str()) as text), *_]:
            found = _REVISES.search(source, at.begin(text), at.end(text))
            if found is not None:
                yield found.start(2), found.end(2), parent.encode()


def _is_as_meant(before: bytes, after: bytes, path: str, parent: str) -> bool:
    try:
        old, new = read_header(before, path), read_header(after, path)
    except (ComputedHeader, RevisionFileError):
        return False
    same = old._replace(down_revisions=(), doc="") == new._replace(down_revisions=(), doc="")
    return same and new.down_revisions == (parent,)
