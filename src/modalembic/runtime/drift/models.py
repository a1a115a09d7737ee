"""The catalog that the models make: their metadata, created on a scratch database."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from modalembic.postgres.catalog import Catalog, Connection, read_catalog
from modalembic.postgres.catalog.model import Schema
from modalembic.postgres.catalog.scratch import apply
from modalembic.postgres.connection import connect
from modalembic.postgres.scratch import ScratchServer
from modalembic.runtime.drift.compared import Compared
from modalembic.runtime.drift.creating import Attempt, Failure
from modalembic.runtime.drift.lending import NOTHING, lendable, taken_back, with_also, without
from modalembic.runtime.drift.played import Played, play
from modalembic.runtime.drift.roles import missing_role, missing_roles
from modalembic.runtime.failure import database_message, sqlstate

if TYPE_CHECKING:
    from sqlalchemy import MetaData

# Of a schema, a function, a type or a role, a table or a sequence.
_ALREADY_THERE = frozenset({"42P06", "42723", "42710", "42P07"})
# A type; a sequence.
_NOT_THERE = frozenset({"42704", "42P01"})
_NO_SUCH_SCHEMA = "3F000"
_NAME = re.compile(r'"([^"]+)"')


def models_catalog(
    server: ScratchServer,
    metadata: MetaData,
    migrated: Catalog,
    *,
    ignore_tables: Collection[str] = (),
    compared: Compared = NOTHING,
    played: Played | None = None,
) -> Catalog:
    """What `metadata.create_all` makes, listeners and all, and the entities that are registered
    with alembic_utils, in a database that was lent what it needs of the `migrated` catalog; without
    what was lent and is not used.

    `compared` is what is compared though no table says anything of it, `played` what `play` has
    found out of `metadata`. Raises ModelsNotCreated and RebuildFailed.
    """
    played = played or play(metadata)
    everything, lent = lent_at_first(migrated, played, compared)
    attempt = Attempt(metadata, compared.registered, played)
    with missing_roles(server) as create_role:
        while True:
            with server.database() as url:
                with connect(url, application_name="modalembic") as connection:
                    apply(lent, connection, server.place)
                failure = attempt.create(url)
                if failure is None:
                    with connect(url, application_name="modalembic") as connection:
                        found = read_catalog(Connection(connection), ignore_tables=ignore_tables)
                    return taken_back(found, lent, compared)
            if not create_role(missing_role(failure.error)) and not attempt.postpones(failure):
                lent = _lent_instead(lent, everything, failure, server.place)


def lent_at_first(migrated: Catalog, played: Played, compared: Compared) -> tuple[Catalog, Catalog]:
    """All that could be lent of the `migrated` catalog, and what of it is lent before anything is
    missed: on nothing else of it does the models' catalog depend."""
    return lendable(migrated, (), compared), lendable(migrated, played.made, compared)


def _lent_instead(lent: Catalog, more: Catalog, failure: Failure, place: str) -> Catalog:
    """What to lend when that was wrong: less, where a listener makes for itself what was lent; one
    of `more` that was not lent and is needed; a schema that no migration makes yet.

    Raises ModelsNotCreated for anything else.
    """
    error = failure.error
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
    raise failure.explained(place)
