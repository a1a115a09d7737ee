"""Scratch databases: made for one comparison, dropped after it, and swept where a run has died.

A name says by the server's clock when its database was made, so that whoever finds it later knows
how old it is without any privilege.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modalembic.errors import MissingPrivilege
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg

PREFIX = "modalembic_scratch_"
FILE_COPY_SINCE = 150000
# Between two of its connections, a run that is alive leaves its database alone for less.
LEFT_OVER_SECONDS = 3600
_NAME = re.compile(rf"{PREFIX}([0-9a-f]{{8,}})_[0-9a-f]+")

CLOCK = "SELECT extract(epoch FROM pg_catalog.clock_timestamp())::bigint"
UNUSED = """
SELECT d.datname::text FROM pg_catalog.pg_database AS d
 WHERE d.datname LIKE 'modalembic\\_scratch\\_%'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a WHERE a.datid = d.oid)
 ORDER BY d.datname
"""


@dataclass(frozen=True)
class ScratchServer:
    """A server on which databases may be made. `place` says what it was asked for as, for hints:
    `embedded`, `container` or nothing."""

    url: DatabaseURL
    place: str = ""

    @contextmanager
    def database(self) -> Iterator[DatabaseURL]:
        """The URL of an empty database. It is dropped afterwards, whatever happens inside. Raises
        MissingPrivilege, and what connecting raises."""
        with connect(self.url, application_name="modalembic") as admin:
            name = _create(admin)
            try:
                yield self.url.with_database(name)
            finally:
                _drop(admin, name, force=True)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """An autocommit connection to an empty database; see `database`."""
        with self.database() as url, connect(url, application_name="modalembic") as connection:
            yield connection

    def sweep(self, older_than: float = LEFT_OVER_SECONDS) -> tuple[str, ...]:
        """Drop the databases that runs which died have left: those that nobody is connected to, and
        that are `older_than` so many seconds. Their names; what another role owns stays."""
        import psycopg

        dropped: list[str] = []
        with connect(self.url, application_name="modalembic") as admin:
            now = _clock(admin)
            for (name,) in admin.execute(UNUSED.encode()).fetchall():
                made = _NAME.fullmatch(name)
                if made is None or now - int(made[1], 16) < older_than:
                    continue
                # Without force: whoever has connected since then keeps it.
                with suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                    _drop(admin, name, force=False)
                    dropped.append(name)
        return tuple(dropped)


def _create(admin: psycopg.Connection[Any]) -> str:
    import psycopg

    name = f"{PREFIX}{_clock(admin):08x}_{secrets.token_hex(5)}"
    faster = " STRATEGY file_copy" if admin.info.server_version >= FILE_COPY_SINCE else ""
    try:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0{faster}".encode())
    except psycopg.errors.InsufficientPrivilege:
        user = _role(admin)
        quoted = '"' + user.replace('"', '""') + '"'
        raise MissingPrivilege(
            f"role {user!r} may not create databases on the scratch server",
            hint=f'ALTER ROLE {quoted} CREATEDB; or name another server: scratch = "URL"',
        ) from None
    return name


def _drop(admin: psycopg.Connection[Any], name: str, *, force: bool) -> None:
    from psycopg import sql

    statement = sql.SQL("DROP DATABASE IF EXISTS {}" + (" WITH (FORCE)" if force else ""))
    admin.execute(statement.format(sql.Identifier(name)))


def _role(admin: psycopg.Connection[Any]) -> str:
    """The role that acts, which need not be the one that logged in."""
    row = admin.execute("SELECT current_user").fetchone()
    assert row is not None
    return str(row[0])


def _clock(admin: psycopg.Connection[Any]) -> int:
    row = admin.execute(CLOCK.encode()).fetchone()
    assert row is not None
    return int(row[0])
