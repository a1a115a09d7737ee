"""`revision --autogenerate` as a command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modalembic.cli.written import show_changes

if TYPE_CHECKING:
    from modalembic.authoring.autogenerate.command import Generated, PlannedRevisions
    from modalembic.authoring.autogenerate.label_renames import LabelRename
    from modalembic.authoring.autogenerate.renames import Rename
    from modalembic.cli.frame import Frame


def autogenerate(
    frame: Frame,
    message: str,
    module: str | None,
    renames: tuple[str, ...],
    *,
    no_rename: bool,
    dry_run: bool,
) -> None:
    """Write the revisions, or show them, and tell what is dangerous and what is left to do."""
    from modalembic.authoring.autogenerate.command import plan_revisions, write_revisions
    from modalembic.authoring.autogenerate.renames import Wanted
    from modalembic.cli.running import lines_of

    project = frame.load()
    observer = lines_of(frame)
    asking = sys.stdin.isatty() and sys.stderr.isatty() and not frame.json
    wanted = Wanted(renames, no_others=no_rename, ask=_asked if asking else None)
    planned = plan_revisions(
        project,
        message,
        module=module,
        renames=wanted,
        database=frame.database if frame.database != "none" else None,
        observer=observer,
    )
    if dry_run:
        planned.changes.check()
    elif planned.revisions:
        write_revisions(project, planned)
    frame.tell(_remarks(planned))
    show_changes(frame, planned.changes, _about(planned), _next(planned), dry_run=dry_run)


def _asked(rename: Rename | LabelRename) -> bool:
    import typer

    old, new = rename.told
    return typer.confirm(f"{old} is gone and {new} is new: is that another name for it?", err=True)


def _remarks(planned: PlannedRevisions) -> Iterator[str]:
    """What has to be looked at."""
    if not planned.revisions and not planned.left:
        yield "the models and the migrations agree: there is nothing to write"
    for each in planned.revisions:
        for what in each.destructive:
            yield f"destructive: {each.place.id} of {each.module} {what}"
        for what in each.warnings:
            yield f"look at it: {each.place.id} of {each.module} {what}"
        for what in each.stays:
            yield f"not undone: the downgrade of {each.place.id} of {each.module} leaves {what}"
    for what in planned.left:
        yield f"left to do by hand: {what}"


def _about(planned: PlannedRevisions) -> dict[str, Any]:
    return {
        "revisions": [_revision(each) for each in planned.revisions],
        "left": list(planned.left),
    }


def _revision(each: Generated) -> dict[str, Any]:
    place = each.place
    return {
        "module": each.module,
        "revision": place.id,
        "down_revision": place.down,
        "depends_on": [
            {"revision": need.revision, "module": need.module, "because": need.why}
            for need in place.needs
        ],
        "path": str(each.path),
        "destructive": list(each.destructive),
        "warnings": list(each.warnings),
        "stays": list(each.stays),
    }


def _next(planned: PlannedRevisions) -> list[str]:
    if not planned.revisions:
        return []
    return ["read what was written, then `modalembic upgrade heads`"]
