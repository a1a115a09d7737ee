"""Roles that migrations or models name and a scratch server does not have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modalembic.postgres.catalog.names import quote
from modalembic.postgres.connection import connect
from modalembic.postgres.scratch import ScratchServer
from modalembic.runtime.failure import sqlstate

if TYPE_CHECKING:
    import psycopg

UNDEFINED_OBJECT = "42704"
_ROLE = re.compile(r'^role "([^"]+)" does not exist')


def missing_role(error: BaseException | None) -> str | None:
    """The role for want of which a statement failed with `error`; None for another reason."""
    if sqlstate(error) != UNDEFINED_OBJECT:
        return None
    found = _ROLE.match(str(getattr(error, "orig", error)))
    return found[1] if found is not None else None


class _Roles:
    """Creates roles that nobody can log in with, each once, and drops them again."""

    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        self._admin = admin
        self._made: list[str] = []

    def __call__(self, name: str | None) -> bool:
        """Create the role; whether that is done."""
        import psycopg

        if name is None or name in self._made:
            return False
        try:
            self._admin.execute(f"CREATE ROLE {quote(name)} NOLOGIN".encode())
        except psycopg.errors.DuplicateObject:  # another run has made it just now
            return True
        except psycopg.errors.InsufficientPrivilege:
            return False
        self._made.append(name)
        return True

    def drop(self) -> None:
        """Drop what was created. What another run has come to use stays."""
        import psycopg

        for name in self._made:
            try:
                self._admin.execute(f"DROP ROLE IF EXISTS {quote(name)}".encode())
            except psycopg.errors.DependentObjectsStillExist:
                continue


@contextmanager
def missing_roles(server: ScratchServer) -> Iterator[Callable[[str | None], bool]]:
    """Creates a role that nobody can log in with, each once, when called with its name, and says
    whether it did; None is no role. They are dropped afterwards."""
    with connect(server.url, application_name="modalembic") as admin:
        roles = _Roles(admin)
        try:
            yield roles
        finally:
            roles.drop()
