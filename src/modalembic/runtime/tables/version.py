"""Alembic's version table: where it is, what it holds, and how to make it."""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.errors import NoSchema, ReadOnlyDatabase
from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.rights import READ, Rights, quoted, require
from modalembic.runtime.tables.search_path import LONGEST_NAME, require_short, require_visible

__all__ = ["VersionTable", "assumed_table", "literal", "locate", "quoted"]

DEFAULT_NAME = "alembic_version"
COLUMN_LENGTH = 32
WRITE = ("SELECT", "INSERT", "UPDATE", "DELETE")

LOCATE = """
SELECT coalesce(%(schema)s, visible.nspname, current_schema()),
       found.oid IS NOT NULL,
       coalesce(found.atttypmod - 4, -1),
       current_user,
       current_database(),
       pg_is_in_recovery(),
       current_setting('transaction_read_only') = 'on',
       coalesce(has_schema_privilege(target.oid, 'USAGE'), false),
       coalesce(has_schema_privilege(target.oid, 'CREATE'), false),
       array_to_string(ARRAY(
           SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p
            WHERE has_table_privilege(found.oid, p)
               OR (p <> 'DELETE' AND has_column_privilege(found.oid, found.attnum, p))), ' '),
       target.oid IS NOT NULL,
       pg_catalog.pg_get_userbyid(found.relowner)
  FROM (SELECT 1) AS one
  LEFT JOIN (SELECT n.nspname FROM pg_catalog.pg_class c
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = to_regclass(quote_ident(%(table)s))) AS visible ON true
  LEFT JOIN pg_catalog.pg_namespace target
         ON target.nspname = coalesce(%(schema)s, visible.nspname, current_schema())
  LEFT JOIN (SELECT c.oid, c.relnamespace, c.relowner, a.atttypmod, a.attnum
               FROM pg_catalog.pg_class c
               LEFT JOIN pg_catalog.pg_attribute a
                      ON a.attrelid = c.oid AND a.attname = 'version_num'
              WHERE c.relname = %(table)s) AS found ON found.relnamespace = target.oid
"""


def literal(text: str) -> str:
    """A SQL string, the same under every setting of `standard_conforming_strings`."""
    quoted_text = text.replace("'", "''")
    if "\\" in text:
        return "E'" + quoted_text.replace("\\", "\\\\") + "'"
    return f"'{quoted_text}'"


@dataclass(frozen=True)
class VersionTable:
    """A version table, there or to be made, as its server describes it.

    `column_length` is None where the ids may be of any length.
    """

    schema: str
    name: str
    exists: bool
    column_length: int | None
    user: str
    database: str
    in_recovery: bool
    read_only: bool
    may_use_schema: bool
    may_create: bool
    privileges: frozenset[str]
    schema_exists: bool = True
    owner: str | None = None

    @property
    def qualified(self) -> str:
        """The table's name for SQL."""
        return quoted(self.schema, self.name)

    @property
    def rights(self) -> Rights:
        """What the role may do with the table."""
        return self.rights_beside(
            self.name, exists=self.exists, owner=self.owner, privileges=self.privileges
        )

    def rights_beside(
        self, name: str, *, exists: bool, owner: str | None, privileges: frozenset[str]
    ) -> Rights:
        """What the role may do with the table `name` of the same schema."""
        return Rights(
            self.schema,
            name,
            self.user,
            (owner or self.user) if exists else None,
            privileges,
            self.may_use_schema,
            self.may_create,
        )

    def rows(self, session: Session) -> tuple[str, ...]:
        """The version rows, sorted; none where there is no table. Raises MissingPrivilege."""
        if not self.exists:
            return ()
        require("read", (self.rights, READ))
        return tuple(
            sorted(row[0] for row in session.fetch(f"SELECT version_num FROM {self.qualified}"))
        )

    def require_primary(self) -> None:
        """Raise ReadOnlyDatabase or NoSchema where nobody could write, whatever the role."""
        if self.in_recovery:
            raise ReadOnlyDatabase(
                f"the server of database {self.database!r} is a read-only standby; nothing was "
                "written",
                hint="run it against the primary server",
            )
        if self.read_only:
            raise ReadOnlyDatabase(
                f"database {self.database!r} is read-only for role {self.user!r} "
                "(default_transaction_read_only); nothing was written",
                hint="use a role or a database that may write",
            )
        if not self.schema_exists:
            raise NoSchema(
                f"there is no schema {self.schema!r} for {self.name} in database {self.database!r}",
                hint=f"CREATE SCHEMA {quoted(self.schema)};",
            )

    def require_writable(self) -> None:
        """Raise what stands in the way of writing version rows, before anything is written."""
        self.require_primary()
        require("write", (self.rights, WRITE))

    def create_statement(self) -> str:
        """The statement that makes the table exactly as Alembic makes it."""
        key = f"{self.name}_pkc"
        # Cut short by Postgres, the index would have the table's own name. Alembic fails there.
        named = f"CONSTRAINT {quoted(key)} " if len(key.encode()) <= LONGEST_NAME else ""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.qualified} (\n"
            f"    version_num VARCHAR({COLUMN_LENGTH}) NOT NULL,\n"
            f"    {named}PRIMARY KEY (version_num)\n)"
        )


def locate(session: Session, name: str | None, schema: str | None) -> VersionTable:
    """The version table `name` (None: Alembic's default) in `schema` (None: where the search path
    leads, as for Alembic). Raises NoSchema where it leads nowhere, MissingPrivilege where it leads
    to a schema that the role may not use, ConfigurationError for a name that is too long."""
    table = name or DEFAULT_NAME
    require_short(table, schema)
    (row,) = session.fetch(LOCATE, {"table": table, "schema": schema})
    if schema is None and not row[1]:
        require_visible(session, table, row[3], row[0])
    length = COLUMN_LENGTH if not row[1] else (row[2] if row[2] > 0 else None)
    return VersionTable(
        schema=row[0],
        name=table,
        exists=row[1],
        column_length=length,
        user=row[3],
        database=row[4],
        in_recovery=row[5],
        read_only=row[6],
        may_use_schema=row[7],
        may_create=row[8],
        privileges=frozenset(row[9].split()),
        schema_exists=row[10],
        owner=row[11],
    )


def assumed_table(name: str | None, schema: str | None) -> VersionTable:
    """The version table as it will be in an empty database, in `public` where no schema is
    named."""
    return VersionTable(
        schema=schema or "public",
        name=name or DEFAULT_NAME,
        exists=False,
        column_length=COLUMN_LENGTH,
        user="",
        database="",
        in_recovery=False,
        read_only=False,
        may_use_schema=True,
        may_create=True,
        privileges=frozenset(WRITE),
    )
