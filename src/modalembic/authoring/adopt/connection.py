"""The one edit that an `env.py` may need: that it uses the connection which it is given, so that
scratch databases and `--database` reach it. Without one given it connects as before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from modalembic.authoring.assignment import Positions, edited
from modalembic.errors import AdoptRefused
from modalembic.syntax import parse

_HINT = (
    'let env.py take context.config.attributes.get("connection") where that is given, and connect '
    "itself where it is None; see docs/guide/environments.md"
)


def with_given_connection(source: bytes, path: Path) -> bytes:
    """`source`, an `env.py`, with its one place that connects changed to use the connection in
    `config.attributes` if there is one. Raises AdoptRefused where that place is not clear."""
    tree = parse(source, str(path))
    config = _config(tree)
    if config is None:
        raise _refused("does not import context from alembic", path, None)
    given = f'{config}.attributes.get("connection")'
    places = [*_plain(tree)]
    tasks = [*_awaited(tree)]
    if not places and not tasks:
        begun = next(_begun(tree), None)
        if begun is not None:
            raise _refused("opens its transaction before context.configure()", path, begun.lineno)
    if len(places) + len(tasks) != 1:
        found = [node.lineno for node in places] + [task.lineno for task, _ in tasks]
        lines = ", ".join(map(str, found))
        where = f"connects in several places (lines {lines})" if lines else "connects nowhere"
        line = found[1] if found else None
        raise _refused(where, path, line)
    at = Positions(source)
    if places:
        (call,) = places
        expression = source[at.begin(call) : at.end(call)].decode()
        text = f"{given} or {expression}"
        if not _stands_alone(tree, call):
            text = f"({text})"
        return edited(source, [(at.begin(call), at.end(call), text.encode())])
    ((statement, function),) = tasks
    return _dispatched(source, at, statement, f"{given}", function)


def _config(tree: ast.Module) -> str | None:
    """How the file spells Alembic's configuration."""
    context = None
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "alembic":
            for alias in node.names:
                if alias.name == "context":
                    context = alias.asname or alias.name
    if context is None:
        return None
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if ast.unparse(value) == f"{context}.config":
                return name
    return f"{context}.config"


def _plain(tree: ast.Module) -> Iterator[ast.Call]:
    """Each `X.connect()` that is not awaited."""
    asynchronous = {
        id(item.context_expr)
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
    }
    asynchronous |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Await)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="connect"), args=[], keywords=[]) if (
                id(node) not in asynchronous
            ):
                yield node


def _begun(tree: ast.Module) -> Iterator[ast.Call]:
    """Each `X.begin()`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="begin"), args=[], keywords=[]):
                yield node


def _stands_alone(tree: ast.Module, call: ast.Call) -> bool:
    """Whether the call is all that a `with` opens or an assignment assigns."""
    for node in ast.walk(tree):
        match node:
            case ast.With(items=items) if any(item.context_expr is call for item in items):
                return True
            case ast.Assign(value=value) if value is call:
                return True
    return False


def _awaited(tree: ast.Module) -> Iterator[tuple[ast.Expr, str]]:
    """Each statement that has an event loop run a function of the file which connects
    asynchronously, with the name of what that function has the connection run."""
    run = {
        node.name: function
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef) and (function := _run_sync(node)) is not None
    }
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Call(args=[ast.Call(func=ast.Name(id=name), args=[])])):
                if name in run:
                    yield node, run[name]


def _run_sync(function: ast.AsyncFunctionDef) -> str | None:
    """`F` of the one `await connection.run_sync(F)`."""
    found = [
        node.args[0].id
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "run_sync"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Name)
    ]
    return found[0] if len(found) == 1 else None


def _dispatched(
    source: bytes, at: Positions, statement: ast.Expr, given: str, function: str
) -> bytes:
    """The statement below an `else`, after the case that a connection is given."""
    begin, end = at.begin(statement.value), at.end(statement.value)
    newline = "\r\n" if b"\r\n" in source else "\n"
    indent = " " * statement.col_offset
    text = source[begin:end].decode().replace("\n", "\n    ")
    lines = (
        f"if (given := {given}) is not None:",
        f"{indent}    {function}(given)",
        f"{indent}else:",
        f"{indent}    {text}",
    )
    return edited(source, [(begin, end, newline.join(lines).encode())])


def _refused(why: str, path: Path, line: int | None) -> AdoptRefused:
    return AdoptRefused(
        f"env.py connects to a database of its own choice, and {why}, so that it is not clear how "
        "it could be given another; nothing was written",
        hint=_HINT,
        path=path,
        line=line,
    )
