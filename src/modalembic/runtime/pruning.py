"""Pruning: old rows of the history table that nothing needs any more are deleted.

Everything that reads the table asks for the newest row of a revision, under some condition on what
kind of row it is. So the newest row of each kind stays, however old it is, and so does whatever is
open: after pruning every such question has the answer that it had before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from modalembic.errors import UsageError
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.question import look
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.tables.rights import require

if TYPE_CHECKING:
    from modalembic.postgres.url import DatabaseURL

WRITE = ("SELECT", "DELETE")
# Older than any row; dates do not go back much further.
_LONGEST = timedelta(days=365_000)
_KIND = """revision, module, direction, state, coalesce(details ->> 'action', ''),
                                 coalesce(details ->> 'gone', '')"""


@dataclass(frozen=True)
class Pruned:
    """How many rows of `table` were deleted, or would be under `dry_run`, and how many stay: of
    this project, those of others in the same table aside. They are older than `before`. `database`
    is its URL without the password, None where only `env.py` knows it."""

    table: str
    before: datetime | None
    deleted: int
    kept: int
    dry_run: bool
    database: str | None


def prune(
    project: Project,
    older_than: timedelta,
    *,
    dry_run: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> Pruned:
    """Delete the rows of the project's history that are `older_than` and that nothing needs: not
    the newest of its revision and kind, and not of a revision that was interrupted.

    Takes no lock and stops nobody. Raises UsageError for a length of time that is negative,
    ReadOnlyDatabase or MissingPrivilege before anything is deleted, and what connecting raises.
    """
    if older_than < timedelta():
        raise UsageError("--older-than is negative", hint="write it as in --older-than 90d")
    results: list[Pruned] = []

    def work(session: Session, situation: Situation, url: DatabaseURL | None) -> None:
        place = None if url is None else url.safe
        age = min(older_than, _LONGEST)
        results.append(_pruned(session, situation, age, place, dry_run=dry_run))

    look(project, database, work, options=options, observer=observer)
    return results[0]


def _pruned(
    session: Session,
    situation: Situation,
    older_than: timedelta,
    place: str | None,
    *,
    dry_run: bool,
) -> Pruned:
    history = situation.history
    named = f"{history.versions.schema}.{history.rights.name}"
    if not dry_run:
        history.versions.require_primary()
    if not history.exists:
        return Pruned(named, None, 0, 0, dry_run, place)
    require("prune", (history.rights, WRITE[:1] if dry_run else WRITE))
    # In one statement: rows that are written meanwhile are newer, and not seen.
    gone = f", gone AS (DELETE FROM {history.qualified} h USING old WHERE h.id = old.id)"
    ((before, deleted, rows),) = session.fetch(
        f"""
        WITH asked AS (
            SELECT CAST(%(seconds)s AS double precision) * interval '1 second' AS age
        ), own AS (
            SELECT id, started_at, state, details,
                   row_number() OVER (PARTITION BY {_KIND} ORDER BY id DESC) AS place
              FROM {history.qualified}
             WHERE version_table = %(version_table)s
        ), old AS (
            SELECT id FROM own, asked
             WHERE place > 1 AND state <> 'started' AND coalesce(details ->> 'open', '') <> 'true'
               AND started_at < statement_timestamp() - age
        ){"" if dry_run else gone}
        SELECT statement_timestamp() - (SELECT age FROM asked),
               (SELECT count(*) FROM old), (SELECT count(*) FROM own)
        """,
        {"version_table": history.versions.name, "seconds": older_than.total_seconds()},
    )
    return Pruned(named, before, deleted, rows - deleted, dry_run, place)
