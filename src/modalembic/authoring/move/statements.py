"""Import statements as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

WIDTH = 88


@dataclass(frozen=True)
class Imported:
    """One name of a `from … import`: `name as local`, with the comment beside it."""

    name: str
    local: str
    comment: str | None = None
    explicit: bool = False
    """Whether `name as name` is written out, the way to re-export (PEP 484)."""

    def __str__(self) -> str:
        renamed = self.local != self.name or self.explicit
        return f"{self.name} as {self.local}" if renamed else self.name


def import_from(
    module: str, names: Sequence[Imported], *, column: int = 0, width: int = WIDTH
) -> cst.ImportFrom:
    """`from module import names`, wrapped as formatters do where it is longer than a line. `module`
    may begin with dots."""
    text = import_from_text(module, names, column=column, width=width)
    statement = cst.parse_statement(text)
    assert isinstance(statement, cst.SimpleStatementLine)
    node = statement.body[0]
    assert isinstance(node, cst.ImportFrom)
    return node


def import_from_text(
    module: str, names: Sequence[Imported], *, column: int = 0, width: int = WIDTH
) -> str:
    """As `import_from`, as text without a line end."""
    line = f"from {module} import {', '.join(map(str, names))}"
    if column + len(line) <= width and not any(name.comment for name in names):
        return line
    lines = [f"    {name},{_beside(name)}\n" for name in names]
    return f"from {module} import (\n{''.join(lines)})"


def import_module_node(module: str, asname: str | None = None) -> cst.Import:
    """`import module`, or `import module as asname`."""
    text = f"import {module}" if asname is None else f"import {module} as {asname}"
    statement = cst.parse_statement(text)
    assert isinstance(statement, cst.SimpleStatementLine)
    node = statement.body[0]
    assert isinstance(node, cst.Import)
    return node


def imported(alias: cst.ImportAlias) -> Imported:
    """A name of a `from … import` as a value."""
    name = alias.evaluated_name
    return Imported(
        name,
        alias.evaluated_alias or name,
        _comment_of(alias),
        explicit=alias.evaluated_alias == name,
    )


def kept(
    aliases: Sequence[cst.ImportAlias], all_of_them: Sequence[cst.ImportAlias]
) -> Sequence[cst.ImportAlias]:
    """Some of a statement's names, laid out as all were: the last one ends as the last one did."""
    return [*aliases[:-1], aliases[-1].with_changes(comma=all_of_them[-1].comma)]


def _comment_of(alias: cst.ImportAlias) -> str | None:
    comma = alias.comma
    if not isinstance(comma, cst.Comma):
        return None
    after = comma.whitespace_after
    if isinstance(after, cst.ParenthesizedWhitespace) and after.first_line.comment is not None:
        return after.first_line.comment.value
    return None


def _beside(name: Imported) -> str:
    return f"  {name.comment}" if name.comment else ""
