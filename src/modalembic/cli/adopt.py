"""`adopt`: an existing Alembic project becomes a modular one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.written import DryRunOption, show_changes

if TYPE_CHECKING:
    from modalembic.authoring.adopt.plan import Adoption


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "adopt")(_adopt)


def _adopt(
    frame: Frame,
    ini: Annotated[
        Path | None,
        typer.Option("-c", "--alembic-config", help="Alembic's configuration.", metavar="FILE"),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help="What the old history is called (its label, or legacy)."),
    ] = None,
    modules: Annotated[
        list[str] | None,
        typer.Option(
            "--modules", help="Where modules are (app/modules/*, if it is there).", metavar="GLOB"
        ),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            "--context",
            help="The application's context, or a Flask application.",
            metavar="MODULE:ATTRIBUTE",
        ),
    ] = None,
    write_heads: Annotated[
        bool,
        typer.Option("--write-heads", help="Write heads where a singular head stands."),
    ] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Take over a project that has Alembic.

    Tried on scratch databases first; the project's database stays as it is.
    """
    from modalembic.authoring.adopt.plan import plan_adoption
    from modalembic.authoring.adopt.request import Request
    from modalembic.authoring.adopt.write import write_adoption
    from modalembic.cli.running import lines_of

    root = (frame.project or Path.cwd()).resolve()
    request = Request(root, ini, name, tuple(modules or ()), within, write_heads)
    adoption = plan_adoption(request, os.environ, lines_of(frame))
    if not dry_run:
        write_adoption(adoption)
    if not frame.quiet:
        frame.tell(adoption.notes)
    show_changes(
        frame,
        adoption.changes,
        _about(adoption),
        [*_next(adoption)],
        dry_run=dry_run,
        also=[*_told(adoption)],
    )


def _about(adoption: Adoption) -> dict[str, Any]:
    root = adoption.changes.root
    return {
        "locations": {each.name: str(root / each.location) for each in adoption.centrals},
        "modules": [
            {
                "module": each.module,
                "location": str(each.location),
                "revision": each.revision,
                "depends_on": list(each.depends_on),
                "tables": list(each.tables),
            }
            for each in adoption.revisions
        ],
        "notes": list(adoption.notes),
        "heads": [
            {
                "path": str(each.path),
                "line": each.line,
                "text": each.text,
                "replacement": each.replacement,
            }
            for each in adoption.singular
        ],
        "rollback": list(adoption.rollback),
    }


def _told(adoption: Adoption) -> Iterator[str]:
    """What has to be changed by hand, and what a rollback needs."""
    if adoption.singular:
        yield "a singular head is an error as soon as there is a second branch:"
        for each in adoption.singular:
            yield f"  {adoption.changes.name(each.path)}:{each.line}"
            yield f"    - {each.text.strip()}"
            for number, line in enumerate(each.replacement.split("\n")):
                yield f"    {' ' if number else '+'} {line.strip()}"
    if adoption.rollback:
        yield "an older image cannot locate the new revisions; before it runs again:"
        yield from (f"  {line}" for line in adoption.rollback)


def _next(adoption: Adoption) -> Iterator[str]:
    if adoption.singular:
        yield "write heads where head is listed above"
    yield "commit, then `modalembic upgrade heads`" + (
        ", which runs only the empty revisions" if adoption.revisions else ""
    )
    yield "`modalembic new-module NAME` makes a module, `modalembic check` looks at all of it"
