"""`doctor`, for callers in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from modalembic.checks.doctor import (
    content,
    installed,
    interrupted,
    leftovers,
    locks,
    matching,
    rows,
)
from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding
from modalembic.checks.problems import check_problems
from modalembic.checks.report import CheckReport
from modalembic.errors import ModalembicError
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.connection.session import ReadOnlySession, Session
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.question import look
from modalembic.runtime.state.situation import Situation

TOPICS: Mapping[str, Callable[[Patient], Iterable[Finding]]] = {
    "locks": locks.examine,
    "interrupted": interrupted.examine,
    "rows": rows.examine,
    "installed": installed.examine,
    "leftovers": leftovers.examine,
    "content": content.examine,
    "matching": matching.examine,
}

# Where a revision stopped half way the database matches none, and that says nothing more.
_HALF_WAY = frozenset({"doctor/half-done", "doctor/interrupted", "doctor/not-ended"})


@dataclass(frozen=True)
class Diagnosis(CheckReport):
    """What `doctor` found. `database` is its URL without the password, None where only `env.py`
    knows it."""

    database: str | None = None


def doctor(
    project: Project,
    *,
    match: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> Diagnosis:
    """What is wrong in a database and in the project, each with the command that mends it.

    Nothing is run, written or locked. A project that cannot be planned is a finding too. Raises
    what is wrong with the configuration, or with reaching the database.

    With `match` what the database has is compared with what its revisions make, on the scratch
    server; else only where tables are missing, or there too early.
    """
    watching = observer or Observer()
    found: list[Finding] = [*check_problems(project)]
    places: list[str | None] = []
    later: list[Callable[[], Iterable[Finding]]] = []

    def examine(session: Session, situation: Situation, url: DatabaseURL | None) -> None:
        reading = ReadOnlySession(session)
        patient = Patient(project, situation, reading, url, watching, match, later)
        places.append(None if url is None else url.safe)
        for topic, of in TOPICS.items():
            found.extend(_examined(topic, partial(of, patient)))

    look(project, database, examine, options=options, observer=watching)
    if match or not any(finding.rule in _HALF_WAY for finding in found):
        for examined in later:
            found.extend(_examined("matching", examined))
    return Diagnosis(
        checks=("doctor",),
        findings=tuple(sorted(found, key=attrgetter("place"))),
        fail_on="warning",
        root=project.root,
        file=project.configuration.file,
        database=places[0],
    )


def _examined(topic: str, examine: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a topic finds; that it could not be examined is a finding too."""
    try:
        yield from examine()
    except ModalembicError as error:
        yield Finding(
            rule="doctor/not-examined",
            severity="error",
            message=f"{topic}: {error.message}",
            name=topic,
            path=error.path,
            line=error.line,
            fix=error.hint,
        )
