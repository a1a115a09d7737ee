"""Small clauses that many statements share."""

from __future__ import annotations

from modalembic.postgres.catalog.model import Grant
from modalembic.postgres.catalog.names import literal, quote
from modalembic.postgres.catalog.writing.units import Rank, Unit

# Settings whose value is a list of names that are quoted one by one: GUC_LIST_QUOTE in Postgres.
NAME_LISTS = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)


def storage(options: tuple[str, ...]) -> str:
    """`(fillfactor='70', toast.autovacuum_enabled='false')`."""
    pairs = (option.partition("=") for option in options)
    return "(" + ", ".join(f"{name}={literal(value).strip()}" for name, _, value in pairs) + ")"


def foreign_options(options: tuple[str, ...]) -> str:
    """` OPTIONS (name 'value')`, or nothing."""
    pairs = (option.partition("=") for option in options)
    words = ", ".join(f"{quote(name)} {literal(value).strip()}" for name, _, value in pairs)
    return f" OPTIONS ({words})" if options else ""


def setting(text: str) -> str:
    """The SET clause for an entry of `pg_proc.proconfig`."""
    name, _, value = text.partition("=")
    shown = ".".join(quote(part) for part in name.split("."))
    if name.lower() in NAME_LISTS:
        return f"SET {shown} TO {value.replace(chr(34) * 2, chr(39) * 2) or chr(39) * 2}"
    return f"SET {shown} TO {literal(value).strip()}"


def comment(kind: str, name: str, text: str | None) -> list[Unit]:
    """COMMENT ON, where there is one."""
    if text is None:
        return []
    statement = f"COMMENT ON {kind} {name} IS {literal(text).strip()}"
    return [Unit(Rank.COMMENT, f"{name} {kind}", (statement,))]


def access(kind: str, name: str, owner: str | None, grants: tuple[Grant, ...]) -> list[Unit]:
    """The owner and the grants of an object, where they are known."""
    if owner is None:
        return []
    on = "TABLE" if kind in {"VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE"} else kind
    on = "TYPE" if kind == "DOMAIN" else "ROUTINE" if kind == "AGGREGATE" else on
    statements = [
        f"ALTER {kind} {name} OWNER TO {quote(owner)}",
        f"REVOKE ALL ON {on} {name} FROM PUBLIC, {quote(owner)}",
        *(
            f"GRANT {grant.privilege} ON {on} {name} TO {grantee(grant.grantee)}"
            + (" WITH GRANT OPTION" if grant.grantable else "")
            for grant in grants
        ),
    ]
    return [Unit(Rank.ACCESS, f"{name} {kind}", tuple(statements))]


def grantee(name: str) -> str:
    """A role, or everybody."""
    return name if name == "PUBLIC" else quote(name)
