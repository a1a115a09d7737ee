"""Scratch databases: a catalog created again, to see how Postgres spells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modalembic.errors import RebuildFailed
from modalembic.postgres.catalog.comparing.normalise import Values
from modalembic.postgres.catalog.comparing.spelling import respelled
from modalembic.postgres.catalog.keys import routine_key
from modalembic.postgres.catalog.model import (
    Catalog,
    Constraint,
    Index,
    Policy,
    Routine,
    Table,
    View,
)
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.reading.catalog import read_catalog
from modalembic.postgres.catalog.reading.session import Connection
from modalembic.postgres.catalog.values import same_value
from modalembic.postgres.catalog.writing.sql import statements, units
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL

if TYPE_CHECKING:
    import psycopg

# It was seen to settle after two.
MOST_REBUILDS = 3

Scratch = Callable[[], AbstractContextManager["psycopg.Connection[Any]"]]


@contextmanager
def scratch_database(server: DatabaseURL) -> Iterator[psycopg.Connection[Any]]:
    """An autocommit connection to an empty database on the server of `server`, which has to be
    allowed to create one; it is dropped afterwards."""
    with ScratchServer(server).connection() as connection:
        yield connection


@dataclass(frozen=True)
class ScratchNormaliser:
    """A `Normaliser` that creates catalogs in databases that `scratch` makes, one for each. `place`
    says what the server was asked for as (`embedded`, say), for hints."""

    scratch: Scratch
    place: str = ""

    def rebuilt(self, catalog: Catalog) -> Catalog:
        """As the protocol says. Raises RebuildFailed, and what `scratch` raises."""
        latest = neutral(catalog)
        for _ in range(MOST_REBUILDS):
            with self.scratch() as connection:
                apply(latest, connection, self.place)
                again = read_catalog(
                    Connection(connection), schemas=[schema.name for schema in latest.schemas]
                )
            respelling = respelled(latest, again)
            if respelling == latest:
                break
            latest = respelling
        return latest

    def same_values(self, catalog: Catalog, pairs: Sequence[Values]) -> tuple[bool, ...]:
        """As the protocol says. What cannot be evaluated is not the same."""
        with self.scratch() as connection:
            apply(neutral(catalog), connection, self.place)
            return tuple(same_value(connection, pair) for pair in pairs)


def apply(catalog: Catalog, connection: psycopg.Connection[Any], place: str = "") -> None:
    """Create what is in `catalog`. Raises RebuildFailed, which names the statement."""
    import psycopg

    all_of_them = statements(catalog)
    try:
        # One message to the server instead of thousands.
        with connection.transaction():
            connection.execute(";\n".join(all_of_them).encode())
    except psycopg.Error as error:
        raise _failed(catalog, all_of_them, connection, error, place) from error


def _failed(
    catalog: Catalog,
    all_of_them: tuple[str, ...],
    connection: psycopg.Connection[Any],
    error: psycopg.Error,
    place: str,
) -> RebuildFailed:
    """The statement that fails, found by running them one by one."""
    import psycopg

    from modalembic.postgres.extension import explain_missing_on_scratch

    text, reason = "", str(error.diag.message_primary or error)
    try:
        with connection.transaction():
            for text in all_of_them:
                connection.execute(text.encode())
    except psycopg.Error as found:
        reason = str(found.diag.message_primary or found)
        error = found
    hint = explain_missing_on_scratch(str(error), sqlstate=error.sqlstate, place=place)
    return RebuildFailed(
        f"{_created_by(catalog, text)} cannot be created again on the scratch server: {reason}"
        f"\n  statement: {text}",
        hint=hint or _hint(catalog, connection),
    )


def _created_by(catalog: Catalog, statement: str) -> str:
    """What a statement creates, in words."""
    for unit in units(catalog):
        if statement in unit.statements:
            return f"{unit.rank.name.lower().replace('_', ' ')} {unit.name}"
    return "the schema"


def _hint(catalog: Catalog, connection: psycopg.Connection[Any]) -> str | None:
    """What is known to come in the way of creating a catalog again."""
    reasons = []
    major = connection.info.server_version // 10000
    if major != catalog.major:
        reasons.append(
            f"the schema is of PostgreSQL {catalog.major} and the scratch server is {major}: "
            'name a server of its version (scratch = "postgresql://..."), or an image'
        )
    unknown = [
        f"{other.kind} {qualified(other.schema, other.name)}"
        for other in catalog.others
        if other.definition is None
    ]
    if unknown:
        reasons.append(f"it may need what is known by name only: {', '.join(unknown[:3])}")
    return "; ".join(reasons) or None


def neutral(catalog: Catalog) -> Catalog:
    """`catalog` without what binds it to its server and does not bear on expressions: owners,
    grants and roles, tablespaces, foreign servers, comments, settings of functions. Functions in
    indexes and generated columns become immutable, as they were when those were made."""
    needed = _immutable(catalog)
    return replace(
        catalog,
        access=False,
        schemas=tuple(_plain(schema) for schema in catalog.schemas),
        extensions=tuple(replace(each, comment=None) for each in catalog.extensions),
        enums=tuple(_plain(each) for each in catalog.enums),
        domains=tuple(
            replace(
                _plain(each),
                constraints=tuple(replace(check, comment=None) for check in each.constraints),
            )
            for each in catalog.domains
        ),
        composites=tuple(
            replace(
                _plain(each), attributes=tuple(replace(a, comment=None) for a in each.attributes)
            )
            for each in catalog.composites
        ),
        ranges=tuple(_plain(each) for each in catalog.ranges),
        sequences=tuple(_plain(each) for each in catalog.sequences),
        routines=tuple(_neutral_routine(each, needed) for each in catalog.routines),
        tables=tuple(_neutral_table(table) for table in catalog.tables),
        views=tuple(_neutral_view(view) for view in catalog.views),
    )


def _plain(value: Any) -> Any:
    return replace(value, comment=None, owner=None, grants=())


def _immutable(catalog: Catalog) -> frozenset[str]:
    """The keys of what Postgres takes for immutable in tables and indexes."""
    found: set[str] = set()
    relations: tuple[Table | View, ...] = (*catalog.tables, *catalog.views)
    for relation in relations:
        for index in relation.indexes:
            found.update(index.requires)
        for column in relation.columns:
            found.update(column.requires if column.generated is not None else ())
    for table in catalog.tables:
        found.update(table.requires if table.partition_key is not None else ())
    return frozenset(found)


def _neutral_routine(routine: Routine, needed: frozenset[str]) -> Routine:
    plain: Routine = _plain(routine)
    key = routine_key(routine.schema, routine.name, routine.signature)
    volatility = "immutable" if key in needed else routine.volatility
    return replace(plain, settings=(), leakproof=False, volatility=volatility)


def _neutral_table(table: Table) -> Table:
    foreign = table.kind == "foreign table"
    plain: Table = _plain(table)
    return replace(
        plain,
        kind="table" if foreign else table.kind,
        server=None,
        foreign_options=(),
        tablespace=None,
        access_method=None,
        columns=tuple(
            replace(column, comment=None, grants=(), foreign_options=()) for column in table.columns
        ),
        constraints=tuple(_neutral_index(constraint) for constraint in table.constraints),
        indexes=tuple(_neutral_index(index) for index in table.indexes),
        triggers=tuple(replace(each, comment=None) for each in table.triggers),
        rules=tuple(replace(each, comment=None) for each in table.rules),
        policies=tuple(_neutral_policy(policy) for policy in table.policies),
    )


def _neutral_view(view: View) -> View:
    plain: View = _plain(view)
    return replace(
        plain,
        tablespace=None,
        access_method=None,
        columns=tuple(replace(column, comment=None, grants=()) for column in view.columns),
        indexes=tuple(_neutral_index(index) for index in view.indexes),
        triggers=tuple(replace(each, comment=None) for each in view.triggers),
        rules=tuple(replace(each, comment=None) for each in view.rules),
    )


def _neutral_index(value: Any) -> Any:
    assert isinstance(value, Constraint | Index)
    return replace(value, comment=None, tablespace=None)


def _neutral_policy(policy: Policy) -> Policy:
    return replace(policy, comment=None, roles=("public",))
