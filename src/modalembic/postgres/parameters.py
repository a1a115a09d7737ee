"""Query parameters of a URL, from what drivers call them to what libpq calls them."""

from __future__ import annotations

Query = tuple[tuple[str, str], ...]

# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
LIBPQ = frozenset(
    {
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "dbname",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "options",
        "passfile",
        "password",
        "replication",
        "require_auth",
        "requirepeer",
        "requiressl",
        "service",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcertmode",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "sslsni",
        "target_session_attrs",
        "tcp_user_timeout",
        "user",
    }
)
# What psycopg's or SQLAlchemy's connect() takes and libpq refuses.
PYTHON_ONLY = frozenset({"autocommit", "prepare_threshold"})
SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})


def for_psycopg(query: Query) -> Query:
    """For a URL written for libpq: unknown names stay, so that libpq reports a misspelt one."""
    return tuple(_ssl(key, value) for key, value in query if key not in PYTHON_ONLY)


def for_libpq(query: Query) -> Query:
    """For a URL written for another driver (asyncpg, say): only what libpq knows as well."""
    return tuple(item for item in for_psycopg(query) if item[0] in LIBPQ)


def _ssl(key: str, value: str) -> tuple[str, str]:
    """`ssl=`, asyncpg's spelling (https://magicstack.github.io/asyncpg), as `sslmode=`."""
    if key != "ssl":
        return key, value
    if value.lower() in ("true", "1", "yes", "on"):
        return "sslmode", "require"
    if value.lower() in ("false", "0", "no", "off"):
        return "sslmode", "disable"
    return ("sslmode", value.lower()) if value.lower() in SSL_MODES else (key, value)
