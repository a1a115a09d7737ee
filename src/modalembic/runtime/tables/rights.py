"""What a role may do with modalembic's own tables, and the grants that it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modalembic.errors import MissingPrivilege
from modalembic.runtime.connection.session import Session

READ = ("SELECT",)


def quoted(*names: str) -> str:
    """SQL identifiers, quoted and joined by dots."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


@dataclass(frozen=True)
class Rights:
    """What the role `user` may do with the table `name` in `schema`: `owner` is None and
    `privileges` are empty where there is no such table."""

    schema: str
    name: str
    user: str
    owner: str | None
    privileges: frozenset[str]
    may_use_schema: bool
    may_create: bool

    def missing(self, needed: Sequence[str]) -> tuple[str, ...]:
        """The grants that the role lacks to have `needed` on the table, or to make it."""
        schema, user = quoted(self.schema), quoted(self.user)
        if self.owner is None:
            held = (("USAGE", self.may_use_schema), ("CREATE", self.may_create))
            lacks = ", ".join(privilege for privilege, there in held if not there)
            return (f"GRANT {lacks} ON SCHEMA {schema} TO {user};",) if lacks else ()
        grants = [] if self.may_use_schema else [f"GRANT USAGE ON SCHEMA {schema} TO {user};"]
        lacks = ", ".join(p for p in needed if p not in self.privileges)
        if lacks:
            grants.append(f"GRANT {lacks} ON {quoted(self.schema, self.name)} TO {user};")
        return tuple(grants)

    def denied(self, verb: str) -> str:
        """What the role may not do, `verb` being what it was to do with a table that is there."""
        if self.owner is None:
            return f"create {self.name} in schema {self.schema!r}"
        whose = f" (it belongs to {self.owner!r})" if self.owner != self.user else ""
        return f"{verb} {self.schema}.{self.name}{whose}"


def require(verb: str, *wanted: tuple[Rights, Sequence[str]], why: str = "") -> None:
    """Raise MissingPrivilege unless the role has, of each table, what stands beside it; the hint
    has all the grants that are missing."""
    lacking = [(rights, rights.missing(needed)) for rights, needed in wanted]
    lacking = [(rights, grants) for rights, grants in lacking if grants]
    if lacking:
        denied = " or ".join(rights.denied(verb) for rights, _ in lacking)
        raise MissingPrivilege(
            f"role {lacking[0][0].user!r} may not {denied}{why}",
            hint=joined(grant for _, grants in lacking for grant in grants),
        )


def may_set_role(session: Session) -> bool:
    """Whether the role is a member of another one, as which it may have more rights."""
    return bool(
        session.fetch(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r "
            "ON r.oid = m.member WHERE r.rolname = session_user)"
        )[0][0]
    )


def joined(grants: Iterable[str]) -> str:
    """Grants as one line, each once."""
    return " ".join(dict.fromkeys(grants))
