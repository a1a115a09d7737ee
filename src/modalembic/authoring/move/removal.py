"""Taking re-exports away that nobody uses any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modalembic.authoring.changes import ChangeSet
from modalembic.authoring.move.command import PlannedMove, proven
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.tree import SourceTree
from modalembic.checks.structure.reexports import shown_uses
from modalembic.checks.structure.shims import shims
from modalembic.checks.structure.uses import Use, Uses, uses_of
from modalembic.errors import SourceNotFound, StillImported
from modalembic.project import Project


@dataclass(frozen=True)
class PlannedRemoval:
    """A removal that is proven and not written: `move` has what goes, and where it leads; `kept`
    are the re-exports that somebody uses, each with the uses."""

    move: PlannedMove
    kept: tuple[tuple[Place, tuple[Use, ...]], ...]


def plan_removal(project: Project, places: Sequence[Place] = ()) -> PlannedRemoval:
    """Work out which re-exports of earlier moves can go: of all that there are, those that nobody
    uses; or `places` (files, packages with all below them, single names), which then have to be
    unused. Nothing is written.

    Raises SourceNotFound, StillImported, and what proving a move raises.
    """
    project.require_sound()
    tree = SourceTree.of(project)
    found = uses_of(project, [shim for shim in shims(project) if shim.marked])
    for place in places:
        _refuse(project, found, place)
    moves: list[Move] = []
    kept = []
    for uses in found:
        for name in sorted(uses.shim.names):
            if places and not any(_is_meant(uses, name, place) for place in places):
                continue
            if uses.of(name):
                kept.append((Place(uses.shim.name, name), uses.of(name)))
            else:
                moves += _move(tree, uses, name)
    if not moves:
        nothing = PlannedMove((), ChangeSet.of(tree.root, ()), {}, (), ())
        return PlannedRemoval(nothing, tuple(kept))
    return PlannedRemoval(proven(project, tree, moves, shim=False, packages=False), tuple(kept))


def _refuse(project: Project, found: Sequence[Uses], place: Place) -> None:
    """Raise for a place without a re-export, and for one that is still used."""
    meant = [(u, n) for u in found for n in u.shim.names if _is_meant(u, n, place)]
    if not meant:
        raise SourceNotFound(
            f"no move has left a re-export at {place}; nothing was written",
            hint="`modalembic check structure` lists those that there are",
        )
    uses = sorted({use for each, name in meant for use in each.of(name)})
    if uses:
        raise StillImported(
            f"{place} is still used by {shown_uses(project, tuple(uses))}; nothing was written",
            hint=f"`modalembic move {_command(meant, place)} --no-shim` rewrites them, but for "
            "revision files; without a name --remove-shims takes only what nobody uses",
            path=uses[0].path,
            line=uses[0].line,
        )


def _command(meant: Sequence[tuple[Uses, str]], place: Place) -> str:
    targets = {uses.shim.names[name].partition(":")[0] for uses, name in meant}
    return f"{place} {min(targets)}" if len(targets) == 1 else "SOURCE TARGET"


def _is_meant(uses: Uses, name: str, place: Place) -> bool:
    if place.name is not None:
        return place == Place(uses.shim.name, name)
    return f"{uses.shim.name}.".startswith(f"{place.module}.")


def _move(tree: SourceTree, uses: Uses, name: str) -> Iterator[Move]:
    source = tree.file_of(uses.shim.name)
    if source is not None and not tree.is_kept(source.path):
        yield Move(source, name, uses.shim.names[name].partition(":")[0], settled=True)
