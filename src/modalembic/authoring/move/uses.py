"""Which statements of a file's top level use which of its names."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from modalembic.authoring.move.names import words
from modalembic.authoring.move.parsed import Parsed, dotted_of

_MAPPED = frozenset(
    {"Mapped", "WriteOnlyMapped", "DynamicMapped", "AppenderMapped", "relationship", "Relationship"}
)
_MODULE_NAMES = frozenset(
    {"__name__", "__file__", "__package__", "__path__", "__spec__", "__doc__"}
)


class Uses:
    """Uses of global names, by the index of the statement. A use is *late* if SQLAlchemy looks the
    name up by itself: in a string annotation of a mapped attribute."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._index: dict[cst.CSTNode, int] = {}
        self._mapped: set[cst.CSTNode] = set()
        for index, statement in enumerate(parsed.module.body):
            statement.visit(_Indexer(index, self._index, self._mapped))

    @cached_property
    def early(self) -> dict[int, set[str]]:
        """The names that each statement needs to have."""
        return self._collected(late=False)

    @cached_property
    def late(self) -> dict[int, set[str]]:
        """The names that each statement uses in mapped annotations."""
        return self._collected(late=True)

    def of(self, index: int) -> set[str]:
        """All names that a statement uses."""
        return self.early.get(index, set()) | self.late.get(index, set())

    def users(self, name: str) -> set[int]:
        """The statements that use a name, in whatever way."""
        return {index for index in range(len(self._parsed.module.body)) if name in self.of(index)}

    @cached_property
    def unbound(self) -> dict[str, set[int]]:
        """Names that nothing in the file binds: those of star imports. Builtins are left out."""
        found: dict[str, set[int]] = {}
        for scope in {each for each in self._parsed.scopes.values() if each is not None}:
            for access in scope.accesses:
                name = (dotted_of(access.node) or "").partition(".")[0]
                if access.referents or not name or name in _MODULE_NAMES or hasattr(builtins, name):
                    continue
                if access.node in self._index:
                    found.setdefault(name, set()).add(self._index[access.node])
        return found

    def of_module(self, index: int) -> set[str]:
        """Which of `__name__` and its like a statement uses."""
        finder = _ModuleNames()
        self._parsed.module.body[index].visit(finder)
        return finder.found

    def _collected(self, *, late: bool) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for name, node in self._accesses():
            index = self._index.get(node)
            if index is not None and (node in self._mapped) == late:
                found.setdefault(index, set()).add(name)
        if not late:
            for index, statement in enumerate(self._parsed.module.body):
                found.setdefault(index, set()).update(_type_comments(statement))
        return found

    def _accesses(self) -> Iterator[tuple[str, cst.CSTNode]]:
        for assignment in self._parsed.global_scope.assignments:
            for access in assignment.references:
                yield assignment.name.partition(".")[0], access.node


class _Indexer(cst.CSTVisitor):
    """Notes for each node below a statement its index, and which strings are annotations of mapped
    attributes."""

    def __init__(
        self, index: int, indices: dict[cst.CSTNode, int], mapped: set[cst.CSTNode]
    ) -> None:
        super().__init__()
        self._number = index
        self._indices = indices
        self._mapped = mapped
        self._inside = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        self._indices[node] = self._number
        if _is_mapped(node):
            self._inside += 1
        elif self._inside and isinstance(node, cst.SimpleString | cst.ConcatenatedString):
            self._mapped.add(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if _is_mapped(original_node):
            self._inside -= 1


class _ModuleNames(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        if node.value in _MODULE_NAMES - {"__doc__"}:
            self.found.add(node.value)


def _is_mapped(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.Subscript)
        and (dotted_of(node.value) or "").rpartition(".")[2] in _MAPPED
    )


def _type_comments(statement: cst.CSTNode) -> Iterator[str]:
    """The names in `# type:` comments, which only type checkers read."""
    code = cst.Module([]).code_for_node(statement)
    if "# type:" not in code:
        return
    for line in code.splitlines():
        _, found, comment = line.partition("# type:")
        if found:
            yield from words(comment)
