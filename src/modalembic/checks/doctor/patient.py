"""What the topics of `doctor` look at."""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.options import Observer
from modalembic.runtime.session import Session
from modalembic.runtime.situation import Situation


@dataclass(frozen=True)
class Patient:
    """A project, and a database as found.

    `session` reads: each of its statements is a transaction that may not write. `url` is None where
    only `env.py` knows the database. `observer` is told of what takes long.
    """

    project: Project
    situation: Situation
    session: Session
    url: DatabaseURL | None
    observer: Observer
