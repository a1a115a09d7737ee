"""Asking a database what it has, without a lock and without a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.connection.session import PsycopgSession, Session, SqlalchemySession
from modalembic.runtime.database import open_database
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.state.situation import Situation, read_situation
from modalembic.runtime.tables.version import locate


@dataclass(frozen=True)
class Answer:
    """What a database has. `database` is its URL without the password; None where only `env.py`
    knows it."""

    situation: Situation
    database: str | None


def ask(
    project: Project,
    database: str | None,
    *,
    observer: Observer | None = None,
    rows_of_history: bool = False,
) -> Answer | None:
    """The situation of the database that is named; None where none is named. `rows_of_history` as
    for `read_situation`."""
    with (
        database_errors_explained(),
        open_database(project, database, (observer or Observer()).event) as url,
    ):
        if url is None:
            return None
        from modalembic.postgres.connection import connect

        with connect(url, application_name="modalembic") as connection:
            situation = read_situation(
                project, PsycopgSession(connection), rows_of_history=rows_of_history
            )
            return Answer(situation, url.safe)


def look(
    project: Project,
    database: str | None,
    work: Callable[[Session, Situation, DatabaseURL | None], None],
    *,
    options: Options | None = None,
    observer: Observer | None = None,
    migrating: bool = False,
) -> None:
    """Do `work` on a connection to the database that is named, else to the one that `env.py`
    connects to; the URL is None there. `migrating` is for work that takes the locks. The situation
    has the rows of the history. Raises what stands in the way of reading it."""
    on_event = (observer or Observer()).event
    with (
        database_errors_explained(),
        open_database(project, database, on_event, migrating=migrating) as url,
    ):
        if url is None:
            _look_through_environment(project, work, options or Options(), rows_of_history=True)
            return
        from modalembic.postgres.connection import connect

        with connect(url, application_name="modalembic") as connection:
            session = PsycopgSession(connection)
            work(session, read_situation(project, session, rows_of_history=True), url)


def _look_through_environment(
    project: Project,
    work: Callable[[Session, Situation, DatabaseURL | None], None],
    options: Options,
    *,
    rows_of_history: bool,
) -> None:
    from modalembic.runtime.environment.entering import Entered, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    def see(entered: Entered) -> None:
        context = entered.context
        assert context.connection is not None
        session = SqlalchemySession(context.connection)
        table = locate(session, context.version_table, context.version_table_schema)
        situation = read_situation(project, session, table=table, rows_of_history=rows_of_history)
        work(session, situation, None)

    settled = options.settled(project.configuration)
    enter_environment(project, None, see, options=settled, loader=RevisionLoader())


def ask_environment(
    project: Project, options: Options | None = None, *, rows_of_history: bool = False
) -> Answer:
    """The situation of the database that the project's `env.py` connects to."""
    answers: list[Answer] = []

    def answer(_session: Session, situation: Situation, _url: DatabaseURL | None) -> None:
        answers.append(Answer(situation, None))

    with database_errors_explained():
        _look_through_environment(
            project, answer, options or Options(), rows_of_history=rows_of_history
        )
    return answers[0]
