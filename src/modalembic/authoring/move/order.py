"""The order of imports, kept where a file has one: as isort and ruff sort them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import libcst as cst
from libcst.helpers import ensure_type

from modalembic.authoring.move.parsed import dotted_of
from modalembic.authoring.move.statements import WIDTH, Imported, import_from
from modalembic.authoring.move.toplevel import is_type_checking

_Key = tuple[int, int, str, str]
_INDENT = 4


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


def in_order(before: cst.Module, after: cst.Module, own: str, width: int = WIDTH) -> cst.Module:
    """`after`, a file in which imports were replaced, with each run of imports sorted if those of
    `before` were; what comes from one module is then imported together."""
    if not all(is_sorted(run, own) for run in _runs_of_module(before)):
        return after
    return sorted_runs(after, own, width)


def sorted_runs(after: cst.Module, own: str, width: int = WIDTH) -> cst.Module:
    """A file with each run of imports sorted; what is joined is wrapped at `width`."""
    body = _sorted_block(after.body, own, width)
    return after.with_changes(body=[_with_sorted_block(each, own, width) for each in body])


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


def _with_sorted_block(statement: cst.CSTNode, own: str, width: int) -> cst.CSTNode:
    if not isinstance(statement, cst.If) or not is_type_checking(statement):
        return statement
    block = statement.body
    inner = _sorted_block(block.body, own, width - _INDENT)
    return statement.with_changes(body=block.with_changes(body=inner))


def _sorted_block(statements: Sequence[cst.CSTNode], own: str, width: int) -> list[cst.CSTNode]:
    made: list[cst.CSTNode] = []
    for run in _runs(statements):
        if len(run) == 1 or any(import_key(each, own) is None for each in run):
            made.extend(run)
            continue
        ordered = sorted(run, key=lambda each: import_key(each, own) or (0, 0, "", ""))
        lines = getattr(run[0], "leading_lines", ())
        bare = _joined([each.with_changes(leading_lines=()) for each in ordered], width)
        made.extend([bare[0].with_changes(leading_lines=lines), *bare[1:]])
    return made


def _joined(run: Sequence[cst.CSTNode], width: int) -> list[cst.CSTNode]:
    """A run in which neighbours that import from one module are one statement, unless they rename
    something or say something beside it."""
    made: list[cst.CSTNode] = []
    for each in run:
        before, after = _plain_names(made[-1]) if made else None, _plain_names(each)
        if before is None or after is None or before[0] != after[0]:
            made.append(each)
            continue
        names = sorted({*before[1], *after[1]}, key=_name_key)
        statement = import_from(after[0], [Imported(name, name) for name in names], width=width)
        made[-1] = ensure_type(made[-1], cst.SimpleStatementLine).with_changes(body=[statement])
    return made


def _plain_names(statement: cst.CSTNode) -> tuple[str, list[str]] | None:
    """The module (with its dots) and the names of an import that is nothing but that."""
    match statement:
        case cst.SimpleStatementLine(
            body=[cst.ImportFrom(names=[*names]) as node],
            trailing_whitespace=cst.TrailingWhitespace(comment=None),
        ) if all(name.asname is None for name in names):
            if "#" in cst.Module([]).code_for_node(node):
                return None
            module = "." * len(node.relative) + (dotted_of(node.module) or "")
            return module, [name.evaluated_name for name in names]
    return None


def _name_key(name: str) -> tuple[int, str]:
    """Constants before classes before the rest."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


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
