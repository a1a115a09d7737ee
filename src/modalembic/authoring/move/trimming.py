"""Small cuts: imports that nobody needs, comments, relative imports."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst
from libcst import matchers

from modalembic.authoring.move.names import names_in
from modalembic.authoring.move.parsed import Parsed, dotted_expression, dotted_of
from modalembic.authoring.move.replace import Replacements
from modalembic.authoring.move.toplevel import import_names
from modalembic.authoring.move.tree import SourceFile
from modalembic.authoring.move.uses import Uses


def without_imports(module: cst.Module, names: frozenset[str]) -> cst.Module:
    """A file that does not import `names` at its top level, or for type checkers, any more; nor
    TYPE_CHECKING, if nothing is left to check."""
    wanted = Replacements()
    for node in matchers.findall(module, matchers.Import() | matchers.ImportFrom()):
        assert isinstance(node, cst.Import | cst.ImportFrom)
        if isinstance(node.names, cst.ImportStar) or not names.intersection(import_names(node)):
            continue
        stay = [
            alias
            for alias in node.names
            if (alias.evaluated_alias or alias.evaluated_name.partition(".")[0]) not in names
        ]
        last = node.names[-1].comma
        kept = [*stay[:-1], stay[-1].with_changes(comma=last)] if stay else []
        wanted.smalls[node] = [node.with_changes(names=kept)] if kept else []
    module = wanted.applied(module) if wanted else module
    checking = frozenset({"TYPE_CHECKING"})
    if names != checking and not _mentions(module, "TYPE_CHECKING"):
        return without_imports(module, checking)
    return module


def _mentions(module: cst.Module, name: str) -> bool:
    return any(name in names_in(each) for each in module.body if not is_import_line(each))


def is_import_line(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and all(
        isinstance(small, cst.Import | cst.ImportFrom) for small in statement.body
    )


def split_comments(
    statement: cst.CSTNode,
) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """The lines above a statement: those that stand apart, and those that belong to it."""
    lines = list(getattr(statement, "leading_lines", ()))
    at = len(lines)
    while at and lines[at - 1].comment is not None:
        at -= 1
    return lines[:at], lines[at:]


def spelled_out(file: SourceFile, module: cst.Module) -> cst.Module:
    """A file whose relative imports are spelled out, for another package."""
    wanted = Replacements()
    for node in matchers.findall(module, matchers.ImportFrom()):
        assert isinstance(node, cst.ImportFrom)
        origin = file.absolute(len(node.relative), dotted_of(node.module) or "")
        if node.relative and origin:
            wanted.smalls[node] = [
                node.with_changes(
                    relative=(),
                    module=dotted_expression(origin),
                    whitespace_after_from=cst.SimpleWhitespace(" "),
                )
            ]
    return wanted.applied(module) if wanted else module


def module_names(parsed: Parsed, uses: Uses, indices: Iterable[int], target: str) -> list[str]:
    found = sorted({name for index in indices for name in uses.of_module(index)})
    if not found:
        return []
    return [
        (
            f"{parsed.path.name} uses {' and '.join(found)}, which tells another place in "
            f"{target}: names of loggers and paths may follow it"
        )
    ]
