"""How long a revision holds the locks that others wait for.

Postgres does not note when a lock was granted, so the revision's own backend is asked what it
holds: right before the commit, and before that whenever `PRECISION` has passed with statements that
were not looked at; not at all where all of it took less than that. A lock that is new in a look was
granted since the look before it, and counts from then, or from when its statement was last seen to
wait for it: what is reported is never too short, and too long by no more than the statement that
took the lock and `PRECISION`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, ExceptionContext, event

from modalembic.runtime.applied import MODES, HeldLock
from modalembic.runtime.connection.session import Session, SqlalchemySession
from modalembic.runtime.sql_text import controls_transaction
from modalembic.runtime.watch.guard import in_autocommit
from modalembic.runtime.watch.waits import Waits

PRECISION = 0.01  # seconds; most revisions are through before that, and cost no look
_KINDS = ("table", "view", "materialized view", "foreign table", "sequence", "index")

_PID = "SELECT pg_catalog.pg_backend_pid()"
_LOOK = f"""
SELECT relation, mode FROM pg_catalog.pg_lock_status()
 WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation'
   AND mode IN ({", ".join(f"'{mode}'" for mode in MODES)})
"""
_LOOK_SENT = _LOOK.encode()
# A relation that the transaction at work has made has no column that is older.
_DESCRIBE = """
SELECT l.relation, o.type, o.schema, o.identity,
       (SELECT i.indrelid FROM pg_catalog.pg_index AS i WHERE i.indexrelid = l.relation),
       EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = l.relation AND pg_catalog.age(a.xmin) > 0)
  FROM unnest(CAST('{{{oids}}}' AS oid[])) AS l(relation) CROSS JOIN LATERAL
       pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, l.relation, 0) AS o
"""
_MOVES = re.compile(r"\b(RENAME|SCHEMA)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Relation:
    """What is locked; `index_of` is the table of an index. `counts` says whether it is something of
    the application's."""

    name: str | None
    index_of: int | None = None
    counts: bool = True


_GONE = _Relation(None, counts=False)
_Key = tuple[int, str]


class HeldLocks:
    """Looks at the locks of the revision at work, on the connection of a migration context.

    `other` is a second session of the database, which still sees what the revision has dropped;
    without it that has no name.
    """

    def __init__(self, context: MigrationContext, other: Session | None) -> None:
        assert context.connection is not None
        self._context = context
        self._connection: Connection = context.connection
        self._other = other
        # What others see too, and what the transaction at work has made.
        self._known: dict[int, _Relation] = {}
        self._made: dict[int, _Relation] = {}
        self._waits = Waits(SqlalchemySession(self._connection))
        self._renamed = False  # whether names may have changed since they were learnt
        self.begin()

    def begin(self) -> None:
        """A revision, or another attempt at it, begins: it holds nothing."""
        self._held: dict[_Key, float] = {}
        self._ended: dict[_Key, float] = {}
        self._went_on()

    def _went_on(self) -> None:
        """A transaction begins; what the one before it has made is seen by all."""
        self._known.update(self._made)
        self._made.clear()
        self._looked = time.perf_counter()
        self._unseen = False  # whether statements have run since the last look
        self._at_work = False  # still true where the last statement has failed
        self._ends = self._gives_back = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Listen for the length of the block."""
        listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("before_cursor_execute", self._before),
            ("after_cursor_execute", self._after),
        )
        autocommit_block = self._context.autocommit_block

        @contextmanager
        def looked_block() -> Iterator[None]:
            # It commits what came before it; in it, each statement's locks end with it.
            self.look()
            self._end(self._held.keys())
            with autocommit_block():
                yield
            self._went_on()

        (pid,) = SqlalchemySession(self._connection).fetch(_PID)[0]
        for name, listener in listeners:
            event.listen(self._connection, name, listener)
        event.listen(self._connection.engine, "handle_error", self._failed)
        self._context.autocommit_block = looked_block  # type: ignore[method-assign]
        try:
            with self._waits.watching(pid):
                yield
        finally:
            event.remove(self._connection.engine, "handle_error", self._failed)
            self._context.autocommit_block = autocommit_block  # type: ignore[method-assign]
            for name, listener in listeners:
                event.remove(self._connection, name, listener)

    def look(self) -> None:
        """See what is held now."""
        if in_autocommit(self._connection):
            return
        if not (self._held or self._ended or self._due()):
            return  # through, and nothing can have been held for longer than that
        # In a transaction that has failed nothing can be asked, and nothing is held.
        with suppress(Exception):
            found = self._found()
            self._describe({oid for oid, _ in found})
            held = {key for key in found if key[0] in self._known and self._known[key[0]].counts}
            self._end(self._held.keys() - held)
            for key in held - self._held.keys():
                self._held[key] = max(self._looked, self._waits.seen.get(key, 0))
            self._looked = time.perf_counter()
            self._unseen = False

    def locks(self) -> tuple[HeldLock, ...]:
        """What was held since `begin`, and for how long until now, sorted."""
        spans, now = dict(self._ended), time.perf_counter()
        for key, since in self._held.items():
            spans[key] = max(spans.get(key, 0), _milliseconds(now - since))
        return tuple(self._told(spans))

    def document(self) -> list[dict[str, Any]]:
        """`locks` for the history table."""
        return [lock.document for lock in self.locks()]

    def _before(self, _connection: Connection, _cursor: Any, statement: str, *_: object) -> None:
        self._ends = controls_transaction(statement)
        # To a savepoint: it gives locks back.
        self._gives_back = not self._ends and "rollback" in statement.lower()
        if not self._unseen:
            self._looked = time.perf_counter()
        elif (self._ends or self._due()) and not self._at_work:
            self.look()
        self._at_work = True
        self._waits.begin()
        self._renamed = self._renamed or _MOVES.search(statement) is not None

    def _failed(self, context: ExceptionContext) -> None:
        if context.connection is self._connection:
            self._waits.end()

    def _after(self, *_: object) -> None:
        self._waits.end()
        self._at_work = False
        if self._ends:
            self._end(self._held.keys())
            self._went_on()
        self._unseen = True
        if self._gives_back or self._due():
            self.look()

    def _due(self) -> bool:
        return time.perf_counter() - self._looked > PRECISION

    def _end(self, keys: Iterable[_Key]) -> None:
        """What was held is not any more: its savepoint was rolled back, or its transaction ends."""
        now = time.perf_counter()
        for key in list(keys):
            held = _milliseconds(now - self._held.pop(key))
            self._ended[key] = max(self._ended.get(key, 0), held)

    def _describe(self, oids: set[int]) -> None:
        """Learn of what is locked and not known yet."""
        unknown = oids if self._renamed else oids - self._known.keys() - self._made.keys()
        self._renamed = False
        if not unknown:
            return
        for oid, relation, existed in _described(self._fetch(_described_by(unknown))):
            (self._known if existed else self._made)[oid] = relation
        dropped = unknown - self._known.keys() - self._made.keys()
        if dropped and self._other is None:
            self._known.update((oid, _Relation(None)) for oid in dropped)
        elif dropped and self._other is not None:
            # There the drop is not to be seen yet; what was made before it never will be.
            rows = self._other.fetch(_described_by(dropped))
            self._known.update((oid, relation) for oid, relation, _ in _described(rows))
            self._made.update((oid, _GONE) for oid in dropped - self._known.keys())

    def _told(self, spans: dict[_Key, float]) -> list[HeldLock]:
        """One lock for each relation, and a weaker one beside it if it was held for longer."""
        longest: dict[tuple[str | None, str], float] = {}
        for (oid, mode), ms in sorted(spans.items(), key=lambda item: -MODES.index(item[0][1])):
            relation = self._known[oid]
            at_least = spans.get((relation.index_of or 0, MODES[-1]), 0)
            stronger = [longest.get((relation.name, each), 0) for each in MODES[_above(mode) :]]
            if ms > max(at_least, *stronger, 0):
                key = relation.name, mode
                longest[key] = max(longest.get(key, 0), ms)
        return [
            HeldLock(table, mode, ms)
            for (table, mode), ms in sorted(
                longest.items(), key=lambda item: (item[0][0] or "", -MODES.index(item[0][1]))
            )
        ]

    def _found(self) -> set[_Key]:
        """What a look finds. Once for each revision at least, so psycopg's way is shortened."""
        import psycopg

        driver = self._connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            return {(oid, mode) for oid, mode in self._fetch(_LOOK)}
        result = driver.pgconn.exec_(_LOOK_SENT)
        if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(result.error_message.decode("utf-8", "replace"))
        return {
            (int(result.get_value(row, 0) or b"0"), (result.get_value(row, 1) or b"").decode())
            for row in range(result.ntuples)
        }

    def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        """On a cursor of its own: the revision's may have a result that is still to be read."""
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(statement)
            return list(cursor.fetchall())
        finally:
            cursor.close()


def _above(mode: str) -> int:
    return MODES.index(mode) + 1


def _described_by(oids: set[int]) -> str:
    return _DESCRIBE.format(oids=",".join(map(str, sorted(oids))))


def _described(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, _Relation, bool]]:
    """Of what there is: its oid, what it is, and whether others see it."""
    for oid, kind, schema, identity, index_of, existed in rows:
        if identity is not None:
            # TOAST tables are locked with theirs.
            counts = kind in _KINDS and not (schema or "").startswith("pg_")
            yield oid, _Relation(identity, index_of, counts), existed


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
