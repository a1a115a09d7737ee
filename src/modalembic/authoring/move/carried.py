"""Imports that go along with a definition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst import matchers

from modalembic.authoring.move.parsed import dotted_of
from modalembic.authoring.move.statements import (
    Imported,
    import_from,
    import_module_node,
    imported,
)
from modalembic.authoring.move.toplevel import is_type_checking, small_statements
from modalembic.authoring.move.tree import SourceFile


@dataclass(frozen=True)
class Carried:
    """An import that a file needs: of `name` in `module`, or of the module itself (`name` is None;
    `local` too if it is not renamed). `typing` says that only type checkers need it."""

    module: str
    name: str | None
    local: str | None
    typing: bool = False
    comment: str | None = None

    @property
    def binds(self) -> str:
        """The name that it binds."""
        return self.local or (self.name or self.module).partition(".")[0]

    @property
    def means(self) -> tuple[str, str | None]:
        """What that name then is."""
        if self.name is None:
            return (self.module if self.local else self.module.partition(".")[0], None)
        return self.module, self.name

    def node(self, width: int) -> cst.Import | cst.ImportFrom:
        """The statement."""
        if self.name is None:
            return import_module_node(self.module, self.local)
        return import_from(self.module, [self.imported], width=width)

    @property
    def imported(self) -> Imported:
        """The name as it stands in a `from … import`."""
        assert self.name is not None
        explicit = self.local == self.name
        return Imported(self.name, self.local or self.name, self.comment, explicit=explicit)


def imports_at_top(file: SourceFile, module: cst.Module) -> Iterator[tuple[Carried, int]]:
    """What the top level of a file imports without a condition (TYPE_CHECKING aside), each with the
    index of the statement. Relative imports are told absolutely."""
    for index, statement in enumerate(module.body):
        smalls: Sequence[cst.CSTNode] = small_statements(statement)
        typing = is_type_checking(statement)
        if typing:
            assert isinstance(statement, cst.If)
            smalls = matchers.findall(statement.body, matchers.Import() | matchers.ImportFrom())
        for small in smalls:
            for each in carried_of(file, small, typing=typing):
                yield each, index


def carried_of(file: SourceFile, small: cst.CSTNode, *, typing: bool) -> Iterator[Carried]:
    """What one statement imports; nothing for any other statement, or a star."""
    match small:
        case cst.Import():
            for alias in small.names:
                yield Carried(alias.evaluated_name, None, alias.evaluated_alias, typing)
        case cst.ImportFrom(names=names) if not isinstance(names, cst.ImportStar):
            origin = file.absolute(len(small.relative), dotted_of(small.module) or "")
            for alias in names if origin is not None else ():
                given = imported(alias)
                local = alias.evaluated_alias
                yield Carried(origin or "", given.name, local, typing, given.comment)
