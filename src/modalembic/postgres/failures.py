"""What a failed connection means, from what psycopg and libpq say of it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from modalembic.errors import (
    ConnectionFailed,
    DatabaseMissing,
    LoginFailed,
    MissingPrivilege,
    ModalembicError,
    ServerUnreachable,
)
from modalembic.postgres.redaction import redact
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg

# Class 28 is "invalid authorization": https://www.postgresql.org/docs/current/errcodes-appendix.html
MISSING_STATE = "3D000"
LOGIN_STATES = "28"
MISSING_TEXT = re.compile(r'FATAL:  database ".*" does not exist')
LOGIN_TEXT = re.compile(
    r"authentication failed for user|no pg_hba\.conf entry|pg_hba\.conf rejects"
    r"|no password supplied|not permitted to log in|FATAL:  role \".*\" does not exist"
)
UNREACHABLE_TEXT = re.compile(r"Is the server running|failed to resolve host|timeout expired")
DENIED_STATE = "42501"
DENIED_TEXT = re.compile(r'FATAL:  permission denied for database "')
PROBE_SECONDS = 2.0


def explain(
    error: psycopg.Error, url: DatabaseURL, database_exists: Callable[[DatabaseURL], bool | None]
) -> ModalembicError:
    """The one error for `error`.

    A SQLSTATE is believed first, English text next. Servers and libpq speak other languages too,
    so what is left is found out: is anyone listening, was a password asked for, is there such a
    database (`database_exists`, called in this case only).
    """
    state, text = error.sqlstate or "", str(error)
    if state == DENIED_STATE or DENIED_TEXT.search(text):
        return _closed(error, url)
    if state == MISSING_STATE or MISSING_TEXT.search(text):
        return _missing(url)
    if state.startswith(LOGIN_STATES) or LOGIN_TEXT.search(text):
        return _login(error, url)
    if UNREACHABLE_TEXT.search(text) or (state == "" and not _anyone_listens(error)):
        return _unreachable(error, url)
    if getattr(error.pgconn, "needs_password", False):
        return _login(error, url)
    if not state and database_exists(url) is False:
        return _missing(url)
    return ConnectionFailed(
        f"cannot connect to {url.safe}: {_reason(error, url)}",
        hint="the server's log says more; check the parameters after ? in the URL",
    )


def _missing(url: DatabaseURL) -> DatabaseMissing:
    name = url.database or url.user or ""
    return DatabaseMissing(
        f'the server has no database "{name}" ({url.safe})',
        hint=f"createdb{_createdb_options(url)} {_shell(name)}",
    )


def _closed(error: psycopg.Error, url: DatabaseURL) -> MissingPrivilege:
    role = url.user or getattr(error.pgconn, "user", b"").decode()
    database = url.database or role
    return MissingPrivilege(
        f"role {role!r} may not connect to database {database!r} ({url.safe})",
        hint=f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {_quoted(role)};",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _createdb_options(url: DatabaseURL) -> str:
    options = ""
    if url.hosts and url.hosts[0].name:
        options += f" -h {_shell(url.hosts[0].name)}"
    if url.hosts and url.hosts[0].port:
        options += f" -p {url.hosts[0].port}"
    return options + (f" -U {_shell(url.user)}" if url.user else "")


def _shell(word: str) -> str:
    import shlex

    return shlex.quote(word)


def _login(error: psycopg.Error, url: DatabaseURL) -> LoginFailed:
    reason = _reason(error, url)
    if "pg_hba.conf" in reason:
        hint = "allow this user, database and address in the server's pg_hba.conf, then reload it"
    elif url.secrets():
        hint = "check the user and the password in the URL (special characters as %40, %3A, %2F)"
    else:
        hint = (
            "check the user, and give a password: postgresql://USER:PASSWORD@..., PGPASSWORD"
            " or ~/.pgpass"
        )
    return LoginFailed(f"the server refuses the login ({url.safe}): {reason}", hint=hint)


def _unreachable(error: psycopg.Error, url: DatabaseURL) -> ServerUnreachable:
    return ServerUnreachable(
        f"no Postgres server answers at {url.safe}: {_reason(error, url)}",
        hint="start it, or correct host and port; without a server: --database embedded",
    )


def _reason(error: psycopg.Error, url: DatabaseURL) -> str:
    """The first line that says why, without psycopg's and libpq's introductions."""
    text = re.sub(r"^connection (failed|is bad): ", "", str(error).strip())
    line = text.splitlines()[0] if text else type(error).__name__
    line = re.sub(r"^connection to server .*? failed: ", "", line)
    return redact(line.replace("FATAL:  ", ""), url)


def _anyone_listens(error: psycopg.Error) -> bool:
    """Whether something accepts connections where libpq tried last; True where that is unknown."""
    finished = error.pgconn
    host = bytes(finished.host).decode() if finished is not None else ""
    if not host or finished is None:
        return True
    port = bytes(finished.port).decode() or "5432"
    try:
        if host.startswith("/"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(PROBE_SECONDS)
                probe.connect(f"{host}/.s.PGSQL.{port}")
        else:
            address = bytes(finished.hostaddr).decode() or host
            socket.create_connection((address, int(port)), PROBE_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True
