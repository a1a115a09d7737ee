from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from modalembic.errors import (
    ConnectionFailed,
    DatabaseMissing,
    LoginFailed,
    ModalembicError,
    ServerUnreachable,
)
from modalembic.postgres.connection import connect
from modalembic.postgres.failures import explain
from modalembic.postgres.filelock import poll
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "hush hush"


def refused(url: DatabaseURL) -> ModalembicError:
    with pytest.raises(ModalembicError) as caught:
        connect(url, connect_timeout=3)
    error = caught.value
    assert error.hint
    assert PASSWORD not in f"{error}{error.hint}"
    assert error.__suppress_context__
    return error


def test_a_connection_is_in_autocommit_and_bears_the_name_that_was_given(
    database_url: str,
) -> None:
    with connect(DatabaseURL.parse(database_url), application_name="me") as connection:
        assert connection.autocommit
        assert connection.execute("SHOW application_name").fetchone() == ("me",)


def test_text_of_a_database_in_sql_ascii_comes_as_text(
    server: psycopg.Connection, server_url: str
) -> None:
    server.execute("DROP DATABASE IF EXISTS in_sql_ascii")
    locale = "LOCALE_PROVIDER libc LOCALE 'C'" if server.info.server_version >= 150000 else ""
    server.execute(
        f"CREATE DATABASE in_sql_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' {locale}".encode()
    )
    try:
        url = DatabaseURL.parse(server_url).with_database("in_sql_ascii")
        with connect(url) as connection:
            assert connection.execute("SELECT current_setting('search_path')").fetchone() == (
                '"$user", public',
            )
    finally:
        server.execute("DROP DATABASE in_sql_ascii")


def test_a_missing_database_is_named_with_the_command_that_makes_it(
    strict_server: DatabaseURL,
) -> None:
    url = replace(strict_server.with_database("no shop"), password=PASSWORD)
    error = refused(url)
    assert isinstance(error, DatabaseMissing)
    assert 'no database "no shop"' in error.message
    assert (error.hint or "").startswith("createdb -h /")
    assert (error.hint or "").endswith("-U postgres 'no shop'")


@pytest.mark.parametrize(
    ("user", "password", "reason", "hint"),
    [
        ("secretive", PASSWORD, "password authentication failed", "check the user and the pass"),
        ("secretive", None, "no password supplied", "PGPASSWORD"),
        ("no_such_role", PASSWORD, 'role "no_such_role" does not exist', "check the user"),
        ("no_login", PASSWORD, "not permitted to log in", "check the user"),
        ("closed_out", PASSWORD, "pg_hba.conf rejects", "pg_hba.conf"),
        ("nobody_knows", PASSWORD, "no pg_hba.conf entry", "pg_hba.conf"),
    ],
)
def test_a_refused_login_says_why(
    strict_server: DatabaseURL, user: str, password: str | None, reason: str, hint: str
) -> None:
    poll(lambda: _reloaded(strict_server), 5)
    error = refused(replace(strict_server, user=user, password=password))
    assert isinstance(error, LoginFailed)
    assert reason in error.message
    assert hint in (error.hint or "")


def _reloaded(url: DatabaseURL) -> bool:
    try:
        connect(replace(url, user="nobody_knows")).close()
    except ModalembicError as error:
        return "pg_hba" in error.message
    return False


def test_any_other_refusal_is_quoted(strict_server: DatabaseURL) -> None:
    error = refused(strict_server.with_database("closed"))
    assert isinstance(error, ConnectionFailed)
    assert "not currently accepting connections" in error.message


def test_a_misspelt_parameter_is_a_failed_connection_not_a_traceback() -> None:
    error = refused(DatabaseURL.parse("postgresql://h/d?sslmod=require&password=hush%20hush"))
    assert isinstance(error, ConnectionFailed)
    assert "sslmod" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:hush%20hush@127.0.0.1:1/d",
        "postgresql://u:hush%20hush@no-such-host.invalid/d",
        "postgresql://u:hush%20hush@127.0.0.1:1,[::1]:1/d",
        "postgresql://u:hush%20hush@/d?host=/no/such/directory",
    ],
)
def test_an_unreachable_server_is_named_with_what_to_try(text: str) -> None:
    error = refused(DatabaseURL.parse(text))
    assert isinstance(error, ServerUnreachable)
    assert DatabaseURL.parse(text).safe in error.message
    assert "--database embedded" in (error.hint or "")


def test_a_host_that_accepts_and_says_nothing_is_unreachable_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        error = refused(DatabaseURL.parse(f"postgresql://127.0.0.1:{port}/d?connect_timeout=2"))
    assert isinstance(error, ServerUnreachable)


@pytest.mark.parametrize(
    ("text", "exists", "expected"),
    [
        ("FATAL:  Datenbank »d« existiert nicht", lambda _: False, DatabaseMissing),
        ('ВАЖНО:  база данных "d" не существует', lambda _: False, DatabaseMissing),
        ("FATAL:  Passwort-Authentifizierung fehlgeschlagen", lambda _: None, ConnectionFailed),
        ("FATAL:  tut mir leid, schon zu viele Verbindungen", lambda _: True, ConnectionFailed),
    ],
)
def test_a_server_that_speaks_another_language_is_understood_by_its_catalog(
    text: str, exists: Callable[[DatabaseURL], bool | None], expected: type[ModalembicError]
) -> None:
    url = DatabaseURL.parse("postgresql://h/d")
    error = explain(psycopg.OperationalError(f"connection failed: {text}"), url, exists)
    assert type(error) is expected


def test_a_sqlstate_is_believed_before_any_text() -> None:
    url = DatabaseURL.parse("postgresql://h/d")
    for state, expected in (("3D000", DatabaseMissing), ("28P01", LoginFailed)):
        error = psycopg.errors.lookup(state)("…")
        assert type(explain(error, url, lambda _: True)) is expected
