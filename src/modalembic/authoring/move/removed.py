"""Strings that name a file which is no longer there once its last name has moved."""

from __future__ import annotations

from collections.abc import Iterable

from modalembic.authoring.move.concerned import strings_of
from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.relocations import Place, Relocations
from modalembic.authoring.move.replace import Replacements
from modalembic.authoring.move.strings import StringRewriter
from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.errors import StillImported


def follow_removed(tree: SourceTree, moves: Iterable[Move], keep: frozenset[str]) -> None:
    """Have strings that are the dotted name of a removed file (an entry of Celery's `include`, say)
    name the place to which its names went. `keep` are the names of tasks.

    Raises StillImported where that are several.
    """
    targets: dict[SourceFile, set[str]] = {}
    for move in moves:
        if move.name is not None and not tree.exists(move.source.path):
            targets.setdefault(move.source, set()).add(move.target)
    for source, found in sorted(targets.items()):
        _follow(tree, source.module or "", sorted(found), keep)


def _follow(tree: SourceTree, module: str, targets: list[str], keep: frozenset[str]) -> None:
    for file in list(tree.mentioning([module])):
        lines = [n for name, n in strings_of(file, tree.read(file.path)) if name == module]
        if not lines:
            continue
        if len(targets) > 1:
            raise StillImported(
                f"{file.path.name} names {module}, of which nothing is left: its names move to "
                f"{' and '.join(targets)}; nothing was written",
                hint="leave out --no-shim, or name the new places there",
                path=file.path,
                line=lines[0],
            )
        parsed = parse_source(tree.read(file.path), file.path)
        wanted = Replacements()
        relocations = Relocations.of([(module, Place(targets[0]))])
        parsed.visit(StringRewriter(relocations, keep, wanted))
        if wanted:
            tree.write(file.path, wanted.applied(parsed).bytes)
