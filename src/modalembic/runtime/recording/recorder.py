"""Records what each revision of a replay touches.

Postgres itself takes the notes (`sql/`): event triggers say which objects a command made,
altered or dropped, the locks before a commit say whose rows were changed. The notes lie in the
replay's own database, so that what is rolled back is not noted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.recording.notes import NOTES, touches_of
from modalembic.runtime.recording.watch import RecordingWatch
from modalembic.runtime.touches import Touches
from modalembic.runtime.watch.watch import Watch

if TYPE_CHECKING:
    import psycopg

_SQL = Path(__file__).with_name("sql")
_TRIGGERS = ("command", "drop", "rewrite", "start")
_BOOTSTRAP = "SELECT pg_catalog.quote_ident(rolname) FROM pg_catalog.pg_roles WHERE oid = 10"
_AT_WORK = """
SELECT count(*) FROM pg_catalog.pg_event_trigger
 WHERE evtname LIKE 'modalembic\\_%' AND evtenabled = 'A'
"""
_EVENT_TRIGGERS_OFF_SINCE = 170000


class TouchRecorder:
    """Takes notes in the database of `url`, from which no revision has run yet.

    `watch` has to be given to the run; `finish` ends it and gives what was noted. Without a
    superuser nothing is noted, and `finish` says so.
    """

    def __init__(self, url: DatabaseURL) -> None:
        self._url = url
        self._unknown = self._install()
        self.watch: Watch = RecordingWatch() if self._unknown is None else Watch()

    def finish(self, ignore_tables: tuple[str, ...] = ()) -> Touches:
        """What was noted, but for tables that are called as one of `ignore_tables`; the database
        has no trace of the notes afterwards."""
        if self._unknown is not None:
            return Touches(unknown=self._unknown)
        with connect(self._url, application_name="modalembic") as connection:
            whole = connection.execute(_AT_WORK.encode()).fetchone() == (len(_TRIGGERS),)
            with connection.transaction():
                _become_bootstrap(connection)
                rows = connection.execute(NOTES.encode()).fetchall() if whole else []
                _remove(connection)
        if not whole:
            return Touches(unknown="a revision drops or disables event triggers of others")
        return touches_of(rows, frozenset(ignore_tables))

    def _install(self) -> str | None:
        """Create what takes the notes; the reason where that is not possible."""
        import psycopg

        with connect(self._url, application_name="modalembic") as connection:
            try:
                with connection.transaction():
                    _become_bootstrap(connection)
                    for file in sorted(_SQL.glob("*.sql")):
                        connection.execute(file.read_bytes())
            except psycopg.errors.InsufficientPrivilege:
                return f"role {connection.info.user!r} is no superuser of the scratch server"
        return None


def _become_bootstrap(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(_BOOTSTRAP.encode()).fetchone()
    assert row is not None
    connection.execute(f"SET LOCAL ROLE {row[0]}".encode())


def _remove(connection: psycopg.Connection[Any]) -> None:
    # No event trigger of a migration is to hear of it.
    connection.execute(b"SET LOCAL session_replication_role = replica")
    if connection.info.server_version >= _EVENT_TRIGGERS_OFF_SINCE:
        connection.execute(b"SET LOCAL event_triggers = off")
    for name in _TRIGGERS:
        connection.execute(f"DROP EVENT TRIGGER IF EXISTS modalembic_{name}".encode())
    connection.execute(b"DROP SCHEMA IF EXISTS pg_modalembic CASCADE")
