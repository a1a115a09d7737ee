"""Putting other nodes in the place of some, everything else as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

import libcst as cst

from modalembic.authoring.move.toplevel import is_type_checking

Smalls = Sequence[cst.BaseSmallStatement]
_Result = cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]
_Block = TypeVar("_Block", bound=cst.Module | cst.IndentedBlock)


_NO_STATEMENTS = (
    cst.BaseExpression,
    cst.BaseSmallStatement,
    cst.BaseParenthesizableWhitespace,
    cst.EmptyLine,
    cst.TrailingWhitespace,
    cst.Parameters,
    cst.Decorator,
    cst.Annotation,
    cst.Arg,
)
# LibCST drops a line without statements at once, and its comments with it.
_GONE = cst.Pass()


class Replacements:
    """What stands for a node: an expression for an expression, and for a small statement several
    small statements (none: it goes; its comments stay)."""

    def __init__(self) -> None:
        self.expressions: dict[cst.CSTNode, cst.CSTNode] = {}
        self.smalls: dict[cst.CSTNode, Smalls] = {}

    def __bool__(self) -> bool:
        return bool(self.expressions or self.smalls)

    def applied(self, module: cst.Module) -> cst.Module:
        """The module with all of it done."""
        changed = module.visit(_Replacer(self))
        assert isinstance(changed, cst.Module)
        return changed


class _Replacer(cst.CSTTransformer):
    """A line from which everything went stays until its block is left, where its comments go to
    the next line."""

    def __init__(self, wanted: Replacements) -> None:
        super().__init__()
        self._wanted = wanted
        self._emptied: set[cst.CSTNode] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        # Only expressions are inside of expressions, and visiting them takes most of the time.
        return bool(self._wanted.expressions) or not isinstance(node, _NO_STATEMENTS)

    def on_leave(  # type: ignore[override]  # one statement may become several
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> _Result:
        if original_node in self._wanted.expressions:
            return self._wanted.expressions[original_node]
        match updated_node:
            case cst.SimpleStatementLine():
                return self._line(original_node, updated_node)
            case cst.SimpleStatementSuite():
                return self._suite(original_node, updated_node)
            case cst.Module():
                return without_empty_lines(updated_node)
            case cst.IndentedBlock():
                return self._block(original_node, updated_node)
            case cst.If(body=body, orelse=None) if self._is_emptied(body, updated_node):
                return cst.SimpleStatementLine([_GONE], leading_lines=updated_node.leading_lines)
        return updated_node

    def _is_emptied(self, body: cst.BaseSuite, statement: cst.If) -> bool:
        return body in self._emptied and is_type_checking(statement)

    def _smalls(self, original: Smalls, updated: Smalls) -> list[cst.BaseSmallStatement] | None:
        if not any(small in self._wanted.smalls for small in original):
            return None
        return [
            each
            for old, new in zip(original, updated, strict=True)
            for each in self._wanted.smalls.get(old, (new,))
        ]

    def _line(self, original: cst.CSTNode, updated: cst.SimpleStatementLine) -> _Result:
        assert isinstance(original, cst.SimpleStatementLine)
        smalls = self._smalls(original.body, updated.body)
        if smalls is None:
            return updated
        if len(original.body) > 1 or len(smalls) < 2:
            return updated.with_changes(body=_separated(smalls) or [_GONE])
        first = updated.with_changes(body=smalls[:1])
        return cst.FlattenSentinel([first, *map(line_of, smalls[1:])])

    def _suite(self, original: cst.CSTNode, updated: cst.SimpleStatementSuite) -> _Result:
        assert isinstance(original, cst.SimpleStatementSuite)
        smalls = self._smalls(original.body, updated.body)
        if smalls is None:
            return updated
        changed = updated.with_changes(body=_separated(smalls) or [cst.Pass()])
        if not smalls:
            self._emptied.add(changed)
        return changed

    def _block(self, original: cst.CSTNode, updated: cst.IndentedBlock) -> _Result:
        assert isinstance(original, cst.IndentedBlock)
        changed = without_empty_lines(updated)
        if original.body and not changed.body:
            changed = changed.with_changes(body=[cst.SimpleStatementLine([cst.Pass()])])
            self._emptied.add(changed)
        return changed


def line_of(small: cst.BaseSmallStatement) -> cst.SimpleStatementLine:
    """A line with one statement."""
    return cst.SimpleStatementLine([small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])


def without_empty_lines(block: _Block) -> _Block:
    """A block without the lines that hold no statement; their comments go to what follows."""
    body, left = _kept(block.body)
    if len(body) == len(block.body):
        return block
    return cast(_Block, block.with_changes(body=body, footer=(*left, *block.footer)))


def _kept(statements: Sequence[cst.CSTNode]) -> tuple[list[cst.CSTNode], Sequence[cst.EmptyLine]]:
    """The lines that hold something, and the comments that no line follows."""
    body: list[cst.CSTNode] = []
    gone: list[cst.CSTNode] = []
    for statement in statements:
        if isinstance(statement, cst.SimpleStatementLine) and _GONE in statement.body:
            gone.append(statement)
            continue
        body.append(in_place_of(gone, statement))
        gone = []
    return body, [line for each in gone for line in _comments(_above(each))]


def in_place_of(gone: Sequence[cst.CSTNode], statement: cst.CSTNode) -> cst.CSTNode:
    """A statement that follows what was above it, now that `gone` is not there any more: with the
    comments of that, or its blank lines if it has none of its own."""
    lines = [line for each in gone for line in _comments(_above(each))]
    if not lines and gone and not _above(statement):
        lines = list(_above(gone[0]))
    return with_lines_above(statement, lines) if lines else statement


def without_blank_top(module: cst.Module) -> cst.Module:
    """A file that does not begin with blank lines."""
    header = _from_comment(module.header)
    if header or not module.body:
        return module.with_changes(header=header)
    first = module.body[0].with_changes(leading_lines=_from_comment(_above(module.body[0])))
    return module.with_changes(header=(), body=[first, *module.body[1:]])


def _from_comment(lines: Sequence[cst.EmptyLine]) -> Sequence[cst.EmptyLine]:
    """Lines from the first comment on."""
    comments = [index for index, line in enumerate(lines) if line.comment is not None]
    return lines[comments[0] :] if comments else ()


def with_lines_above(statement: cst.CSTNode, lines: Iterable[cst.EmptyLine]) -> cst.CSTNode:
    """A statement with more lines above those that it has."""
    return statement.with_changes(leading_lines=(*lines, *_above(statement)))


def _above(statement: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    return tuple(getattr(statement, "leading_lines", ()))


def _comments(lines: Sequence[cst.EmptyLine]) -> Sequence[cst.EmptyLine]:
    return lines if any(line.comment is not None for line in lines) else ()


def _separated(smalls: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
    """Statements for one line; the last one has no semicolon."""
    if not smalls:
        return []
    last = smalls[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return [*smalls[:-1], last]
