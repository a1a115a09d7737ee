"""What the history table knows of each revision that counts as applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from modalembic.runtime.connection.session import Session

if TYPE_CHECKING:
    from modalembic.runtime.tables.history import HistoryTable

# No id and no label can have it.
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Ran:
    """The newest row of a revision that was not undone since. `direction` is `upgrade`, `stamp` or
    `repair`; `path` from the project's directory on; the hashes None where none was taken."""

    revision: str
    module: str
    direction: str
    parents: tuple[str, ...]
    path: str | None
    content_hash: str | None
    meaning_hash: str | None
    at: datetime
    who: str


def read_parents(session: Session, history: HistoryTable) -> dict[str, tuple[str, ...]]:
    """What each revision that was run, and not undone since, was built on then; nothing where the
    table is not there or may not be read."""
    if not (history.exists and history.may_read):
        return {}
    rows = session.fetch(
        f"SELECT revision, array_to_string(parents, E'\\x1f') FROM {_newest(history)}",
        {"version_table": history.versions.name},
    )
    return {row[0]: tuple(row[1].split(SEPARATOR)) if row[1] else () for row in rows}


def read_recorded(session: Session, history: HistoryTable) -> dict[str, Ran]:
    """The newest row of each revision that was run, and not undone since, sorted by id; nothing
    where the table is not there or may not be read."""
    if not (history.exists and history.may_read):
        return {}
    # Format 1 of the table has no meaning_hash.
    rows = session.fetch(
        f"""
        SELECT revision, module, direction, parents, path, content_hash,
               to_jsonb(newest) ->> 'meaning_hash', started_at, who
          FROM {_newest(history)} ORDER BY revision
        """,
        {"version_table": history.versions.name},
    )
    return {
        id_: Ran(id_, module, direction, tuple(parents), path, text, meaning, at, who)
        for id_, module, direction, parents, path, text, meaning, at, who in rows
    }


def _newest(history: HistoryTable) -> str:
    """The newest row of each revision, without those that say that it was undone or given up, and
    without repairs that say nothing of what is applied (of an overlap, say)."""
    return f"""(
            SELECT DISTINCT ON (revision) *
              FROM {history.qualified}
             WHERE version_table = %(version_table)s AND state = 'done'
               AND (direction <> 'repair'
                    OR details ->> 'action' IN ('accept', 'done', 'undone', 'retire'))
             ORDER BY revision, id DESC
          ) AS newest
         WHERE direction <> 'downgrade'
           AND coalesce(details ->> 'action', '') <> 'retire'
           AND (coalesce(details ->> 'action', '') <> 'undone'
                OR details ->> 'direction' = 'downgrade')
           AND coalesce(details ->> 'gone', '') <> 'true'"""
