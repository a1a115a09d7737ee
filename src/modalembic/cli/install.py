"""`install` and `uninstall`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.run_options import RUN_OPTIONS
from modalembic.cli.running import progress_of, run_to_end
from modalembic.errors import NotConfirmed, UsageError

if TYPE_CHECKING:
    from modalembic.runtime.options import Options
    from modalembic.runtime.uninstall.preview import Preview

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what it would do, do nothing.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "install", options=RUN_OPTIONS)(_install)
    command(app, "uninstall", options=RUN_OPTIONS)(_uninstall)


def _install(
    frame: Frame,
    options: Options,
    modules: Annotated[list[str], typer.Argument(help="The modules.", metavar="MODULE...")],
    dry_run: DryRun = False,
) -> int:
    """Give the database modules, and what they require."""
    from modalembic.reporting.installed import (
        install_document,
        install_lines,
        to_install_document,
        to_install_lines,
    )
    from modalembic.runtime.install import install, plan_install

    project = frame.load()
    progress = progress_of(frame)
    if dry_run:
        planned = plan_install(
            project, modules, database=frame.database, options=options, observer=progress
        )
        frame.show(
            lambda: to_install_document(project.graph, planned), lambda: to_install_lines(planned)
        )
        return 0
    return run_to_end(
        frame,
        progress,
        ", ".join(modules),
        lambda: install(
            project, modules, database=frame.database, options=options, observer=progress
        ),
        install_document,
        install_lines,
    )


def _uninstall(
    frame: Frame,
    options: Options,
    module: Annotated[str, typer.Argument(help="The module.", metavar="MODULE")],
    backup: Annotated[
        Path | None,
        typer.Option(
            "--backup",
            help="Where its tables are saved first (MODULE-TIME.dump).",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Do not save its tables first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
) -> int:
    """Save a module's tables, and undo its revisions.

    Shows every table, row count and dependent, and asks for the module's name.
    """
    from modalembic.reporting.installed import (
        preview_document,
        preview_lines,
        uninstall_document,
        uninstall_lines,
    )
    from modalembic.runtime.uninstall.command import preview_uninstall, uninstall

    if backup is not None and no_backup:
        raise UsageError("--backup and --no-backup do not go together")
    project = frame.load()
    progress = progress_of(frame)
    preview = preview_uninstall(project, module, database=frame.database, options=options)
    if dry_run:
        frame.show(lambda: preview_document(project.graph, preview), lambda: preview_lines(preview))
        preview.require_free()
        return 0
    preview.require_free()
    file = None if no_backup else (backup or _default_file(module)).absolute()
    if not yes:
        _ask(frame, preview, file)
    return run_to_end(
        frame,
        progress,
        f"{module}@base",
        lambda: uninstall(
            project,
            module,
            backup=file,
            database=frame.database,
            options=options,
            observer=progress,
        ),
        uninstall_document,
        uninstall_lines,
    )


def _default_file(module: str) -> Path:
    return Path(f"{module}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump")


def _ask(frame: Frame, preview: Preview, file: Path | None) -> None:
    """Show what goes, and have the module's name typed. Raises NotConfirmed."""
    from modalembic.reporting.installed import preview_lines

    frame.tell(preview_lines(preview))
    if not sys.stdin.isatty():
        raise NotConfirmed(
            f"uninstall {preview.module} was not confirmed: there is no terminal to ask on",
            hint="read what is above, and give --yes; nothing was done",
        )
    saved = "without a backup" if file is None else f"saved in {file} first"
    print(f"Type {preview.module} to uninstall it ({saved}): ", end="", flush=True, file=sys.stderr)
    if sys.stdin.readline().strip() != preview.module:
        raise NotConfirmed(
            f"{preview.module} was not uninstalled: the word was another one",
            hint="nothing was done",
        )
