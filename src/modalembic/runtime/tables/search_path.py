"""Schemas of the search path that Postgres passes over in silence, as the role may not use them."""

from __future__ import annotations

import re

from modalembic.errors import ConfigurationError, MissingPrivilege, NoSchema
from modalembic.runtime.connection.session import Session
from modalembic.runtime.tables.rights import quoted

LONGEST_NAME = 63
_ENTRY = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,"]+?))\s*(?:,|$)')
_HIDDEN = """
SELECT n.nspname, EXISTS (SELECT FROM pg_catalog.pg_class c
                           WHERE c.relnamespace = n.oid AND c.relname = %(table)s)
  FROM pg_catalog.pg_namespace n
 WHERE n.nspname = ANY (CAST(%(names)s AS text[]))
   AND NOT has_schema_privilege(n.oid, 'USAGE')
 ORDER BY array_position(CAST(%(names)s AS text[]), CAST(n.nspname AS text))
"""


def require_visible(session: Session, table: str, user: str, schema: str | None) -> None:
    """For a `table` that was not found on the search path, which leads to `schema`.

    Raises MissingPrivilege where the role may not use a schema of the path that has the table (it
    would be made anew elsewhere, and everything run again) or that it would be made in, NoSchema
    where the path leads nowhere.
    """
    hidden = _hidden(session, table, user)
    having = [name for name, has_table in hidden if has_table]
    if having:
        raise MissingPrivilege(
            f"role {user!r} may not use schema {having[0]!r}, which is on its search path and has "
            f"the table {table}",
            hint=f"GRANT USAGE ON SCHEMA {quoted(having[0])} TO {quoted(user)};",
        )
    if schema is None and hidden:
        raise MissingPrivilege(
            f"role {user!r} may not use schema {hidden[0][0]!r}, the one on its search path that "
            f"{table} would be made in",
            hint=f"GRANT USAGE, CREATE ON SCHEMA {quoted(hidden[0][0])} TO {quoted(user)};",
        )
    if schema is None:
        raise NoSchema(
            f"the search path of role {user!r} has no schema that exists",
            hint='create it, or name one: version_table_schema = "…" in [tool.modalembic]',
        )


def require_short(*names: str | None) -> None:
    """Raise ConfigurationError for a name that Postgres would cut short, so that nothing of that
    name would ever be found again."""
    for name in names:
        length = len((name or "").encode())
        if length > LONGEST_NAME:
            raise ConfigurationError(
                f"{name!r} has {length} bytes; a name in Postgres has at most {LONGEST_NAME}",
                hint="give version_table and version_table_schema shorter names",
            )


def _hidden(session: Session, table: str, user: str) -> list[tuple[str, bool]]:
    (row,) = session.fetch("SELECT current_setting('search_path')")
    entries = [_entry(match) for match in _ENTRY.finditer(row[0]) if match[0]]
    names = [user if entry == "$user" else entry for entry in entries]
    found = session.fetch(_HIDDEN, {"table": table, "names": names})
    return [(name, has_table) for name, has_table in found]


def _entry(match: re.Match[str]) -> str:
    """A name of the search path; Postgres writes it as it was written."""
    if match[1] is not None:
        return match[1].replace('""', '"')
    return match[2].lower()
