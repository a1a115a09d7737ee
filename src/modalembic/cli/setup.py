"""`init` and `new-module`: what lays down files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.written import DryRunOption, show_changes

if TYPE_CHECKING:
    from modalembic.authoring.new_module.plan import NewModule


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "init")(_init)
    command(app, "new-module")(_new_module)


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
    dry_run: DryRunOption = False,
) -> None:
    """Lay down configuration, env.py and script.py.mako."""
    from modalembic.authoring.init import plan_init

    target = directory or frame.project or Path.cwd()
    changes = plan_init(target, template=template, modules=tuple(modules or ("app/modules/*",)))
    if dry_run:
        changes.check()
    else:
        changes.apply()
    show_changes(
        frame,
        changes,
        {},
        ["`modalembic new-module NAME` for each module, then `modalembic upgrade heads`"],
        dry_run=dry_run,
    )


def _new_module(
    frame: Frame,
    name: Annotated[str, typer.Argument(help="The module's name.")],
    tier: Annotated[
        str, typer.Option("--tier", help="core, optional or internal.", metavar="TIER")
    ] = "optional",
    requires: Annotated[
        list[str] | None,
        typer.Option(
            "--requires", help="The modules that it requires (a,b; repeatable).", metavar="NAMES"
        ),
    ] = None,
    components: Annotated[
        list[str] | None,
        typer.Option(
            "--components",
            help="What it has: services,models (default: as configured).",
            metavar="NAMES",
        ),
    ] = None,
    path: Annotated[
        Path | None,
        typer.Option("--path", help="Its directory (default: as configured).", metavar="DIR"),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", help="What its models derive from.", metavar="MODULE:CLASS"),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Make a module: structure, manifest, first revision."""
    from modalembic.authoring.new_module.plan import plan_new_module
    from modalembic.authoring.new_module.request import request_of
    from modalembic.authoring.new_module.write import write_new_module

    request = request_of(name, tier, _names(requires) or (), _names(components), path, base)
    # A pattern without a match is what the first module of a project is made for.
    project = frame.load(warn=frame.verbose)
    new = plan_new_module(project, request)
    if dry_run:
        new.changes.check()
    else:
        write_new_module(project, new)
    show_changes(frame, new.changes, _about(new), _next(new), dry_run=dry_run)


def _names(options: list[str] | None) -> tuple[str, ...] | None:
    """`a,b` and repeated options as names, each once; None where there is no option."""
    if options is None:
        return None
    names = (name.strip() for option in options for name in option.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _about(new: NewModule) -> dict[str, Any]:
    return {
        "module": new.module.name,
        "tier": new.module.tier,
        "requires": list(new.module.requires),
        "components": list(new.components),
        "package": new.module.package,
        "directory": str(new.module.directory),
        "location": str(new.module.location),
        "revision": new.revision,
        "depends_on": list(new.depends_on),
    }


def _next(new: NewModule) -> list[str]:
    steps = ["`modalembic upgrade heads`"]
    if new.models is not None:
        steps.append(f"write its models in {new.models}")
    steps.append(f"and revisions that follow {new.module.name}@head")
    if new.reinstall:
        steps.insert(0, "install the project again, for its new entry point")
    return [", ".join(steps)]
