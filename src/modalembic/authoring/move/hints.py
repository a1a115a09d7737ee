"""What to do about a circle of imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst
from libcst import matchers

from modalembic.authoring.move.carried import Carried, imports_at_top
from modalembic.authoring.move.names import names_in
from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.tree import SourceTree


def base_class_hint(tree: SourceTree, moves: Iterable[Move], message: str) -> str | None:
    """Which base class to move out of the old package first; None where that is not what closes
    the circle. `message` names the modules of the circle."""
    for move in moves:
        parent = move.old.module.rpartition(".")[0]
        for module in (parent, move.old.module):
            if module and f" {module} " in f" {message.replace(';', ' ')} ":
                for imported in _bases(tree, move.target, module):
                    return (
                        f"{move.target} builds on {imported.name} of {imported.module}: move that "
                        f"out of {module} first"
                    )
    return None


def _bases(tree: SourceTree, target: str, package: str) -> Iterator[Carried]:
    """What a moved file imports from the old package, base classes first."""
    file = tree.file_of(target)
    if file is None:
        return
    module = parse_source(tree.read(file.path), file.path)
    bases: set[str] = set()
    for node in matchers.findall(module, matchers.ClassDef()):
        assert isinstance(node, cst.ClassDef)
        for base in node.bases:
            bases |= names_in(base)
    found = [
        each
        for each, _ in imports_at_top(file, module)
        if not each.typing and each.name is not None and f"{each.module}.".startswith(f"{package}.")
    ]
    yield from (each for each in found if each.binds in bases)
    yield from (each for each in found if each.binds not in bases)
