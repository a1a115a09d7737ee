"""What a step writes down: its version rows, and its row in the history table.

One text for a run and for `--sql`. It has its values as literals and goes to the server in one
simple query: that takes a third of the time of the same with bound parameters, which the server
would have to plan anew every time as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modalembic._version import __version__
from modalembic.errors import VersionRowsChanged
from modalembic.history.plan import Step
from modalembic.history.state import VersionRows
from modalembic.project import Project
from modalembic.runtime.connection.backend import require_same_backend
from modalembic.runtime.failure import shown_path
from modalembic.runtime.state.content import content_of
from modalembic.runtime.tables.history import HistoryTable, details_literal, who
from modalembic.runtime.tables.version import VersionTable, literal
from modalembic.runtime.watch.guard import in_autocommit

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

SETTINGS = (
    "current_setting('lock_timeout')",
    "current_setting('statement_timeout')",
    "current_setting('search_path')",
)


@dataclass(frozen=True)
class Change:
    """A statement on the version table, and how many rows it has to find."""

    statement: str
    rows: int


@dataclass(frozen=True)
class Record:
    """The changes of version rows for one step, and its history row up to the times."""

    revision: str
    changes: tuple[Change, ...]
    history: str
    table: str

    def statements(self, started_at: str, ms: str, details: str = "NULL") -> tuple[str, ...]:
        """All statements; `started_at`, `ms` and `details` are SQL expressions."""
        return (
            *(change.statement for change in self.changes),
            f"{self.history}, {started_at}, {ms}, {details})",
        )

    def ending(self, row: int, ms: str, details: Mapping[str, Any]) -> str:
        """The statement that ends a history row that was written when the step started."""
        return (
            f"UPDATE {self.table} SET state = 'done', ms = {ms}, "
            f"details = coalesce(details, '{{}}') || {details_literal(details)} WHERE id = {row}"
        )


class Recorder:
    """Makes the record of each step of a run, in the order in which the steps run."""

    def __init__(
        self,
        project: Project,
        versions: VersionTable,
        history: HistoryTable,
        rows: VersionRows,
        run_id: str,
    ) -> None:
        self._project = project
        self._versions = versions
        self._rows = rows
        self._table = history.qualified
        # What is the same in every row of the run.
        self._begin = (
            f"INSERT INTO {history.qualified} (run_id, version_table, who, modalembic_version, "
            "module, revision, direction, path, content_hash, meaning_hash, parents, started_at, "
            "ms, details)\n"
            f"VALUES ({_literals([run_id, versions.name, who(), __version__])}"
        )

    def record(self, step: Step) -> Record:
        """The record of `step`, whose turn it is."""
        revision = step.revision
        change = self._rows.upgrade if step.direction == "upgrade" else self._rows.downgrade
        gone, come = change(revision.id)
        path = shown_path(self._project.root, revision.path)
        content = content_of(revision)
        values = [revision.module, revision.id, step.direction, path, content.text, content.meaning]
        parents = _literals(self._project.graph.parents[revision.id])
        return Record(
            revision.id,
            tuple(row_changes(self._versions, gone, come)),
            f"{self._begin}, {_literals(values)}, ARRAY[{parents}]::text[]",
            self._table,
        )


def row_changes(
    versions: VersionTable, gone: Sequence[str], come: Sequence[str]
) -> tuple[Change, ...]:
    """The statements that take the rows `gone` out of the version table and put `come` in."""
    table = versions.qualified
    if len(gone) == len(come) == 1:
        update = f"UPDATE {table} SET version_num = {literal(come[0])}"
        return (Change(f"{update} WHERE version_num = {literal(gone[0])}", 1),)
    changes = []
    if gone:
        deleted = f"DELETE FROM {table} WHERE version_num IN ({_literals(gone)})"
        changes.append(Change(deleted, len(gone)))
    if come:
        rows = ", ".join(f"({literal(row)})" for row in come)
        inserted = f"INSERT INTO {table} (version_num) VALUES {rows}"
        changes.append(Change(inserted, len(come)))
    return tuple(changes)


def write_record(
    connection: Connection,
    record: Record,
    ms: float,
    details: Mapping[str, Any],
    *,
    row: int | None = None,
) -> tuple[str, ...]:
    """Write `record` within the transaction of `connection`, for a step that took `ms` milliseconds
    so far; `row` is the history row that it has already. Gives the values of `SETTINGS`.

    Raises VersionRowsChanged where the version rows were not what the plan was made for, and
    BackendChanged where this is not the backend that holds the lock.
    """
    statements = record.statements(
        f"clock_timestamp() - {ms} * interval '1 millisecond'",
        str(ms),
        details_literal(details),
    )
    *changes, history = statements
    if row is not None:
        history = record.ending(row, str(ms), details)
    history = f"{history} RETURNING pg_backend_pid(), {', '.join(SETTINGS)}"
    with _one_transaction(connection):
        counts, (pid, *shown) = _send(connection, (*changes, history))
        if counts != [change.rows for change in record.changes]:
            raise VersionRowsChanged(
                f"the version rows changed while {record.revision} ran, although this run has the "
                "lock",
                hint="something else writes the table: stock Alembic, or the revision itself? "
                "The revision was rolled back",
            )
    require_same_backend(connection, pid)
    return tuple(shown)


@contextmanager
def _one_transaction(connection: Connection) -> Iterator[None]:
    """A transaction around the block on a connection in autocommit, which has none."""
    if not in_autocommit(connection):
        yield
        return
    _control(connection, "BEGIN")
    try:
        yield
    except BaseException:
        _control(connection, "ROLLBACK")
        raise
    _control(connection, "COMMIT")


def _control(connection: Connection, statement: str) -> None:
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    cursor.close()


def _send(connection: Connection, statements: Sequence[str]) -> tuple[list[int], Sequence[Any]]:
    """As `_in_one_query`, over any driver."""
    import psycopg

    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        return _in_one_query(driver, statements)
    *changes, last = statements
    # Or else a % in a text would be taken for a parameter.
    options = {"no_parameters": True}
    counts = [
        connection.exec_driver_sql(statement, execution_options=options).rowcount
        for statement in changes
    ]
    return counts, tuple(connection.exec_driver_sql(last, execution_options=options).one())


def _in_one_query(
    driver: psycopg.Connection, statements: Sequence[str]
) -> tuple[list[int], tuple[Any, ...]]:
    """The numbers of rows that all statements but the last one changed, and the last one's row."""
    # Without parameters this is a simple query, which may hold several statements.
    cursor = driver.execute("; ".join(statements).encode(), prepare=False)
    counts = []
    for _ in statements[:-1]:
        counts.append(cursor.rowcount)
        cursor.nextset()
    row = cursor.fetchone()
    assert row is not None
    return counts, row


def _literals(values: Sequence[str | None]) -> str:
    return ", ".join("NULL" if value is None else literal(value) for value in values)
