"""Stubs (`.pyi`) beside files that move."""

from __future__ import annotations

from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.authoring.move.trimming import spelled_out
from modalembic.errors import MoveUnclear


def move_stub(tree: SourceTree, source: SourceFile, target: str) -> None:
    """Have the stub of a file, if there is one, go along to the module `target`, which is there."""
    stub = source.path.with_suffix(".pyi")
    found = tree.file_of(target)
    if not tree.exists(stub) or found is None:
        return
    module = parse_source(tree.read(stub), stub)
    moved = spelled_out(SourceFile(stub, source.module), module)
    tree.write(found.path.with_suffix(".pyi"), moved.bytes)
    tree.write(stub, None)


def refuse_stub(tree: SourceTree, source: SourceFile) -> None:
    """Raise MoveUnclear where single names of a file would move, and a stub says the same names."""
    stub = source.path.with_suffix(".pyi")
    if stub != source.path and tree.exists(stub):
        raise MoveUnclear(
            f"{stub.name} lies beside {source.path.name}, and says what is in it; single names "
            "cannot move; nothing was written",
            hint="move the whole file, or take the stub away first",
            path=stub,
        )
