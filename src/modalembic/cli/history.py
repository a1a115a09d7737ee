"""`heads`, `history` and `show`: what the files say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from modalembic.cli.command import command
from modalembic.cli.frame import Frame
from modalembic.cli.run_options import ENVIRONMENT_OPTIONS
from modalembic.errors import UsageError

if TYPE_CHECKING:
    from modalembic.project import Project
    from modalembic.runtime.options import Options

Modules = Annotated[
    list[str] | None,
    typer.Option("--module", help="Only this module (repeatable).", metavar="NAME"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "heads")(_heads)
    command(app, "history", options=ENVIRONMENT_OPTIONS)(_history)
    command(app, "show")(_show)


def _heads(frame: Frame) -> int:
    """Show each module's last revision."""
    from modalembic.reporting.document import revisions_document
    from modalembic.reporting.text import heads_lines

    project = frame.load()
    ids = [head for name in project.module_order for head in project.graph.heads.get(name, ())]
    frame.show(lambda: revisions_document(project, ids, "heads"), lambda: heads_lines(project))
    return frame.problems(project)


def _history(
    frame: Frame,
    options: Options,
    module: Modules = None,
    revisions: Annotated[
        str | None,
        typer.Option(
            "--rev-range", "-r", help="FROM:TO, either end may be left out.", metavar="RANGE"
        ),
    ] = None,
    indicate_current: Annotated[
        bool, typer.Option("--indicate-current", "-i", help="Mark what the database has.")
    ] = False,
) -> int:
    """List the revisions of each module, newest first."""
    from modalembic.reporting.document import revisions_document
    from modalembic.reporting.text import history_lines
    from modalembic.runtime.question import ask, ask_environment

    project = frame.load()
    applied = None
    if indicate_current:
        answer = ask(project, frame.database) or ask_environment(project, options)
        applied = answer.situation.state.applied
    ids = _selected(project, [project.module(name).name for name in module or ()], revisions)
    frame.show(
        lambda: revisions_document(project, ids, "revisions"),
        lambda: history_lines(project, ids, applied, verbose=frame.verbose),
    )
    return frame.problems(project)


def _selected(project: Project, modules: Sequence[str], revisions: str | None) -> list[str]:
    """The ids to list, newest first and each module's together, in the order of modules."""
    from modalembic.history.plan import plan_upgrade
    from modalembic.history.targets import TargetResolver

    graph = project.graph
    wanted = set(graph.revisions)
    if revisions is not None:
        start, colon, goal = revisions.partition(":")
        if not colon:
            raise UsageError(f"{revisions!r} is not a range", hint="write FROM:TO")
        resolver = TargetResolver(graph, project.module_order)
        wanted = graph.ancestors(resolver.upgrade(goal or "heads"))
        if start:
            below = resolver.upgrade(start)
            wanted -= graph.ancestors(below) - set(below)
    if modules:
        wanted = {id_ for id_ in wanted if graph.revisions[id_].module in modules}
    plan = plan_upgrade(graph, "heads", graph.revisions, set(), project.module_order)
    position = {step.revision.id: number for number, step in enumerate(plan.steps)}
    rank = {name: number for number, name in enumerate(project.module_order)}
    return sorted(
        (id_ for id_ in wanted if id_ in position),
        key=lambda id_: (rank[graph.revisions[id_].module], -position[id_]),
    )


def _show(
    frame: Frame,
    revision: Annotated[
        str, typer.Argument(help="An id, a prefix, module@head, …", metavar="REVISION")
    ],
) -> int:
    """Show one revision: parents, dependencies, file."""
    from modalembic.history.targets import TargetResolver
    from modalembic.reporting.document import revisions_document
    from modalembic.reporting.text import show_lines

    project = frame.load()
    id_ = TargetResolver(project.graph, project.module_order).revision(revision)
    frame.show(
        lambda: revisions_document(project, [id_], "revisions"), lambda: show_lines(project, id_)
    )
    return frame.problems(project)
