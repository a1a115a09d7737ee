"""Which tables' rows a transaction has changed, as Postgres counts it."""

from __future__ import annotations

from collections.abc import Collection

from modalembic.errors import UninstallRefused
from modalembic.postgres.catalog.names import qualified
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.uninstall.makers import Makers
from modalembic.runtime.uninstall.preview import Preview

_CHANGED = """
SELECT schemaname::text, relname::text, n_tup_ins + n_tup_upd + n_tup_del
  FROM pg_catalog.pg_stat_xact_user_tables
 WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
 ORDER BY 1, 2
"""
# A table that is emptied or written anew gets another file.
_FILES = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relfilenode::bigint
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND left(n.nspname, 3) <> 'pg_'
"""

Files = dict[tuple[int, str, str], int]


def table_files(session: Session) -> Files:
    """The file of each table."""
    return {(oid, schema, name): file for oid, schema, name, file in session.fetch(_FILES)}


def require_counts(preview: Preview, session: Session) -> None:
    """Raise UninstallRefused where the server does not count changed rows: nothing would be seen
    of them, and that would be taken for a good sign."""
    ((counts,),) = session.fetch("SELECT current_setting('track_counts')::bool")
    if not counts:
        raise UninstallRefused(
            f"{preview.module} was not uninstalled: track_counts is off in this database, so that "
            "nobody could tell whether its downgrades change rows of others",
            hint="nothing was undone; have track_counts switched on, or `modalembic downgrade "
            f"{preview.module}@base`, which does not look at that",
        )


def require_own_rows(
    project: Project,
    preview: Preview,
    session: Session,
    before: Files,
    ignored: Collection[str],
) -> None:
    """Raise UninstallRefused where the transaction of `session` has changed rows of a table that is
    not the module's and of which its revisions do not speak. `before` are the files as they were,
    `ignored` the names of modalembic's own tables."""
    told = {(table.schema, table.name) for table in preview.tables}
    makers = Makers(project, preview.module, preview.applied)
    changed = [(schema, name) for schema, name, _ in session.fetch(_CHANGED)]
    after = table_files(session)
    rewritten = [key[1:] for key, file in after.items() if before.get(key, file) != file]
    for schema, name in sorted({*changed, *rewritten}):
        if (schema, name) in told or name in ignored or makers.mentions(name):
            continue
        table = qualified(schema, name)
        whose = preview.others.get(table)
        raise UninstallRefused(
            f"{preview.module} was not uninstalled: its downgrades change rows of {table}"
            + (f", which belongs to {whose}," if whose else ",")
            + " and its upgrades do not speak of it",
            hint="nothing was undone; mend the downgrade, or `modalembic downgrade "
            f"{preview.module}@base`, which does not look at that",
        )
