"""Creating what models make in a database that has what they need, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import NoReferencedTableError, SQLAlchemyError

from modalembic.errors import ModelsNotCreated
from modalembic.postgres.connection import connect
from modalembic.postgres.extension import explain_missing_on_scratch
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.drift.entities import (
    before_tables,
    create_entities,
    is_already_there,
    name_of,
)
from modalembic.runtime.drift.played import Played
from modalembic.runtime.failure import MOST_COLUMNS, database_message, sqlstate

if TYPE_CHECKING:
    from sqlalchemy import Engine, MetaData

    from modalembic.runtime.models.loaded import LoadedModels


@dataclass(frozen=True)
class Failure:
    """An error, and the entity of alembic_utils that it is about, if it is about one."""

    error: Exception
    entity: Any = None

    def explained(self, place: str) -> ModelsNotCreated:
        """The error for the user; `place` is what the server was asked for as."""
        error, what = self.error, "the models cannot"
        if self.entity is not None:
            what = f"{self.entity.identity}, which is registered with alembic_utils, cannot"
        said = database_message(error).partition("\n")[0]
        statement = getattr(error, "statement", None)
        if not isinstance(error, SQLAlchemyError):
            said, statement = f"{type(error).__name__}: {said}", None
        shown = f"\n  statement: {_shortened(str(statement))}" if statement else ""
        made = ModelsNotCreated(
            f"{what} be created on a scratch database: {said}{shown}",
            hint=explain_missing_on_scratch(
                database_message(error), sqlstate=sqlstate(error), place=place
            )
            or _hint(error),
        )
        made.__cause__ = error
        return made


# Of a table or an index; of a foreign key in Python's words.
_TABLE = re.compile(r"CREATE (?:UNLOGGED |TEMPORARY )?TABLE (?:IF NOT EXISTS )?(\S+)")
_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX .*? ON (?:ONLY )?(\S+)")
_ALTERED = re.compile(r"ALTER TABLE (?:ONLY )?(\S+)")
_COLUMN = re.compile(r"column '(.+)\.[^.']+'")


@contextmanager
def placed(loaded: LoadedModels) -> Iterator[None]:
    """A ModelsNotCreated of the block says which model it is about, as far as its text tells."""
    try:
        yield
    except ModelsNotCreated as error:
        found = (each.search(error.message) for each in (_TABLE, _INDEX, _ALTERED, _COLUMN))
        named = next((match[1].replace('"', "") for match in found if match is not None), None)
        for table in loaded.tables if error.path is None else ():
            if table.key == named:
                error.module, error.path = table.owner, table.definition.path
                error.line = table.definition.line
        raise


def _hint(error: Exception) -> str:
    if isinstance(error, NoReferencedTableError):
        return "import the model of that table in the models of a module"
    return "what models need and nothing of theirs makes has to come from the migrations"


def _shortened(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= MOST_COLUMNS else f"{text[:MOST_COLUMNS]}…"


class Attempt:
    """Creates the tables of `metadata` with their listeners, and the `entities`. `played` is what
    that sends, as far as it is known."""

    def __init__(self, metadata: MetaData, entities: Iterable[Any], played: Played) -> None:
        self._metadata = metadata
        self._played = played
        self._entities = tuple(entities)
        self._late: list[Any] = []

    def postpones(self, failure: Failure) -> bool:
        """Whether it failed since a listener makes an entity as well; that is left to the listener
        in the next attempt, and then replaced."""
        if failure.entity is not None or not is_already_there(failure.error):
            return False
        message = database_message(failure.error)
        found = [
            each
            for each in before_tables(self._entities)
            if each not in self._late and f'"{name_of(each)}"' in message
        ]
        self._late += found
        return bool(found)

    def create(self, url: DatabaseURL) -> Failure | None:
        """Create them in the database `url`; what went wrong, if anything."""
        engine = create_engine(url.sqlalchemy, poolclass=NullPool)
        try:
            return self._create(engine, url)
        finally:
            engine.dispose()

    def _create(self, engine: Engine, url: DatabaseURL) -> Failure | None:
        early = [e for e in before_tables(self._entities) if e not in self._late]
        failed, made = create_entities(engine, early)
        for entity, raised in failed:
            if entity.type_ == "extension":
                return Failure(raised, entity)
        try:
            if not self._sent_at_once(url):
                with engine.begin() as connection:
                    self._metadata.create_all(connection)
        except Exception as error:  # noqa: BLE001 - a listener may raise anything
            return Failure(error)
        left = [e for e in self._entities if e not in made]
        failed, _ = create_entities(engine, left)
        return next((Failure(raised, entity) for entity, raised in failed), None)

    def _sent_at_once(self, url: DatabaseURL) -> bool:
        """Whether the statements could be sent in one message, which is what thousands of them are
        spared. One that fails leaves nothing behind, and `create_all` says what is wrong."""
        import psycopg

        statements = self._played.statements
        if not statements or not self._played.plain:
            return False
        try:
            with connect(url, application_name="modalembic") as connection:
                connection.execute("\n;\n".join(statements).encode())
        except psycopg.Error:
            return False
        return True
