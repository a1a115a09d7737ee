"""Where a version row that this code does not know comes from, as far as the history tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.history import HistoryTable


@dataclass(frozen=True)
class Origin:
    """The newest row of a revision in the history table that says that it is there."""

    direction: str
    who: str
    at: datetime
    path: str | None
    modalembic_version: str

    def __str__(self) -> str:
        how = {"upgrade": "run", "stamp": "stamped"}.get(self.direction, "written")
        file = f", from {self.path}" if self.path else ""
        return f"{how} by {self.who} at {self.at:%Y-%m-%d %H:%M:%S %Z}".rstrip() + file


def read_origins(
    session: Session, history: HistoryTable, revisions: Iterable[str]
) -> dict[str, Origin]:
    """The origin of each of `revisions` that the history table has; nothing where the table is not
    there or may not be read."""
    wanted = sorted(revisions)
    if not (wanted and history.exists and history.may_read):
        return {}
    rows = session.fetch(
        f"""
        SELECT DISTINCT ON (revision) revision, direction, who, started_at, path, modalembic_version
          FROM {history.qualified}
         WHERE version_table = %(version_table)s AND direction <> 'downgrade'
           AND revision = ANY(CAST(%(wanted)s AS text[]))
         ORDER BY revision, id DESC
        """,
        {"wanted": wanted, "version_table": history.versions.name},
    )
    return {row[0]: Origin(*row[1:]) for row in rows}
