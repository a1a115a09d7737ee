"""The traces of revisions that have not ended, read from the history table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.history import HistoryTable
from modalembic.runtime.trace.course import Position, position_of

# Newest first. What a person has said since closes a trace, as what another run has done.
_OPEN = """
SELECT h.id, h.revision, h.module, h.direction, h.state, h.run_id, h.who, h.started_at, h.path,
       CAST(h.details AS text)
  FROM {table} AS h
 WHERE h.version_table = %(version_table)s AND h.state IN ('started', 'failed')
   AND h.details ->> 'open' = 'true'
   AND NOT EXISTS (
       SELECT FROM {table} AS later
        WHERE later.version_table = h.version_table AND later.revision = h.revision
          AND later.id > h.id
          AND (later.direction <> 'repair' OR later.details ->> 'action' IN ('done', 'undone')))
 ORDER BY h.id DESC
"""


@dataclass(frozen=True)
class Sent:
    """Statements of which it is not noted that they are done. `together`: they are one transaction,
    and would be noted as done if it had been committed. Else it is one statement of a `kind`, with
    the `evidence` of what there was before it, and the `digest` of the course with it."""

    statements: tuple[str, ...]
    together: bool
    kind: str = "plain"
    digest: str = ""
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Trace:
    """What is noted of a revision that left its transaction and has not ended: its `row`, who ran
    it, how far it came, the last `statements` that are committed, and what was `sent` after them.

    `state` is `failed` where it raised an `error`, `started` where it was killed (or is at work).
    `settled`: its position is certain, and it may be gone on with.
    """

    row: int
    revision: str
    module: str
    direction: str
    state: str
    run_id: str
    who: str
    started_at: datetime
    path: str | None
    position: Position
    statements: tuple[str, ...]
    sent: Sent | None
    settled: bool
    error: str | None

    @property
    def title(self) -> str:
        """What was interrupted, who ran it and when."""
        how = "failed half way" if self.state == "failed" else "was interrupted"
        return (
            f"the {self.direction} of {self.revision} ({self.module}) {how}, run by {self.who} at "
            f"{self.started_at:%Y-%m-%d %H:%M:%S %Z}".rstrip()
        )

    @property
    def reached(self) -> str:
        """How far it came, in words."""
        ran = self.position.ran
        done = f"{ran} statement{'' if ran == 1 else 's'} committed"
        if self.statements and ran:
            done += f", the last: {_one_line(self.statements[-1])}"
        if self.sent is None:
            return done
        return f"{done}; at work: {_one_line(self.sent.statements[-1])}"


def read_open(session: Session, history: HistoryTable) -> tuple[Trace, ...]:
    """The traces that are open, newest first; none where there is no table, or none that may be
    read."""
    if not (history.exists and history.may_read):
        return ()
    rows = session.fetch(
        _OPEN.format(table=history.qualified), {"version_table": history.versions.name}
    )
    return tuple(_trace(row) for row in rows)


def _trace(row: tuple[Any, ...]) -> Trace:
    number, revision, module, direction, state, run_id, who, started_at, path, text = row
    details: dict[str, Any] = json.loads(text)
    return Trace(
        row=number,
        revision=revision,
        module=module,
        direction=direction,
        state=state,
        run_id=run_id,
        who=who,
        started_at=started_at,
        path=path,
        position=position_of(details),
        statements=tuple(details.get("statements") or ()),
        sent=_sent(details.get("sent")),
        settled=bool(details.get("settled")),
        error=details.get("error"),
    )


def _sent(document: Mapping[str, Any] | None) -> Sent | None:
    if document is None:
        return None
    return Sent(
        statements=tuple(document["statements"]),
        together=bool(document["together"]),
        kind=str(document.get("kind", "plain")),
        digest=str(document.get("digest", "")),
        evidence=document.get("evidence"),
    )


def person_hint(trace: Trace) -> str:
    """What is left where nothing is proven: a person looks, and says what is true."""
    return (
        f"look at the database, then modalembic repair --done {trace.revision} (all of the "
        f"{trace.direction} is there) or modalembic repair --undone {trace.revision} (nothing is)"
    )


def _one_line(statement: str, most: int = 120) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= most else text[: most - 1] + "…"
