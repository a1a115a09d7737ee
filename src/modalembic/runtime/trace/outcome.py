"""What became of a revision that was interrupted: the catalog is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.version import literal, quoted
from modalembic.runtime.trace.course import Position
from modalembic.runtime.trace.evidence import has_label, indexes_of
from modalembic.runtime.trace.found import Sent, Trace

_EXISTS = """
SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = {schema} AND c.relname = {name}
"""
# inhdetachpending is there since Postgres 14, as DETACH … CONCURRENTLY is.
_PARTITION = """
SELECT coalesce(to_jsonb(i) ->> 'inhdetachpending', 'false') = 'true'
  FROM pg_catalog.pg_inherits AS i
  JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
  JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
  JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
  JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
 WHERE pn.nspname = {parent_schema} AND p.relname = {parent}
   AND cn.nspname = {schema} AND c.relname = {name}
"""
# What builds or drops an index concurrently keeps this lock on the table all the while, and so does
# VACUUM. pg_locks tells everybody, whoever's the backend is.
_BUSY = """
SELECT l.pid
  FROM pg_catalog.pg_locks AS l
  JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = {schema} AND c.relname = {name} AND l.granted
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
   AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
                  'ExclusiveLock', 'AccessExclusiveLock')
   AND l.pid <> pg_catalog.pg_backend_pid()
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.pid = l.pid)
 ORDER BY 1
"""


@dataclass(frozen=True)
class Outcome:
    """`position` is how far the revision came for certain; None where that is not proven, for the
    `reason`. `clean` are statements that take away what the interrupted one left; `text` says what
    became of it. `is_busy`: another backend is at work on the same thing, and it may be proven when
    that is gone."""

    position: Position | None
    text: str
    clean: tuple[str, ...] = ()
    reason: str | None = None
    is_busy: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is left of the revision, once it is cleaned up."""
        return self.position is not None and not self.position.effects

    @property
    def is_proven(self) -> bool:
        """Whether `repair` can settle it by itself."""
        return self.is_nothing or (self.position is not None and self.position.blocked is None)


@dataclass(frozen=True)
class _Fate:
    """Of one statement: whether it was done (None: not known), and what is to be cleaned up."""

    done: bool | None
    text: str
    clean: tuple[str, ...] = ()
    is_busy: bool = False


def outcome_of(session: Session, trace: Trace) -> Outcome:
    """What became of the revision, as the catalog has it now. Asked under the locks: who runs it
    cannot be at work then."""
    sent = trace.sent
    if sent is None:
        return _outcome(trace, trace.position, "no statement was at work")
    if sent.together:
        return _outcome(trace, trace.position, "the transaction at work was rolled back")
    fate = _FATES.get(sent.kind, _unknown)(session, sent)
    if fate.done is None:
        return Outcome(None, fate.text, reason=fate.text, is_busy=fate.is_busy)
    position = trace.position
    if fate.done:
        position = replace(
            position,
            ran=position.ran + 1,
            effects=position.effects + 1,
            digest=sent.digest,
            rowcounts=(*position.rowcounts, -1),
        )
    return replace(_outcome(trace, position, fate.text), clean=fate.clean)


def _outcome(trace: Trace, position: Position, text: str) -> Outcome:
    del trace
    reason = position.blocked if position.effects else None
    return Outcome(position, text, reason=reason)


def _unknown(_session: Session, _sent: Sent) -> _Fate:
    return _Fate(None, "whether the statement at work was done cannot be told")


def _again(_session: Session, _sent: Sent) -> _Fate:
    return _Fate(False, "the statement at work may be sent again")


def _index(session: Session, sent: Sent) -> _Fate:
    evidence = sent.evidence
    if evidence is None:
        return _unknown(session, sent)
    table = evidence["table"]
    new = _new_indexes(session, evidence)
    mine = [each for each in new if evidence["index"] in {None, each[1]} and each[0] == table[0]]
    if not mine:
        return _Fate(False, "its index is not there")
    if len(mine) > 1:
        return _Fate(None, f"there are several new indexes on {_name(table)}")
    ((schema, name, valid),) = mine
    if valid:
        return _Fate(True, f"its index {_name((schema, name))} is there and valid")
    busy = _busy(session, table)
    if busy is not None:
        return _at_work(busy, table)
    return _Fate(False, f"its index {_name((schema, name))} is invalid", (_drop(schema, name),))


def _reindex(session: Session, sent: Sent) -> _Fate:
    if sent.evidence is None:
        return _unknown(session, sent)
    table = sent.evidence["table"]
    left = [
        (schema, name)
        for schema, name, valid in _new_indexes(session, sent.evidence)
        if not valid and ("_ccnew" in name or "_ccold" in name)
    ]
    busy = _busy(session, table) if left else None
    if busy is not None:
        return _at_work(busy, table)
    return _Fate(
        False,
        "the statement at work may be sent again",
        tuple(_drop(schema, name) for schema, name in left),
    )


def _drop_index(session: Session, sent: Sent) -> _Fate:
    index = None if sent.evidence is None else sent.evidence["index"]
    if index is None or session.fetch(_filled(_EXISTS, schema=index[0], name=index[1])):
        return _Fate(False, "the statement at work may be sent again")
    return _Fate(True, f"its index {_name(index)} is gone")


def _label(session: Session, sent: Sent) -> _Fate:
    evidence = sent.evidence
    if evidence is None:
        return _unknown(session, sent)
    schema, name = evidence["type"]
    there = has_label(session.fetch, schema, name, evidence["label"])
    if there and not evidence["existed"]:
        return _Fate(True, f"{_name(evidence['type'])} has the label {evidence['label']!r}")
    return _Fate(False, "the statement at work may be sent again")


def _detach(session: Session, sent: Sent) -> _Fate:
    evidence = sent.evidence
    if evidence is None:
        return _unknown(session, sent)
    (parent_schema, parent), (schema, name) = evidence["table"], evidence["part"]
    rows = session.fetch(
        _filled(_PARTITION, parent_schema=parent_schema, parent=parent, schema=schema, name=name)
    )
    if not rows:
        return _Fate(True, f"{_name(evidence['part'])} is detached")
    if not rows[0][0]:
        return _Fate(False, "the statement at work may be sent again")
    finalize = (
        f"ALTER TABLE {quoted(parent_schema, parent)} DETACH PARTITION {quoted(schema, name)} "
        "FINALIZE"
    )
    return _Fate(True, f"{_name(evidence['part'])} is half detached", (finalize,))


_FATES: dict[str, Callable[[Session, Sent], _Fate]] = {
    "index": _index,
    "reindex": _reindex,
    "drop-index": _drop_index,
    "label": _label,
    "detach": _detach,
    "repeatable": _again,
    "session": _again,
}


def _new_indexes(session: Session, evidence: Any) -> list[list[Any]]:
    """The indexes that the table has now and had not before the statement."""
    before = {(schema, name) for schema, name, _ in evidence["indexes"]}
    now = indexes_of(session.fetch, *evidence["table"])
    return [each for each in now if (each[0], each[1]) not in before]


def _busy(session: Session, table: Any) -> int | None:
    rows = session.fetch(_filled(_BUSY, schema=table[0], name=table[1]))
    return int(rows[0][0]) if rows else None


def _at_work(pid: int, table: Any) -> _Fate:
    return _Fate(None, f"backend {pid} is at work on {_name(table)}", is_busy=True)


def _drop(schema: str, name: str) -> str:
    return f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(schema, name)}"


def _name(parts: Any) -> str:
    return ".".join(parts)


def _filled(query: str, **values: str) -> str:
    return query.format(**{key: literal(value) for key, value in values.items()})
