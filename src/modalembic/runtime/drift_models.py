"""The catalog that the models make: their metadata, created on a scratch database."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import NullPool, create_engine, create_mock_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from modalembic.errors import ModelsNotCreated
from modalembic.postgres.catalog import Catalog, Connection, read_catalog
from modalembic.postgres.catalog.keys import relation_key, type_key
from modalembic.postgres.catalog.model import Schema
from modalembic.postgres.catalog.scratch import apply
from modalembic.postgres.connection import connect
from modalembic.postgres.extension import explain_missing_extension
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.drift_lending import lendable, taken_back, with_also, without
from modalembic.runtime.failure import database_message, sqlstate

if TYPE_CHECKING:
    from sqlalchemy import MetaData

# Of a schema, a function, a type or a role, a table or a sequence.
_ALREADY_THERE = frozenset({"42P06", "42723", "42710", "42P07"})
# A type; a sequence.
_NOT_THERE = frozenset({"42704", "42P01"})
_NO_SUCH_SCHEMA = "3F000"
_NAME = re.compile(r'"([^"]+)"')
DEFAULT_SCHEMA = "public"


def models_catalog(
    server: ScratchServer,
    metadata: MetaData,
    migrated: Catalog,
    *,
    ignore_tables: Collection[str] = (),
    compared: Collection[str] = (),
) -> Catalog:
    """What `metadata.create_all` makes, listeners and all, in a database that was lent what it
    needs of the `migrated` catalog; without what was lent and is not used.

    `compared` are the kinds of objects that are compared though models cannot express them. Raises
    ModelsNotCreated and RebuildFailed.
    """
    everything = lendable(migrated, (), compared)
    lent = lendable(migrated, _made_by(metadata), compared)
    while True:
        with server.database() as url:
            with connect(url, application_name="modalembic") as connection:
                apply(lent, connection, server.place)
            error = _created(url, metadata)
            if error is None:
                with connect(url, application_name="modalembic") as connection:
                    found = read_catalog(Connection(connection), ignore_tables=ignore_tables)
                return taken_back(found, lent, compared)
        lent = _lent_instead(lent, everything, error, server.place)


def _created(url: DatabaseURL, metadata: MetaData) -> Exception | None:
    """Create the tables; what went wrong, if anything."""
    engine = create_engine(url.sqlalchemy, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
    except Exception as error:  # noqa: BLE001 - a listener may raise anything
        return error
    finally:
        engine.dispose()
    return None


def _lent_instead(lent: Catalog, more: Catalog, error: Exception, place: str) -> Catalog:
    """What to lend when that was wrong: less, where a listener makes for itself what was lent; one
    of `more` that was not lent and is needed; a schema that no migration makes yet.

    Raises ModelsNotCreated for anything else.
    """
    message, state = database_message(error), sqlstate(error)
    # Another language has other words; names are quoted in all of them.
    for name in _NAME.findall(message):
        changed = lent
        if state in _ALREADY_THERE:
            changed = without(lent, name)
        elif state in _NOT_THERE:
            changed = with_also(lent, more, name)
        elif state == _NO_SUCH_SCHEMA and name not in {each.name for each in lent.schemas}:
            changed = replace(lent, schemas=(*lent.schemas, Schema(name)))
        if changed != lent:
            return changed
    statement = getattr(error, "statement", None) if isinstance(error, SQLAlchemyError) else None
    first = f"\n  statement: {' '.join(str(statement).split())}" if statement else ""
    raise ModelsNotCreated(
        f"the models cannot be created on a scratch database: {type(error).__name__}: "
        f"{message.partition(chr(10))[0]}{first}",
        hint=explain_missing_extension(message, sqlstate=state, place=place)
        or "what models need and nothing of theirs makes has to come from the migrations",
    ) from error


def _made_by(metadata: MetaData) -> frozenset[str]:
    """The keys of the types and sequences that the metadata creates by itself.

    Found by playing `create_all` to nobody. Where a listener needs a real connection for that, all
    of them are taken to be made: what is lent by mistake would not be compared, and what is needed
    is lent once it is missed.
    """
    made: set[str] = set()

    def note(element: Any, *_: Any, **__: Any) -> None:
        kind = type(element).__name__
        target = getattr(element, "element", None)
        name, schema = getattr(target, "name", None), getattr(target, "schema", None)
        if name is None:
            return
        if kind in {"CreateEnumType", "CreateDomainType"}:
            made.add(type_key(schema or DEFAULT_SCHEMA, name))
        elif kind == "CreateSequence":
            made.add(relation_key(schema or DEFAULT_SCHEMA, name))

    try:
        # The URL of nothing: it only says which dialect the statements are for.
        metadata.create_all(
            create_mock_engine(make_url("postgresql+psycopg://"), note), checkfirst=False
        )
    except Exception:  # noqa: BLE001 - a listener may raise anything
        return _Everything()
    return frozenset(made)


class _Everything(frozenset[str]):
    """A set that has every type and every sequence in it."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.startswith(("type ", "relation "))
