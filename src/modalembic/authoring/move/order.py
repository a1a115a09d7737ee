"""The order of imports, kept where a file has one: as isort and ruff sort them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import libcst as cst

from modalembic.authoring.move.parsed import dotted_of
from modalembic.authoring.move.toplevel import is_type_checking

_Key = tuple[int, int, str, str]


def import_key(statement: cst.CSTNode, own: str) -> _Key | None:
    """Where an import belongs: its section, `import` before `from`, its module. None for what is no
    line with one import. `own` is the top-level package of the file."""
    match statement:
        case cst.SimpleStatementLine(body=[cst.Import(names=[alias, *_])]):
            assert isinstance(alias, cst.ImportAlias)
            return (_section(alias.evaluated_name, own), 0, alias.evaluated_name.lower(), "")
        case cst.SimpleStatementLine(body=[cst.ImportFrom() as node]):
            module = dotted_of(node.module) or ""
            if node.relative:
                return (4, 1, "." * (9 - len(node.relative)) + module.lower(), _first(node))
            return (_section(module, own), 1, module.lower(), _first(node))
    return None


def is_sorted(statements: Sequence[cst.CSTNode], own: str) -> bool:
    """Whether the imports among these follow each other in order."""
    keys = [key for each in statements if (key := import_key(each, own)) is not None]
    return keys == sorted(keys)


def in_order(before: cst.Module, after: cst.Module, own: str) -> cst.Module:
    """`after`, a file in which imports were replaced, with each run of imports sorted if those of
    `before` were."""
    if not all(is_sorted(run, own) for run in _runs_of_module(before)):
        return after
    return sorted_runs(after, own)


def sorted_runs(after: cst.Module, own: str) -> cst.Module:
    """A file with each run of imports sorted."""
    body = _sorted_block(after.body, own)
    return after.with_changes(body=[_with_sorted_block(each, own) for each in body])


def _first(node: cst.ImportFrom) -> str:
    return "" if isinstance(node.names, cst.ImportStar) else node.names[0].evaluated_name


def _section(module: str, own: str) -> int:
    top = module.partition(".")[0]
    if top == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    return 3 if top == own else 2


def _runs_of_module(module: cst.Module) -> Iterator[Sequence[cst.CSTNode]]:
    yield from _runs(module.body)
    for statement in module.body:
        if isinstance(statement, cst.If) and is_type_checking(statement):
            yield from _runs(statement.body.body)


def _with_sorted_block(statement: cst.CSTNode, own: str) -> cst.CSTNode:
    if not isinstance(statement, cst.If) or not is_type_checking(statement):
        return statement
    block = statement.body
    return statement.with_changes(body=block.with_changes(body=_sorted_block(block.body, own)))


def _sorted_block(statements: Sequence[cst.CSTNode], own: str) -> list[cst.CSTNode]:
    made: list[cst.CSTNode] = []
    for run in _runs(statements):
        if len(run) == 1 or any(import_key(each, own) is None for each in run):
            made.extend(run)
            continue
        ordered = sorted(run, key=lambda each: import_key(each, own) or (0, 0, "", ""))
        lines = getattr(run[0], "leading_lines", ())
        bare = [each.with_changes(leading_lines=()) for each in ordered]
        made.extend([bare[0].with_changes(leading_lines=lines), *bare[1:]])
    return made


def _runs(statements: Sequence[cst.CSTNode]) -> Iterator[list[cst.CSTNode]]:
    """Imports that follow each other without a line between them; anything else by itself."""
    run: list[cst.CSTNode] = []
    for statement in statements:
        joins = import_key(statement, "") is not None and not getattr(
            statement, "leading_lines", ()
        )
        if run and not (joins and import_key(run[-1], "") is not None):
            yield run
            run = []
        run.append(statement)
    if run:
        yield run
