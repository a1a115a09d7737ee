"""A statement that the role may not run, and the grant that would let it: asked of the catalog,
after Postgres has named the object in its message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from modalembic.errors import MigrationFailed, ModalembicError
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.connection.session import PsycopgSession, Session
from modalembic.runtime.failure import database_message, sqlstate
from modalembic.runtime.tables.rights import joined, quoted

INSUFFICIENT_PRIVILEGE = "42501"


@dataclass(frozen=True)
class _Kind:
    """Objects that Postgres calls by `words`. `objects` finds those of a name: oid, name for SQL,
    owner, and the word of a statement that is about one; `has` tells what the role may do."""

    words: tuple[str, ...]
    objects: str
    has: str


_RELATIONS = """
    SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
           c.relowner AS owner,
           CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN
                'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS word
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = %(name)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"""
_KINDS = (
    _Kind(
        ("schema",),
        """
    SELECT oid, quote_ident(nspname) AS name, nspowner AS owner, 'SCHEMA' AS word
      FROM pg_catalog.pg_namespace WHERE nspname = %(name)s""",
        "has_schema_privilege",
    ),
    _Kind(
        ("database",),
        """
    SELECT oid, quote_ident(datname) AS name, datdba AS owner, 'DATABASE' AS word
      FROM pg_catalog.pg_database WHERE datname = %(name)s""",
        "has_database_privilege",
    ),
    _Kind(("sequence",), _RELATIONS, "has_sequence_privilege"),
    _Kind(
        ("table", "view", "materialized view", "foreign table", "relation"),
        _RELATIONS,
        "has_table_privilege",
    ),
    _Kind(
        ("function", "procedure"),
        """
    SELECT p.oid, quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '('
           || pg_get_function_identity_arguments(p.oid) || ')' AS name, p.proowner AS owner,
           CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS word
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE p.proname = %(name)s""",
        "has_function_privilege",
    ),
    _Kind(
        ("type", "domain"),
        """
    SELECT t.oid, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name,
           t.typowner AS owner, 'TYPE' AS word
      FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     WHERE t.typname = %(name)s""",
        "has_type_privilege",
    ),
)
_BY_WORD = {word: kind for kind in _KINDS for word in kind.words}
_WORDS = "|".join(sorted(_BY_WORD, key=len, reverse=True))
_DENIED = re.compile(rf"permission denied for ({_WORDS}) (.+?)(?:;|$)", re.MULTILINE)
_OWNED = re.compile(rf"must be owner of ({_WORDS}) (.+?)(?:;|$)", re.MULTILINE)
_EXTENSION = re.compile(r'permission denied to create extension "(.+)"')
_TABLE_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def denied_hint(error: MigrationFailed, url: DatabaseURL | None) -> str | None:
    """The hint for a revision that did what its role may not do, with the grant where that can be
    told; None for all others. `url` is None where only `env.py` knows the database."""
    cause = error.__cause__
    if cause is None or sqlstate(cause) != INSUFFICIENT_PRIVILEGE:
        return None
    grants = ""
    if url is not None:
        import psycopg

        # The revision's error is what counts: this one may look or not.
        with suppress(ModalembicError, psycopg.Error), connect(url) as connection:
            statement = str(error.failed.get("statement") or "").upper()
            grants = _grants(PsycopgSession(connection), database_message(cause), statement)
    return (
        grants
        or "the role lacks a privilege for that: grant it, or let another role run this revision"
    )


def _grants(session: Session, message: str, statement: str) -> str:
    """What would let the role run `statement`, where `message` says why it may not; else nothing.
    What Postgres says in another language is not understood."""
    ((user, database),) = session.fetch("SELECT current_user, current_database()")
    if found := _DENIED.search(message):
        kind = _BY_WORD[found[1]]
        return _of_privileges(session, kind, found[2], _needed(kind, statement), user)
    if found := _OWNED.search(message):
        return _of_owners(session, _BY_WORD[found[1]], found[2], user)
    if found := _EXTENSION.search(message):
        return _of_extension(session, found[1], database, user)
    return ""


def _needed(kind: _Kind, statement: str) -> Sequence[str]:
    """The privileges on an object of `kind` that `statement` may need."""
    making = re.match(r"\W*(CREATE|ALTER|COMMENT)\b", statement) is not None
    match kind.words[0]:
        case "schema":
            return ("USAGE", "CREATE") if making else ("USAGE",)
        case "database":
            return ("CREATE",)
        case "sequence":
            return ("USAGE", "SELECT")
        case "table":
            named = {p for p in _TABLE_PRIVILEGES if re.search(rf"\b{p}\b", statement)}
            # What is changed is looked up first, as a rule.
            named |= {"SELECT"} if not named or named & {"UPDATE", "DELETE"} else set()
            return tuple(p for p in _TABLE_PRIVILEGES if p in named)
        case "function":
            return ("EXECUTE",)
        case _:
            return ("USAGE",)


def _of_privileges(
    session: Session, kind: _Kind, name: str, needed: Sequence[str], user: str
) -> str:
    """A grant on each object of that name: which of them it was is not said."""
    rows = session.fetch(
        f"SELECT o.word, o.name, array_to_string(ARRAY(SELECT p FROM unnest(CAST(%(needed)s AS "
        f"text[])) AS p WHERE NOT {kind.has}(o.oid, p)), ', ') "
        f"FROM ({kind.objects}) AS o WHERE (o.word = 'SEQUENCE') = %(sequence)s ORDER BY o.name",
        {"name": name, "needed": list(needed), "sequence": kind.words[0] == "sequence"},
    )
    return joined(
        f"GRANT {lacks} ON {'TABLE' if kind.words[0] == 'table' else word} {spelled} "
        f"TO {quoted(user)};"
        for word, spelled, lacks in rows
        if lacks
    )


def _of_owners(session: Session, kind: _Kind, name: str, user: str) -> str:
    """Membership in the owner's role; where that is a superuser's, the object itself."""
    rows = session.fetch(
        f"SELECT o.word, o.name, r.rolname, r.rolsuper FROM ({kind.objects}) AS o "
        "JOIN pg_catalog.pg_roles r ON r.oid = o.owner "
        "WHERE NOT pg_has_role(o.owner, 'USAGE') ORDER BY o.name",
        {"name": name},
    )
    return joined(
        f"ALTER {word} {spelled} OWNER TO {quoted(user)};"
        if superuser
        else f"GRANT {quoted(owner)} TO {quoted(user)};"
        for word, spelled, owner, superuser in rows
    )


def _of_extension(session: Session, name: str, database: str, user: str) -> str:
    """CREATE on the database is enough for an extension that is trusted."""
    ((trusted,),) = session.fetch(
        "SELECT coalesce(bool_or(trusted), false) "
        "FROM pg_catalog.pg_available_extension_versions WHERE name = %(name)s",
        {"name": name},
    )
    if trusted:
        return f"GRANT CREATE ON DATABASE {quoted(database)} TO {quoted(user)};"
    return f"let a superuser run it in this database: CREATE EXTENSION {quoted(name)};"
