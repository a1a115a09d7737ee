"""A revision file's header, read without importing the file.

The four names are those of Alembic's `Script`. Whatever binds one of them other than by a plain
assignment of a literal at the top level makes the header computed, and the file has to be imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modalembic.errors import RevisionFileError
from modalembic.history.revision import Header
from modalembic.syntax import parse

_NAMES = frozenset({"revision", "down_revision", "depends_on", "branch_labels"})
_LEGACY_NAME = re.compile(r"([a-f0-9]+)\.py")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class ComputedHeader(Exception):
    """The header is not literal: only an import tells what it is. `names` are what is computed."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


def read_header(source: bytes, path: str) -> Header:
    """The header in `source`, the content of the file `path`.

    Raises ComputedHeader, or RevisionFileError with file and line.
    """
    try:
        tree = parse(source, path)
    except SyntaxError as error:
        raise RevisionFileError(
            f"the revision file does not parse: {error.msg}",
            hint="correct it, or move it out of the version location",
            path=path,
            line=error.lineno,
        ) from error
    computed = _names_in_walrus(tree) if b":=" in source else set()
    values: dict[str, Any] = {}
    line = 1
    for statement in tree.body:
        assigned = _assigned(statement)
        if assigned is None:
            computed |= _names_bound(statement)
            continue
        for name, value in assigned:
            try:
                values[name] = ast.literal_eval(value)
            except (ValueError, TypeError, RecursionError, MemoryError):
                computed.add(name)
            if name == "revision":
                line = statement.lineno
    if computed:
        raise ComputedHeader(frozenset(computed))
    return header_from(values, ast.get_docstring(tree), path, line)


def _assigned(statement: ast.stmt) -> list[tuple[str, ast.expr]] | None:
    """What a plain assignment gives to names of the header; None for any other statement."""
    match statement:
        case ast.Assign(targets=targets, value=value) if all(
            isinstance(target, ast.Name) for target in targets
        ):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            return [(name, value) for name in names if name in _NAMES]
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return [(name, value)] if name in _NAMES and value is not None else []
    return None


def _names_in_walrus(tree: ast.Module) -> set[str]:
    return {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.NamedExpr) and node.target.id in _NAMES
    }


def _names_bound(statement: ast.stmt) -> set[str]:
    """The header's names that a statement binds in a branch, a loop, a `with`, an import or a
    tuple, or declares as global. A star import may bring any of them."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        declared = (node.names for node in ast.walk(statement) if isinstance(node, ast.Global))
        return {name for names in declared for name in names if name in _NAMES}
    bound: set[str] = set()
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, _SCOPES):
            continue
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.alias(name="*"):
                bound |= _NAMES
            case ast.alias(name=name, asname=asname):
                bound.add(asname or name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                bound.add(name)
        pending.extend(ast.iter_child_nodes(node))
    return bound & _NAMES


def header_from(values: Mapping[str, Any], doc: str | None, path: str, line: int) -> Header:
    """The header that a file's top-level values make. Raises RevisionFileError."""
    revision = values.get("revision")
    if revision is None:
        legacy = _LEGACY_NAME.fullmatch(path.rpartition("/")[2])
        if legacy is None:
            raise RevisionFileError(
                "the file has no `revision`, so Alembic cannot load it",
                hint="give it one, or move the file out of the version location",
                path=path,
                line=1,
            )
        revision = legacy[1]
    if not isinstance(revision, str) or not revision:
        raise RevisionFileError(
            f"revision is {revision!r}, not an id", hint="write a string", path=path, line=line
        )
    if "down_revision" not in values:
        raise RevisionFileError(
            "the file has no `down_revision`",
            hint="write `down_revision = None` if the revision is the first of its branch",
            path=path,
            line=line,
        )
    return Header(
        revision=revision,
        down_revisions=_names(values, "down_revision", path, line),
        depends_on=_names(values, "depends_on", path, line),
        branch_labels=_names(values, "branch_labels", path, line),
        doc=(doc or "").strip().split("\n\n")[0],
        line=line,
    )


def _names(values: Mapping[str, Any], name: str, path: str, line: int) -> tuple[str, ...]:
    """A header's value as a tuple; real histories write None, '', one name, or any collection."""
    value = values.get(name)
    if not value:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if isinstance(value, tuple | list) and all(isinstance(item, str | None) for item in value):
        return tuple(dict.fromkeys(item for item in value if item))
    raise RevisionFileError(
        f"{name} is {value!r}, not a name or a tuple of names",
        hint="write a string, a tuple of strings, or None",
        path=path,
        line=line_of(path, name) or line,
    )


def line_of(path: str, name: str) -> int | None:
    """The line (1-based) that assigns `name` in a revision file, or None. For messages: a look at
    the text will do."""
    try:
        source = Path(path).read_bytes()
    except OSError:
        return None
    found = re.search(rb"^[ \t]*%b[ \t]*(:[^=\n]*)?=(?!=)" % name.encode(), source, re.MULTILINE)
    return None if found is None else source.count(b"\n", 0, found.start()) + 1
