"""A new revision file as `ruff format` and `black` leave it.

Alembic's templates write `repr(…)` and leave lines that end with a space, so that in a project
without `post_write_hooks` every new file would have to be formatted by hand. This is no formatter:
it changes what Alembic and its templates are known to write, and leaves all else alone.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from itertools import pairwise

_WIDTH = 88
_HEADERS = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})
_PLAIN = re.compile(r"'([^'\"\\\n]*)'")


def tidied(source: str) -> str:
    """`source` with double quotes, the headers' lists as tuples and in several lines where one is
    too long, one blank line below the docstring and the imports, no space at the end of a line
    outside of strings, and one line end at the end. As it is if it does not parse."""
    try:
        text = _with_headers(_with_double_quotes(source))
        return _with_blank_lines(_without_trailing_space(text))
    except (SyntaxError, tokenize.TokenError):
        return source


def without_unused_imports(source: str) -> str:
    """`source` without the imports at its top that nothing in it uses."""
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = source.splitlines(keepends=True)
    for statement in reversed(tree.body):
        if isinstance(statement, ast.Import | ast.ImportFrom) and not used & _bound(statement):
            assert statement.end_lineno is not None
            del lines[statement.lineno - 1 : statement.end_lineno]
    return _with_blank_lines("".join(lines))


def _bound(statement: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return {"__name__", *_HEADERS}
    return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}


def _with_double_quotes(source: str) -> str:
    lines = source.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(source).readline))):
        found = _PLAIN.fullmatch(token.string) if token.type == tokenize.STRING else None
        if found is not None:
            row, begin = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:begin] + f'"{found[1]}"' + line[token.end[1] :]
    return "".join(lines)


def _with_headers(source: str) -> str:
    """The headers' lists as tuples, with an element in each line where they are too long."""
    lines = source.splitlines(keepends=True)
    for statement in reversed(ast.parse(source).body):
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.List() | ast.Tuple() as value)
            ) if name in _HEADERS and statement.lineno == statement.end_lineno and value.elts:
                row = statement.lineno - 1
                lines[row] = _header(lines[row], value)
    return "".join(lines)


def _header(line: str, value: ast.List | ast.Tuple) -> str:
    elements = [ast.unparse(each).replace("'", '"') for each in value.elts]
    raw = line.encode()
    begin, end = raw[: value.col_offset].decode(), raw[value.end_col_offset or 0 :].decode()
    comma = "," if len(elements) == 1 else ""
    text = f"{begin}({', '.join(elements)}{comma}){end}"
    if len(text.rstrip()) <= _WIDTH:
        return text
    return f"{begin}(\n" + "".join(f"    {each},\n" for each in elements) + f"){end}"


def _without_trailing_space(source: str) -> str:
    """Inside a string it may be meant, but for a docstring, where formatters take it away too."""
    docstring = _docstring_end(source)
    inside: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.start[0] < token.end[0] and token.start[0] > docstring:
            inside.update(range(token.start[0], token.end[0]))
    lines = source.split("\n")
    return "\n".join(
        line if number in inside else line.rstrip(" \t") for number, line in enumerate(lines, 1)
    )


def _with_blank_lines(source: str) -> str:
    """One blank line below the docstring and below the imports at the top, none at the end."""
    body = ast.parse(source).body
    lines = source.strip("\n").split("\n")
    skipped = len(source) - len(source.lstrip("\n"))
    for statement, following in reversed([*pairwise(body)]):
        if _ends_a_part(statement, following):
            assert statement.end_lineno is not None
            below = statement.end_lineno - skipped
            rest = "\n".join(lines[below:]).lstrip("\n").split("\n")
            lines[below:] = ["", *rest]
    return "\n".join(lines) + "\n"


def _ends_a_part(statement: ast.stmt, following: ast.stmt) -> bool:
    imports = (ast.Import, ast.ImportFrom)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True
    return isinstance(statement, imports) and isinstance(following, ast.Assign | ast.AnnAssign)


def _docstring_end(source: str) -> int:
    """The last line of the file's docstring; 0: it has none."""
    body = ast.parse(source).body
    match body[:1]:
        case [ast.Expr(value=ast.Constant(value=str()), end_lineno=int(end))]:
            return end
    return 0
