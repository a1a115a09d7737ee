"""Alembic's version table: where it is, what it holds, and how to make it."""

from __future__ import annotations

from dataclasses import dataclass

from modalembic.errors import MissingPrivilege, NoSchema, ReadOnlyDatabase
from modalembic.runtime.session import Session

DEFAULT_NAME = "alembic_version"
COLUMN_LENGTH = 32

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
       coalesce(has_table_privilege(found.oid, 'SELECT'), false),
       coalesce(has_table_privilege(found.oid, 'INSERT')
                AND has_table_privilege(found.oid, 'UPDATE')
                AND has_table_privilege(found.oid, 'DELETE'), false),
       target.oid IS NOT NULL
  FROM (SELECT 1) AS one
  LEFT JOIN (SELECT n.nspname FROM pg_catalog.pg_class c
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = to_regclass(quote_ident(%(table)s))) AS visible ON true
  LEFT JOIN pg_catalog.pg_namespace target
         ON target.nspname = coalesce(%(schema)s, visible.nspname, current_schema())
  LEFT JOIN (SELECT c.oid, c.relnamespace, a.atttypmod
               FROM pg_catalog.pg_class c
               LEFT JOIN pg_catalog.pg_attribute a
                      ON a.attrelid = c.oid AND a.attname = 'version_num'
              WHERE c.relname = %(table)s) AS found ON found.relnamespace = target.oid
"""


def quoted(*names: str) -> str:
    """SQL identifiers, quoted and joined by dots."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


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
    may_read: bool
    may_write: bool
    schema_exists: bool = True

    @property
    def qualified(self) -> str:
        """The table's name for SQL."""
        return quoted(self.schema, self.name)

    def rows(self, session: Session) -> tuple[str, ...]:
        """The version rows, sorted; none where there is no table. Raises MissingPrivilege."""
        if not self.exists:
            return ()
        if not (self.may_use_schema and self.may_read):
            raise MissingPrivilege(
                f"role {self.user!r} may not read {self.schema}.{self.name}",
                hint=f"GRANT USAGE ON SCHEMA {quoted(self.schema)} TO {quoted(self.user)}; "
                f"GRANT SELECT ON {self.qualified} TO {quoted(self.user)};",
            )
        return tuple(
            sorted(row[0] for row in session.fetch(f"SELECT version_num FROM {self.qualified}"))
        )

    def require_writable(self) -> None:
        """Raise what stands in the way of writing version rows, before anything is written."""
        if self.in_recovery:
            raise ReadOnlyDatabase(
                f"the server of database {self.database!r} is a read-only standby",
                hint="run the migrations on the primary server",
            )
        if self.read_only:
            raise ReadOnlyDatabase(
                f"database {self.database!r} is read-only for role {self.user!r} "
                "(default_transaction_read_only)",
                hint="use a role or a database that may write",
            )
        if not self.schema_exists:
            raise NoSchema(
                f"there is no schema {self.schema!r} for {self.name} in database {self.database!r}",
                hint=f"CREATE SCHEMA {quoted(self.schema)};",
            )
        if not self.exists and not self.may_create:
            raise MissingPrivilege(
                f"role {self.user!r} may not create {self.name} in schema {self.schema!r}",
                hint=f"GRANT USAGE, CREATE ON SCHEMA {quoted(self.schema)} TO {quoted(self.user)};",
            )
        if self.exists and not self.may_write:
            raise MissingPrivilege(
                f"role {self.user!r} may not write {self.schema}.{self.name}",
                hint=f"GRANT SELECT, INSERT, UPDATE, DELETE ON {self.qualified} "
                f"TO {quoted(self.user)};",
            )

    def create_statement(self) -> str:
        """The statement that makes the table exactly as Alembic makes it."""
        key = quoted(f"{self.name}_pkc")
        return (
            f"CREATE TABLE IF NOT EXISTS {self.qualified} (\n"
            f"    version_num VARCHAR({COLUMN_LENGTH}) NOT NULL,\n"
            f"    CONSTRAINT {key} PRIMARY KEY (version_num)\n)"
        )


def locate(session: Session, name: str | None, schema: str | None) -> VersionTable:
    """The version table `name` (None: Alembic's default) in `schema` (None: where the search path
    leads, as for Alembic). Raises NoSchema where it leads nowhere."""
    table = name or DEFAULT_NAME
    (row,) = session.fetch(LOCATE, {"table": table, "schema": schema})
    if row[0] is None:
        raise NoSchema(
            f"the search path of role {row[3]!r} has no schema that exists",
            hint='create it, or name one: version_table_schema = "…" in [tool.modalembic]',
        )
    length = COLUMN_LENGTH if not row[1] else (row[2] if row[2] > 0 else None)
    return VersionTable(row[0], table, row[1], length, *row[3:])


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
        may_read=True,
        may_write=True,
    )
