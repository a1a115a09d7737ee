"""Making the tables that modalembic has beside the version table."""

from __future__ import annotations

from collections.abc import Iterable

from modalembic.postgres.lock import lock_key
from modalembic.runtime.connection.session import Session

_THERE = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_class c
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = %(schema)s AND c.relname = %(name)s)
"""


def create_once(session: Session, schema: str, name: str, statements: Iterable[str]) -> None:
    """Run `statements`, which make the table `name`, within a transaction of `session`; nothing
    where it is there by now.

    Projects whose version tables are in one schema share it, and the locks of their runs do not
    keep them apart: CREATE TABLE IF NOT EXISTS fails for who is second, and the comment is its
    owner's.
    """
    key = lock_key(schema, name, "create")
    session.fetch(f"SELECT pg_catalog.pg_advisory_xact_lock({key})")
    if session.fetch(_THERE, {"schema": schema, "name": name}) == [(False,)]:
        for statement in statements:
            session.run(statement)
