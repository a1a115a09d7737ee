"""`merge` and `rebase`: one module's several heads into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.written import DryRunOption, show_changes
from modalembic.errors import UsageError

if TYPE_CHECKING:
    from modalembic.project import Project

ModuleArgument = Annotated[str, typer.Argument(help="The module.", metavar="MODULE")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "merge")(_merge)
    command(app, "rebase")(_rebase)


def _merge(
    frame: Frame,
    module: ModuleArgument,
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="What the revision says of itself.")
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Join a module's heads by a revision."""
    from modalembic.authoring.merge import plan_merge, write_merge

    project = frame.load()
    merge = plan_merge(project, module, message=message)
    if dry_run:
        merge.changes.check()
    else:
        write_merge(project, merge)
    about = {"module": module, "revision": merge.revision, "down_revision": list(merge.heads)}
    show_changes(
        frame, merge.changes, about, ["commit it, and `modalembic upgrade heads`"], dry_run=dry_run
    )


def _rebase(
    frame: Frame,
    module: ModuleArgument,
    base: Annotated[
        str | None,
        typer.Option("--base", help="The git reference that has the other line.", metavar="REF"),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Put new revisions of a module on top of the base's.

    New are those that the base does not have. With --database, what it has run is refused.
    """
    from modalembic.authoring.rebase import plan_rebase

    project = frame.load()
    reference = base or project.configuration.base
    if reference is None:
        raise UsageError(
            "rebase needs the git reference that has the other line",
            hint=f'modalembic rebase {module} --base origin/main, or base = "origin/main" in the '
            "configuration",
        )
    rebase = plan_rebase(project, module, reference, applied=_applied(frame, project))
    if dry_run:
        rebase.changes.check()
    else:
        rebase.changes.apply()
    moved = [
        {"revision": each.revision, "before": each.before, "down_revision": each.after}
        for each in rebase.revisions
    ]
    if not rebase.revisions and not frame.quiet:
        frame.tell([f"the revisions of {module} stand on {reference} already"])
    show_changes(
        frame,
        rebase.changes,
        {"module": module, "onto": rebase.onto, "revisions": moved},
        ["look at the diff, and commit it"] if rebase.changes.changes else [],
        dry_run=dry_run,
    )


def _applied(frame: Frame, project: Project) -> frozenset[str]:
    """What the database that --database names has run."""
    if frame.database is None:
        return frozenset()
    from modalembic.runtime.question import ask

    answer = ask(project, frame.database)
    return frozenset() if answer is None else frozenset(answer.situation.state.applied)
