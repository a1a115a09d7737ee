"""`modalembic_modules`: which modules a database has, or is to have.

It stands beside the version table, and has a row for each module that was installed or uninstalled
by name. Where there is no row, the module's manifest decides (`auto_install`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from modalembic.errors import NewerHistory
from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.own import create_once
from modalembic.runtime.tables.rights import READ, Rights, require
from modalembic.runtime.tables.version import VersionTable, literal, quoted

NAME = "modalembic_modules"
FORMAT = 1
WRITE = ("SELECT", "INSERT", "UPDATE")
INSTALLED, UNINSTALLED = "installed", "uninstalled"


@dataclass(frozen=True)
class Fact:
    """What somebody said of a module in a database: that it is `installed`, or that it is not."""

    module: str
    installed: bool
    since: datetime
    who: str
    run_id: str


@dataclass(frozen=True)
class ModulesTable:
    """The table beside the version table `versions`, there or to be made."""

    versions: VersionTable
    exists: bool = False
    privileges: frozenset[str] = frozenset()
    owner: str | None = None
    comment: str | None = None

    @property
    def qualified(self) -> str:
        """The table's name for SQL."""
        return quoted(self.versions.schema, NAME)

    @property
    def rights(self) -> Rights:
        """What the role may do with the table."""
        return self.versions.rights_beside(
            NAME, exists=self.exists, owner=self.owner, privileges=self.privileges
        )

    def require_writable(self) -> None:
        """Raise MissingPrivilege where the table cannot be made or written."""
        require("write", (self.rights, WRITE))

    def facts(self, session: Session) -> dict[str, Fact]:
        """The rows of this version table, by module. Raises MissingPrivilege and NewerHistory."""
        if not self.exists:
            return {}
        self._require_known_format()
        require("read", (self.rights, READ), why=", which says which modules are installed")
        rows = session.fetch(
            f"SELECT module, state = '{INSTALLED}', since, who, run_id FROM {self.qualified} "
            "WHERE version_table = %(version_table)s ORDER BY module",
            {"version_table": self.versions.name},
        )
        return {row[0]: Fact(*row) for row in rows}

    def _require_known_format(self) -> None:
        written = (self.comment or "").rpartition(" ")[2]
        if written.isdigit() and int(written) > FORMAT:
            raise NewerHistory(
                f"{self.versions.schema}.{NAME} is of format {written}; this modalembic writes "
                f"format {FORMAT}",
                hint="upgrade modalembic: pip install --upgrade modalembic",
            )

    def create_statements(self) -> tuple[str, ...]:
        """The statements that make the table."""
        return (
            f"""CREATE TABLE IF NOT EXISTS {self.qualified} (
    version_table text NOT NULL,
    module text NOT NULL,
    state text NOT NULL CHECK (state IN ('{INSTALLED}', '{UNINSTALLED}')),
    since timestamp with time zone NOT NULL,
    who text NOT NULL,
    run_id text NOT NULL,
    PRIMARY KEY (version_table, module)
)""",
            f"COMMENT ON TABLE {self.qualified} IS "
            + literal(f"modalembic modules, format {FORMAT}"),
        )

    def record(
        self, session: Session, modules: Iterable[str], *, installed: bool, who: str, run_id: str
    ) -> None:
        """Say of `modules` that they are installed, or that they are not, in the transaction of
        `session`. The table is made where it is not there; what is said already keeps its time."""
        if not self.exists:
            create_once(session, self.versions.schema, NAME, self.create_statements())
        for module in modules:
            session.run(
                f"""
                INSERT INTO {self.qualified} AS known
                       (version_table, module, state, since, who, run_id)
                VALUES (%(version_table)s, %(module)s, %(state)s, clock_timestamp(), %(who)s,
                        %(run_id)s)
                ON CONFLICT (version_table, module) DO UPDATE
                   SET state = excluded.state, since = excluded.since, who = excluded.who,
                       run_id = excluded.run_id
                 WHERE known.state <> excluded.state
                """,
                {
                    "version_table": self.versions.name,
                    "module": module,
                    "state": INSTALLED if installed else UNINSTALLED,
                    "who": who,
                    "run_id": run_id,
                },
            )


def described(versions: VersionTable, row: tuple[object, ...]) -> ModulesTable:
    """The table from the columns that `COLUMNS` adds to a query."""
    exists, privileges, owner, comment = row
    return ModulesTable(
        versions,
        bool(exists),
        frozenset(str(privileges).split()),
        None if owner is None else str(owner),
        None if comment is None else str(comment),
    )


# For the query that looks for the history table: one round trip finds both.
COLUMNS = """
       m.oid IS NOT NULL,
       array_to_string(ARRAY(
           SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p
            WHERE has_table_privilege(m.oid, p)), ' '),
       pg_catalog.pg_get_userbyid(m.relowner),
       obj_description(m.oid, 'pg_class')
"""
JOIN = f"""
  LEFT JOIN pg_catalog.pg_class m ON m.relnamespace = n.oid AND m.relname = '{NAME}'
"""

NO_FACTS: Mapping[str, Fact] = MappingProxyType({})
