"""What commands that write the project's files have in common: `--dry-run`, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from modalembic.authoring.changes import ChangeSet
    from modalembic.cli.frame import Frame

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be written, as a diff.")
]
_DONE = {"create": "wrote", "change": "changed", "remove": "removed"}


def show_changes(
    frame: Frame,
    changes: ChangeSet,
    about: dict[str, Any],
    following: Sequence[str],
    *,
    dry_run: bool,
    also: Sequence[str] = (),
) -> None:
    """Tell what was written, or would be; `about` are more fields of the document, `following` what
    to do next, `also` lines that belong to the result, without `dry_run` and with it."""
    document = {
        **about,
        "files": [str(change.path) for change in changes.changes],
        "written": not dry_run,
        "diff": changes.diff() if dry_run else None,
        "next": list(following),
    }
    done = [f"{_DONE[change.verb]} {changes.name(change.path)}" for change in changes.changes]
    told = changes.diff().splitlines() if dry_run else done
    next_lines = [] if dry_run else [f"next: {step}" for step in following]
    frame.show(lambda: document, lambda: [*told, *also, *next_lines])
