"""Replays of small histories, and what they say that each revision touched."""

from __future__ import annotations

from pathlib import Path

from modalembic.history.plan import plan_upgrade
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.recording import TouchRecorder
from modalembic.runtime.run import run
from modalembic.runtime.touches import Touches
from tests.runtime.support import ENV, new_project, sql

OWN = ("alembic_version", "modalembic_history")
Shown = set[tuple[str, str]]


def recorded(project: Project, url: str) -> Touches:
    """What the revisions of `project` touch, run on the database of `url`."""
    address = DatabaseURL.parse(url)
    graph, order = project.graph, project.module_order
    recorder = TouchRecorder(address)
    run(
        project,
        lambda state: plan_upgrade(graph, "heads", graph.revisions, state.applied, order),
        database=address.sqlalchemy,
        options=Options(),
        observer=Observer(),
        destination="heads",
        watch=recorder.watch,
    )
    return recorder.finish(OWN)


def line_of(directory: Path, *bodies: str, env: str = ENV) -> Project:
    """A project of one module whose revisions `r0`, `r1`, … have these bodies."""
    files = new_project(directory, env=env)
    module = files.module("shop")
    for number, body in enumerate(bodies):
        down = f"r{number - 1}" if number else None
        module.revision(f"r{number}", down=down, upgrade=body)
    return files.load()


def touched_last(directory: Path, url: str, before: str, *bodies: str) -> Shown:
    """Names and deeds of what the last of `bodies` touches, after the statements `before`, each
    object by the name that it has in the end."""
    return shown(recorded(line_of(directory, sql(before), *bodies), url), f"r{len(bodies)}")


def shown(touches: Touches, revision: str) -> Shown:
    """Names and deeds of what a revision touched."""
    return {(t.names[-1], " ".join(t.how)) for t in touches.by_revision[revision].touched}


def names(touches: Touches, revision: str) -> set[str]:
    """The names that what a revision touched had at the end of it."""
    return {name for name, _ in shown(touches, revision)}


def references(touches: Touches, revision: str) -> set[str]:
    """What a revision refers to, as `from -> to`."""
    last = touches.last_seen
    return {
        f"{last[one].names[-1]} -> {last[other].names[-1]}"
        for one, other in touches.by_revision[revision].refers
    }


def reads(touches: Touches, revision: str) -> set[str]:
    """The names of what a revision reads."""
    return {touches.last_seen[id_].names[-1] for id_ in touches.by_revision[revision].reads}
