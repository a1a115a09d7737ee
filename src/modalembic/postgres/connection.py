"""One way to connect, with one clear error for each way in which that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modalembic.postgres.failures import explain
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg


def connect(
    url: DatabaseURL,
    *,
    application_name: str | None = None,
    connect_timeout: int = 10,
    autocommit: bool = True,
) -> psycopg.Connection:
    """A psycopg connection to `url`.

    `application_name` wins over the URL's; the URL's `connect_timeout` wins over the argument, and
    its `client_encoding` over UTF-8.
    Raises ServerUnreachable, DatabaseMissing, LoginFailed or ConnectionFailed.
    """
    import psycopg

    given = dict(url.query)
    options: dict[str, Any] = {}
    if application_name is not None:
        options["application_name"] = application_name
    if "connect_timeout" not in given:
        options["connect_timeout"] = connect_timeout
    if "client_encoding" not in given:
        # Else it is the database's; text of one in SQL_ASCII would come as bytes.
        options["client_encoding"] = "utf8"
    try:
        return psycopg.connect(url.conninfo, autocommit=autocommit, **options)
    except psycopg.Error as error:
        # `from None`: psycopg's traceback shows the connection string to whoever logs locals.
        raise explain(error, url, _database_exists) from None


def _database_exists(url: DatabaseURL) -> bool | None:
    """Whether the server has the database of `url`; None where it does not let us ask.

    libpq gives no SQLSTATE for a failed login, and the server writes its message in its own
    language; the catalog, asked through a database that always exists, answers in any.
    """
    import psycopg

    for maintenance in ("postgres", "template1"):
        try:
            with psycopg.connect(
                url.with_database(maintenance).conninfo, connect_timeout=5
            ) as connection:
                query = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s"
                return connection.execute(query, (url.database or url.user,)).fetchone() is not None
        except psycopg.Error:
            continue
    return None
