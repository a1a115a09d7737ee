"""Database URLs as a value: read once, shown without the password, handed on to each library.

SQLAlchemy and libpq disagree on details (`+driver`, `?host=` lists, `ssl=`, `+` in a query). One
value that is written out for each of them keeps modalembic's own connections and the ones of the
project's `env.py` on the same database.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import parse_qsl, quote, unquote

from modalembic.errors import DatabaseURLError
from modalembic.postgres.hosts import (
    Host,
    authority_of,
    host_parameters,
    hosts_from_query,
    parse_hosts,
)
from modalembic.postgres.parameters import Query, for_libpq, for_psycopg
from modalembic.postgres.redaction import MASK, redact

__all__ = ["DatabaseURL", "Host", "redact"]

SECRETS = frozenset({"password", "sslpassword"})
SCHEMES = frozenset({"postgresql", "postgres"})
LIBPQ_DRIVERS = frozenset({None, "psycopg", "psycopg_async", "psycopg2", "psycopg2cffi"})
EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"


@dataclass(frozen=True, repr=False)
class DatabaseURL:
    """A Postgres URL, taken apart and percent-decoded. `str()` and `repr()` hide the password."""

    driver: str | None = None
    user: str | None = None
    password: str | None = None
    hosts: tuple[Host, ...] = ()
    database: str | None = None
    query: Query = ()

    @classmethod
    def parse(cls, text: str) -> DatabaseURL:
        """The URL in `text`; raises DatabaseURLError, which names at most the scheme."""
        scheme, separator, rest = text.strip().partition("://")
        name, _, driver = scheme.partition("+")
        if not separator or name.lower() not in SCHEMES:
            raise _not_postgres(name if separator else "")
        credentials, rest = _split_credentials(rest)
        location, _, query_text = rest.partition("?")
        authority, _, path = location.partition("/")
        user, _, password = credentials.partition(":")
        hosts, query = hosts_from_query(
            parse_hosts(authority), parse_qsl(query_text, keep_blank_values=True)
        )
        return cls(
            driver=driver.lower() or None,
            user=unquote(user) or None,
            password=unquote(password) or None,
            hosts=hosts,
            database=unquote(path) or None,
            query=query,
        )

    @property
    def conninfo(self) -> str:
        """The libpq URI for psycopg: without the driver, in libpq's own parameters."""
        query = for_psycopg(self.query) if self.driver in LIBPQ_DRIVERS else for_libpq(self.query)
        return self._write("postgresql", self.password, query, hosts_in_authority=True)

    @property
    def sqlalchemy(self) -> str:
        """For `create_engine`: psycopg 3 where the URL names no driver, else as it stands."""
        query = self.query if self.driver else for_psycopg(self.query)
        scheme = f"postgresql+{self.driver or 'psycopg'}"
        unquoted = not _sqlalchemy_unquotes_database()
        return self._write(
            scheme, self.password, query, hosts_in_authority=False, database_unquoted=unquoted
        )

    @property
    def safe(self) -> str:
        """To be shown: every password is `***`, the scheme is as it was given."""
        scheme = f"postgresql+{self.driver}" if self.driver else "postgresql"
        query = tuple((key, MASK if key in SECRETS else value) for key, value in self.query)
        return self._write(scheme, self.password and MASK, query, hosts_in_authority=True)

    def with_database(self, name: str) -> DatabaseURL:
        """The same server, another database."""
        query = tuple((key, value) for key, value in self.query if key != "dbname")
        return replace(self, database=name, query=query)

    def secrets(self) -> tuple[str, ...]:
        """Every password in the URL, decoded; longest first."""
        found = {value for key, value in self.query if key in SECRETS and value}
        return tuple(sorted(found | ({self.password} if self.password else set()), key=len))[::-1]

    def __repr__(self) -> str:
        return f"DatabaseURL({self.safe!r})"

    def __str__(self) -> str:
        return self.safe

    def _write(
        self,
        scheme: str,
        password: str | None,
        query: Query,
        *,
        hosts_in_authority: bool,
        database_unquoted: bool = False,
    ) -> str:
        one_address = len(self.hosts) == 1 and not self.hosts[0].is_socket
        authority = ""
        if one_address or (hosts_in_authority and not any(host.is_socket for host in self.hosts)):
            authority = ",".join(authority_of(host) for host in self.hosts)
        else:
            query = (*host_parameters(self.hosts), *query)
        credentials = quote(self.user or "", safe="")
        if password is not None:
            credentials += ":" + (password if password == MASK else quote(password, safe=""))
        text = f"{scheme}://{credentials}{'@' if credentials else ''}{authority}"
        # With an empty authority and no path, SQLAlchemy takes the query for a host.
        database = self.database or ""
        text += "/" + (database if database_unquoted else quote(database, safe=""))
        return text + ("?" + _query(query) if query else "")


@cache
def _sqlalchemy_unquotes_database() -> bool:
    """SQLAlchemy 2.1 and later decode the database's name; 2.0 takes it as it stands."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        major, minor, *_ = version("sqlalchemy").split(".")
    except PackageNotFoundError:
        return True
    return (int(major), int(minor)) >= (2, 1)


def _not_postgres(scheme: str) -> DatabaseURLError:
    what = f"a {scheme!r} URL is not" if scheme.isidentifier() else "this is not"
    return DatabaseURLError(
        f"{what} a Postgres URL; modalembic works on Postgres only",
        hint=f"write {EXAMPLE}, or embedded, or container",
    )


def _split_credentials(rest: str) -> tuple[str, str]:
    """`user:password` (maybe empty) and what follows the "@".

    As in SQLAlchemy a password may hold "/" and "?" unescaped; an "@" ends it, as in libpq.
    """
    before, at, after = rest.partition("@")
    user = before.partition(":")[0]
    if not at or "/" in user or "?" in user:
        return "", rest
    authority = after.partition("?")[0].partition("/")[0]
    if "@" in authority:
        raise DatabaseURLError(
            'the database URL has more than one "@" before its host',
            hint='write "@" in a user name or password as %40, ":" as %3A, "/" as %2F',
        )
    return before, after


def _query(query: Query) -> str:
    return "&".join(
        f"{quote(key, safe='')}={value if value == MASK else quote(value, safe='/,:')}"
        for key, value in query
    )
