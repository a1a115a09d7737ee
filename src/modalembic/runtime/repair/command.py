"""`repair`: under both locks, first all that is to be done is found, then it is done."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic._version import __version__
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.locks import both_locks
from modalembic.runtime.options import Observer, Options, Settled
from modalembic.runtime.question import look
from modalembic.runtime.repair.accept import accepted
from modalembic.runtime.repair.action import Action
from modalembic.runtime.repair.interrupted import Interrupted, Left
from modalembic.runtime.repair.overlaps import overlaps
from modalembic.runtime.repair.retire import retired
from modalembic.runtime.repair.rows import MendedRows
from modalembic.runtime.state.situation import Situation, read_situation
from modalembic.runtime.tables.history import who
from modalembic.runtime.tables.version import literal, locate

if TYPE_CHECKING:
    from modalembic.postgres.url import DatabaseURL


@dataclass(frozen=True)
class Asked:
    """What `repair` was told to do beyond what is proven: revisions and modules by name."""

    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    retire: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repaired:
    """What was done, in order; under `dry_run` what would be. `left` are interrupted revisions of
    which a person has to say what is true. `database` is its URL without the password, None where
    only `env.py` knows it; `before` and `after` are the version rows."""

    actions: tuple[Action, ...]
    left: tuple[Left, ...]
    dry_run: bool
    before: tuple[str, ...]
    after: tuple[str, ...]
    database: str | None


def repair(
    project: Project,
    *,
    done: Iterable[str] = (),
    undone: Iterable[str] = (),
    accept: Iterable[str] = (),
    retire: Iterable[str] = (),
    dry_run: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> Repaired:
    """Mend what is proven to be safe, and what is asked for.

    `done` and `undone` are interrupted revisions that are to count as complete, or as not there;
    `accept` revisions whose content is to be taken as it is now; `retire` modules that are not
    discovered here, whose rows are to go. Raises what speaks against one of them before anything
    is written, and what is wrong with the project or the database.
    """
    project.require_sound()
    asked = Asked(tuple(done), tuple(undone), tuple(accept), tuple(retire))
    settled = (options or Options()).settled(project.configuration)
    watching = observer or Observer()
    results: list[Repaired] = []

    def work(session: Session, situation: Situation, url: DatabaseURL | None) -> None:
        place = None if url is None else url.safe
        job = _Repair(project, asked, settled, watching)
        results.append(job.run(session, situation, place, dry_run=dry_run))

    look(project, database, work, options=options, observer=watching, migrating=True)
    return results[0]


class _Repair:
    def __init__(
        self, project: Project, asked: Asked, options: Settled, observer: Observer
    ) -> None:
        self._project = project
        self._asked = asked
        self._options = options
        self._observer = observer

    def run(
        self, session: Session, situation: Situation, place: str | None, *, dry_run: bool
    ) -> Repaired:
        """Do it, over a connection in autocommit."""
        table = situation.versions
        with both_locks(session, table, self._options, self._observer):
            situation = self._read(session, situation)
            rows = MendedRows(self._project.graph, situation.state, situation.versions)
            interrupted = Interrupted(self._project, session, situation, rows)
            actions = tuple(self._actions(session, situation, interrupted, rows))
            if actions and not dry_run:
                situation.require_writable()
                self._execute(session, situation, actions)
            after = self._read(session, situation).state.rows
            left = interrupted.left()
        return Repaired(actions, left, dry_run, situation.state.rows, after, place)

    def _read(self, session: Session, situation: Situation) -> Situation:
        table = locate(session, situation.versions.name, situation.versions.schema)
        return read_situation(self._project, session, table=table, rows_of_history=True)

    def _actions(
        self, session: Session, situation: Situation, interrupted: Interrupted, rows: MendedRows
    ) -> Iterator[Action]:
        asked = self._asked
        yield from overlaps(self._project, situation, rows)
        yield from interrupted.said(asked.done, asked.undone)
        yield from interrupted.proven()
        yield from retired(self._project, session, situation, rows, asked.retire)
        yield from accepted(self._project, situation, self._asked.accept)

    def _execute(self, session: Session, situation: Situation, actions: tuple[Action, ...]) -> None:
        for action in actions:
            for statement in action.outside:
                session.run_alone(statement)
        run_id = secrets.token_hex(8)
        with session.transaction():
            situation.history.prepare(session)
            for action in actions:
                for statement in action.statements:
                    session.run(statement)
                session.run(_row(situation, action, run_id))


def _row(situation: Situation, action: Action, run_id: str) -> str:
    """The statement that writes the history row of `action`."""
    parents = ", ".join(literal(parent) for parent in action.parents)
    details = json.dumps({"action": action.kind, **action.details})
    values = {
        "run_id": literal(run_id),
        "version_table": literal(situation.versions.name),
        "module": literal(action.module),
        "revision": literal(action.revision),
        "direction": "'repair'",
        "path": _or_null(action.path),
        "parents": f"ARRAY[{parents}]::text[]",
        "content_hash": _or_null(action.content_hash),
        "meaning_hash": _or_null(action.meaning_hash),
        "started_at": "clock_timestamp()",
        "ms": "0",
        "who": literal(who()),
        "modalembic_version": literal(__version__),
        "details": f"{literal(details)}::jsonb",
    }
    return (
        f"INSERT INTO {situation.history.qualified} ({', '.join(values)}) "
        f"VALUES ({', '.join(values.values())})"
    )


def _or_null(text: str | None) -> str:
    return "NULL" if text is None else literal(text)
