"""What the topics of `doctor` look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from modalembic.checks.finding import Finding
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.options import Observer
from modalembic.runtime.state.situation import Situation


@dataclass(frozen=True)
class Patient:
    """A project, and a database as found.

    `session` reads: each of its statements is a transaction that may not write. `url` is None where
    only `env.py` knows the database. `observer` is told of what takes long.

    `match`: the catalog is to be compared with what the revisions make, whatever the names in it
    say. What a topic puts into `later` is examined when the database has been left: replaying
    revisions enters `env.py`, which cannot be entered twice at a time.
    """

    project: Project
    situation: Situation
    session: Session
    url: DatabaseURL | None
    observer: Observer
    match: bool = False
    later: list[Callable[[], Iterable[Finding]]] = field(default_factory=list)
