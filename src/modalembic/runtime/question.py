"""Asking a database what it has, without a lock and without a change."""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.project import Project
from modalembic.runtime.database import open_database
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.session import PsycopgSession, SqlalchemySession
from modalembic.runtime.situation import Situation, read_situation
from modalembic.runtime.version_table import locate


@dataclass(frozen=True)
class Answer:
    """What a database has. `database` is its URL without the password; None where only `env.py`
    knows it."""

    situation: Situation
    database: str | None


def ask(
    project: Project, database: str | None, *, observer: Observer | None = None
) -> Answer | None:
    """The situation of the database that is named; None where none is named."""
    with (
        database_errors_explained(),
        open_database(project, database, (observer or Observer()).event) as url,
    ):
        if url is None:
            return None
        from modalembic.postgres.connection import connect

        with connect(url, application_name="modalembic") as connection:
            return Answer(read_situation(project, PsycopgSession(connection)), url.safe)


def ask_environment(project: Project, options: Options | None = None) -> Answer:
    """The situation of the database that the project's `env.py` connects to."""
    from modalembic.runtime.environment import Entered, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    answers: list[Answer] = []

    def look(entered: Entered) -> None:
        context = entered.context
        assert context.connection is not None
        session = SqlalchemySession(context.connection)
        table = locate(session, context.version_table, context.version_table_schema)
        answers.append(Answer(read_situation(project, session, table=table), None))

    settled = (options or Options()).settled(project.configuration)
    with database_errors_explained():
        enter_environment(project, None, look, options=settled, loader=RevisionLoader())
    return answers[0]
