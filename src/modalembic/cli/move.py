"""`move`: code changes its module, the database does not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.written import DryRunOption, show_changes
from modalembic.errors import LibCSTMissing, UsageError

if TYPE_CHECKING:
    from modalembic.authoring.move.command import PlannedMove
    from modalembic.authoring.move.removal import PlannedRemoval
    from modalembic.checks.structure.uses import Use
    from modalembic.project import Project


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "move")(_move)


def _move(
    frame: Frame,
    places: Annotated[
        list[str] | None,
        typer.Argument(
            help="What moves (a.b, a.b:Name), and last the target: a module, or a dotted path.",
            metavar="SOURCE... TARGET",
        ),
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from-file", help="A plan of many moves.", metavar="FILE")
    ] = None,
    no_shim: Annotated[
        bool, typer.Option("--no-shim", help="Leave no re-export, or take it away.")
    ] = False,
    remove_shims: Annotated[
        bool,
        typer.Option(
            "--remove-shims", help="Take re-exports away that nobody uses: all, or those named."
        ),
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take the last move back, but for its revisions.")
    ] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Move models and other code to another module.

    The result is proven on a copy first; the database stays as it is.
    """
    given = [bool(places) and not remove_shims, from_file is not None, remove_shims, undo]
    if sum(given) != 1:
        raise UsageError(
            "move takes SOURCE and TARGET, or --from-file, or --remove-shims, or --undo",
            hint="as in modalembic move app.models.invoice billing",
        )
    project = frame.load()
    if undo:
        _undo(frame, project, dry_run=dry_run)
        return
    if remove_shims:
        _remove(frame, project, tuple(places or ()), dry_run=dry_run)
        return
    planned = _planned(project, tuple(places or ()), from_file, shim=not no_shim)
    if not dry_run:
        from modalembic.authoring.move.command import write_move

        write_move(project, planned)
    _show(frame, planned, dry_run=dry_run)


def _planned(
    project: Project, places: tuple[str, ...], from_file: Path | None, *, shim: bool
) -> PlannedMove:
    _require_libcst()
    from modalembic.authoring.move.command import plan_move
    from modalembic.authoring.move.requests import request_of, requests_in
    from modalembic.authoring.move.tree import SourceTree

    tree = SourceTree.of(project)
    if from_file is not None:
        requests = requests_in(tree, from_file)
    else:
        requests = (request_of(tree, places),)
    return plan_move(project, requests, shim=shim)


def _show(frame: Frame, planned: PlannedMove, *, dry_run: bool) -> None:
    if not frame.quiet:
        frame.tell([f"{old} -> {new}" for old, new in planned.moved])
        frame.tell(planned.notes)
    about = {
        "moved": [{"from": str(old), "to": str(new)} for old, new in planned.moved],
        "tables": {module: list(tables) for module, tables in planned.tables.items()},
        "revisions": [str(path) for path in planned.revisions],
        "notes": list(planned.notes),
    }
    following = ["run the application's tests, and commit"]
    if planned.revisions:
        following.append("`modalembic upgrade heads`, which runs only the empty transfers")
    following.append("`modalembic move --undo` takes the source back")
    show_changes(frame, planned.changes, about, following, dry_run=dry_run)


def _remove(frame: Frame, project: Project, places: tuple[str, ...], *, dry_run: bool) -> None:
    _require_libcst()
    from modalembic.authoring.move.command import write_move
    from modalembic.authoring.move.removal import plan_removal
    from modalembic.authoring.move.requests import places_of
    from modalembic.authoring.move.tree import SourceTree

    tree = SourceTree.of(project)
    named = [place for text in places for place in places_of(tree, text)]
    planned = plan_removal(project, named)
    if planned.move.moved and not dry_run:
        write_move(project, planned.move)
    if not frame.quiet:
        frame.tell(f"{place} is kept: used by {_lines(uses)}" for place, uses in planned.kept)
        frame.tell(planned.move.notes)
    following = ["run the application's tests, and commit"] if planned.move.moved else []
    also = [] if planned.move.moved else ["there is no re-export that nobody uses"]
    show_changes(
        frame, planned.move.changes, _removal(planned), following, dry_run=dry_run, also=also
    )


def _lines(uses: Iterable[Use]) -> str:
    return ", ".join(f"{use.path}:{use.line}" for use in uses)


def _removal(planned: PlannedRemoval) -> dict[str, Any]:
    return {
        "removed": [{"from": str(old), "to": str(new)} for old, new in planned.move.moved],
        "kept": [
            {
                "from": str(place),
                "used_by": [{"path": str(use.path), "line": use.line} for use in uses],
            }
            for place, uses in planned.kept
        ],
        "notes": list(planned.move.notes),
    }


def _undo(frame: Frame, project: Project, *, dry_run: bool) -> None:
    from modalembic.authoring.move.undo import undo_move

    last, changes = undo_move(project, dry_run=dry_run)
    if not frame.quiet:
        frame.tell(f"taken back: {moved}" for moved in last.moved)
    following = ["its transfers stay: a database may have run them"]
    show_changes(frame, changes, {"undone": list(last.moved)}, following, dry_run=dry_run)


def _require_libcst() -> None:
    from importlib.util import find_spec

    if find_spec("libcst") is None:
        raise LibCSTMissing(
            "move edits source with LibCST, which is not installed",
            hint='pip install "modalembic[authoring]"',
        )
