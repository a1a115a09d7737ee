"""What a step writes down: its version rows, and its row in the history table.

One text for a run and for `--sql`. It has its values as literals and goes to the server in one
simple query: that takes a third of the time of the same with bound parameters, which the server
would have to plan anew every time as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic._version import __version__
from modalembic.errors import VersionRowsChanged
from modalembic.history.plan import Step
from modalembic.history.state import VersionRows
from modalembic.project import Project
from modalembic.runtime.content import content_of
from modalembic.runtime.failure import shown_path
from modalembic.runtime.history_table import HistoryTable, who
from modalembic.runtime.version_table import VersionTable, literal

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

    def statements(self, started_at: str, ms: str) -> tuple[str, ...]:
        """All statements; `started_at` and `ms` are SQL expressions."""
        return (
            *(change.statement for change in self.changes),
            f"{self.history}, {started_at}, {ms})",
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
        # What is the same in every row of the run.
        self._begin = (
            f"INSERT INTO {history.qualified} (run_id, version_table, who, modalembic_version, "
            "module, revision, direction, path, content_hash, meaning_hash, parents, started_at, "
            "ms)\n"
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


def write_record(connection: Connection, record: Record, ms: float) -> tuple[str, ...]:
    """Write `record` within the transaction of `connection`, for a step that took `ms` milliseconds
    so far. Gives the values of `SETTINGS`.

    Raises VersionRowsChanged where the version rows were not what the plan was made for.
    """
    import psycopg

    statements = record.statements(f"clock_timestamp() - {ms} * interval '1 millisecond'", str(ms))
    *changes, history = statements
    history = f"{history} RETURNING {', '.join(SETTINGS)}"
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        counts, shown = _in_one_query(driver, (*changes, history))
    else:
        # Or else a % in a text would be taken for a parameter.
        options = {"no_parameters": True}
        counts = [
            connection.exec_driver_sql(statement, execution_options=options).rowcount
            for statement in changes
        ]
        shown = tuple(connection.exec_driver_sql(history, execution_options=options).one())
    if counts != [change.rows for change in record.changes]:
        raise VersionRowsChanged(
            f"the version rows changed while {record.revision} ran, although this run has the lock",
            hint="something else writes the table: stock Alembic, or the revision itself? "
            "The revision was rolled back",
        )
    return shown


def _in_one_query(
    driver: psycopg.Connection, statements: Sequence[str]
) -> tuple[list[int], tuple[str, ...]]:
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
