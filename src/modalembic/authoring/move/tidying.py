"""The old places and the new ones, as a person would leave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from modalembic.authoring.changes import Change
from modalembic.authoring.files import as_bytes
from modalembic.authoring.move.order import in_order
from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.replace import without_blank_top
from modalembic.authoring.move.tree import SourceFile, SourceTree

if TYPE_CHECKING:
    import libcst as cst


def tidy(
    tree: SourceTree, moves: Sequence[Move], packages: Iterable[SourceFile], width: int
) -> None:
    """Sort the imports of files that had them sorted, and leave no blank lines at the top. Files
    that only use what has moved had their imports replaced in place, and are not gone through."""
    sources = {file.path for file in packages} | {move.source.path for move in moves}
    targets = {move.target for move in moves}
    for change in tree.changes().changes:
        if change.after is None or change.path.suffix not in {".py", ".pyi"}:
            continue
        module = tree.module_of(change.path)
        if change.before is None or change.path in sources or module in targets:
            after = parse_source(tree.read(change.path), change.path)
            before = _before(change, module, moves) or after
            own = (module or "").partition(".")[0]
            content = without_blank_top(in_order(before, after, own, width)).bytes
            if content != after.bytes:
                tree.write(change.path, content)


def _before(change: Change, module: str | None, moves: Iterable[Move]) -> cst.Module | None:
    """What a file was, at its old place if it has moved."""
    if change.before is not None:
        return parse_source(as_bytes(change.before), change.path)
    for move in moves:
        if move.name is None and move.target == module:
            return parse_source(move.source.path.read_bytes(), move.source.path)
    return None
