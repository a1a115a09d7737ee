"""`modalembic_history`: what ran, when, how long, by whom, and with which content.

It stands beside the version table and never instead of it: what is applied is said by the version
rows alone. A row is written in its revision's own transaction. `state` and `details` leave room for
runs that were started and have not ended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modalembic.errors import NewerHistory
from modalembic.postgres.redaction import redact_document
from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.installed.table import COLUMNS, JOIN, ModulesTable, described
from modalembic.runtime.tables.own import create_once
from modalembic.runtime.tables.rights import READ, Rights, require
from modalembic.runtime.tables.version import VersionTable, literal, quoted

NAME = "modalembic_history"
_DIRECTIONS = "direction IN ('upgrade', 'downgrade', 'stamp', 'repair')"
FORMAT = 2
# A revision that is not one transaction has its row before it ends, and ends it then.
WRITE = ("SELECT", "INSERT", "UPDATE")
_COMMENT = re.compile(r"modalembic history, format (\d+)")

_FIND = f"""
SELECT c.oid IS NOT NULL,
       obj_description(c.oid, 'pg_class'),
       array_to_string(ARRAY(
           SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p
            WHERE has_table_privilege(c.oid, p)), ' '),
       pg_catalog.pg_get_userbyid(c.relowner),
{COLUMNS}
  FROM (SELECT 1) AS one
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = %(schema)s
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = %(table)s
{JOIN}
"""


@dataclass(frozen=True)
class Recorded:
    """What the history knows of a revision: the module it belonged to, and what it was built on."""

    revision: str
    module: str
    parents: tuple[str, ...]


@dataclass(frozen=True)
class HistoryTable:
    """The history table, there or to be made, beside the version table `versions`. `format` is that
    of the modalembic that made it, or brought it up to date."""

    versions: VersionTable
    exists: bool
    format: int = FORMAT
    privileges: frozenset[str] = frozenset()
    owner: str | None = None
    modules: ModulesTable | None = None

    @property
    def may_read(self) -> bool:
        """Whether the role may read the table, which is there."""
        return self.exists and not self.rights.missing(READ)

    @property
    def rights(self) -> Rights:
        """What the role may do with the table."""
        return self.versions.rights_beside(
            NAME, exists=self.exists, owner=self.owner, privileges=self.privileges
        )

    @property
    def qualified(self) -> str:
        """The table's name for SQL."""
        return quoted(self.versions.schema, NAME)

    def require_writable(self) -> None:
        """Raise MissingPrivilege where the table cannot be made or written."""
        require("write", (self.rights, WRITE))

    def prepare(self, session: Session) -> None:
        """Make the table, or bring one that an older modalembic made up to date, within a
        transaction of `session`."""
        if not self.exists:
            create_once(session, self.versions.schema, NAME, self.create_statements())
        for statement in self.update_statements():
            session.run(statement)

    def update_statements(self) -> tuple[str, ...]:
        """The statements that bring the table up to date; none where it is, or is not there."""
        if not self.exists or self.format == FORMAT:
            return ()
        # Format 1 had no repairs, and hashed the text alone.
        check = quoted(f"{NAME}_direction_check")
        altered = (
            f"ALTER TABLE {self.qualified} ADD COLUMN IF NOT EXISTS meaning_hash text, "
            f"DROP CONSTRAINT IF EXISTS {check}, ADD CONSTRAINT {check} CHECK ({_DIRECTIONS})"
        )
        return altered, self._comment

    def create_statements(self) -> tuple[str, ...]:
        """The statements that make the table."""
        return (
            f"""CREATE TABLE IF NOT EXISTS {self.qualified} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id text NOT NULL,
    version_table text NOT NULL,
    module text NOT NULL,
    revision text NOT NULL,
    direction text NOT NULL CHECK ({_DIRECTIONS}),
    state text NOT NULL DEFAULT 'done' CHECK (state IN ('started', 'done', 'failed')),
    path text,
    parents text[] NOT NULL,
    content_hash text,
    meaning_hash text,
    started_at timestamp with time zone NOT NULL,
    ms double precision,
    who text NOT NULL,
    modalembic_version text NOT NULL,
    details jsonb
)""",
            self._comment,
        )

    @property
    def _comment(self) -> str:
        text = literal(f"modalembic history, format {FORMAT}")
        return f"COMMENT ON TABLE {self.qualified} IS {text}"

    def lineage(self, session: Session, revisions: Iterable[str]) -> dict[str, Recorded]:
        """What is recorded of `revisions` and of everything that they were built on, newest
        first."""
        wanted = list(revisions)
        if not (wanted and self.exists):
            return {}
        require("read", (self.rights, READ), why=f", which says what {', '.join(wanted)} is")
        rows = session.fetch(
            f"""
            WITH RECURSIVE newest AS (
                SELECT DISTINCT ON (revision) revision, module, parents
                  FROM {self.qualified}
                 WHERE version_table = %(version_table)s AND direction <> 'downgrade'
                 ORDER BY revision, id DESC
            ), below AS (
                SELECT * FROM newest WHERE revision = ANY(CAST(%(wanted)s AS text[]))
                UNION
                SELECT newest.* FROM newest JOIN below ON newest.revision = ANY(below.parents)
            )
            SELECT revision, module, parents FROM below ORDER BY revision
            """,
            {"wanted": wanted, "version_table": self.versions.name},
        )
        return {row[0]: Recorded(row[0], row[1], tuple(row[2])) for row in rows}


def find_history(session: Session, versions: VersionTable) -> HistoryTable:
    """The history table beside `versions`, and with it the table of modules. Raises NewerHistory
    where a newer modalembic made it."""
    (row,) = session.fetch(_FIND, {"schema": versions.schema, "table": NAME})
    exists, comment, privileges, owner, *beside = row
    written = _COMMENT.fullmatch(comment or "")
    format_ = FORMAT if written is None else int(written[1])
    if format_ > FORMAT:
        raise NewerHistory(
            f"{versions.schema}.{NAME} is of format {format_}; this modalembic writes format "
            f"{FORMAT}",
            hint="upgrade modalembic: pip install --upgrade modalembic",
        )
    modules = described(versions, tuple(beside))
    return HistoryTable(versions, exists, format_, frozenset(privileges.split()), owner, modules)


# Of backslashes in JSON every second one is escaped by the one before it.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def details_literal(details: Mapping[str, Any]) -> str:
    """A SQL expression for `details`: without passwords (a revision may make a role), without NUL,
    which no text of Postgres may have, and without %, which some drivers take for a parameter."""
    text = _NUL.sub(r"\1", json.dumps(redact_document(details))).replace("%", "\\u0025")
    return f"{literal(text)}::jsonb"


def who() -> str:
    """Who runs this: the account and the machine, as far as they are known."""
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "?"
    return f"{user}@{socket.gethostname()}"
