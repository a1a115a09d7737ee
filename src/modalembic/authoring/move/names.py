"""Every name that a part of a file has in it, strings and comments for type checkers included."""

from __future__ import annotations

import libcst as cst


def names_in(node: cst.CSTNode) -> frozenset[str]:
    """All names of `node`, whatever they mean there."""
    finder = _Names()
    node.visit(finder)
    return frozenset(finder.found)


class _Names(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.found.add(node.value)

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        if isinstance(node.evaluated_value, str):
            self.found.update(words(node.evaluated_value))

    def visit_Comment(self, node: cst.Comment) -> None:
        if node.value.removeprefix("#").lstrip().startswith("type:"):
            self.found.update(words(node.value))


def words(text: str) -> list[str]:
    """The identifiers in a text."""
    letters = "".join(each if each.isalnum() or each == "_" else " " for each in text)
    return [word for word in letters.split() if word.isidentifier()]
