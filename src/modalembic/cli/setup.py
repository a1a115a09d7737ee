"""`init`: an environment for a project that has none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modalembic.cli.frame import Frame, command


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "init")(_init)


def _init(
    frame: Frame,
    directory: Annotated[
        Path | None, typer.Argument(help="The project's directory (default: this one).")
    ] = None,
    template: Annotated[
        str, typer.Option("--template", help="modular or modular-async.", metavar="NAME")
    ] = "modular",
    modules: Annotated[
        list[str] | None,
        typer.Option("--modules", help="Where modules are (app/modules/*).", metavar="GLOB"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the files, write none.")] = False,
) -> None:
    """Lay down configuration, env.py and script.py.mako."""
    from modalembic.authoring.init import plan_init, write_files
    from modalembic.reporting.text import shown

    target = directory or frame.project or Path.cwd()
    files = plan_init(target, template=template, modules=tuple(modules or ("app/modules/*",)))
    if not dry_run:
        write_files(files)
    verb = "would write" if dry_run else "wrote"
    frame.show(
        lambda: {"files": [str(file.path) for file in files], "written": not dry_run},
        lambda: [
            *(f"{verb} {shown(file.path)}" for file in files),
            *(() if dry_run else ("next: `modalembic modules`, then `modalembic upgrade heads`",)),
        ],
    )
