"""`revision`: a new revision file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.written import DryRunOption, show_changes
from modalembic.errors import UsageError

if TYPE_CHECKING:
    from modalembic.authoring.revision import PlannedRevision


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "revision")(_revision)


def _revision(
    frame: Frame,
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="What the revision says of itself.")
    ] = None,
    module: Annotated[
        str | None,
        typer.Option("--module", help="The module that gets the revision.", metavar="NAME"),
    ] = None,
    transfer: Annotated[
        str | None,
        typer.Option(
            "--transfer",
            help="Make it depend on the head of this module, which had tables before.",
            metavar="FROM",
        ),
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option("--table", help="A table that it takes over (repeatable).", metavar="TABLE"),
    ] = None,
    autogenerate: Annotated[
        bool,
        typer.Option("--autogenerate", help="One for each module whose models have changed."),
    ] = False,
    renames: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            help="A table, table.column or enum.label that has another name (repeatable).",
            metavar="OLD=NEW",
        ),
    ] = None,
    no_rename: Annotated[
        bool, typer.Option("--no-rename", help="What is gone is dropped, whatever is new.")
    ] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Write revisions: what models changed, or an empty one."""
    if autogenerate:
        from modalembic.cli.autogenerate import autogenerate as generate

        if transfer is not None or tables:
            raise UsageError(
                "--autogenerate writes what models have changed, and no transfer",
                hint="--transfer FROM --module TO -m TEXT is a command of its own",
            )
        generate(
            frame, message or "", module, tuple(renames or ()), no_rename=no_rename, dry_run=dry_run
        )
        return
    if renames or no_rename:
        raise UsageError("--rename and --no-rename are for --autogenerate")
    from modalembic.authoring.revision import plan_revision, write_revision

    if module is None:
        raise UsageError(
            "which module gets the revision?",
            hint='--module NAME -m "what it does"; or --autogenerate, for all that have changed',
        )
    project = frame.load()
    planned = plan_revision(
        project, module, message or "", transfer=transfer, tables=tuple(tables or ())
    )
    if dry_run:
        planned.changes.check()
    else:
        write_revision(project, planned)
    show_changes(frame, planned.changes, _about(planned), [_next(planned)], dry_run=dry_run)


def _about(planned: PlannedRevision) -> dict[str, Any]:
    return {
        "module": planned.module,
        "revision": planned.revision,
        "down_revision": planned.down_revision,
        "depends_on": list(planned.depends_on),
        "transfer": planned.source,
        "tables": list(planned.tables),
    }


def _next(planned: PlannedRevision) -> str:
    if planned.source is not None:
        return f"commit it: what {planned.module} does to the tables from now on comes after it"
    return f"write it: {planned.changes.name(planned.path)}"
