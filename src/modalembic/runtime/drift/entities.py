"""Functions, views, triggers, policies and extensions that a project registers with alembic_utils:
they are the models' side, as its autogenerate has it.

The library is never imported here. Whoever registers something has imported it: `env.py`, mostly.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from modalembic.runtime.failure import sqlstate

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from modalembic.postgres.catalog.model import Table, View

_MODULE = "alembic_utils.replaceable_entity"
# Its words for kinds of entities, and the catalog's.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "extension": "extension",
        "function": "function",
        "materialized_view": "materialized view",
        "policy": "policy",
        "trigger": "trigger",
        "view": "view",
    }
)
# What tables may need; everything else needs tables.
_BEFORE_TABLES = frozenset({"extension", "function"})
# Of a function, an object or a relation.
_ALREADY_THERE = frozenset({"42723", "42710", "42P07"})


@dataclass(frozen=True)
class Entities:
    """The registered entities in a fixed order, the kinds (the catalog's words) and schemas of
    which those that are not registered are too many, and how many grants are registered."""

    registered: tuple[Any, ...] = ()
    observed: frozenset[tuple[str, str]] = frozenset()
    grants: int = 0

    @property
    def statements(self) -> tuple[str, ...]:
        """What they stand for, as SQL: two registries that say the same have the same."""
        made = [str(each.to_sql_statement_create()) for each in self.registered]
        return (*made, *(f"-- {kind} in {schema}" for kind, schema in sorted(self.observed)))


def registered_entities() -> Entities:
    """What is registered by now; as in alembic_utils, everything of its kinds is observed in the
    schemas of what is registered, but for what `entity_types` and `exclude_schemas` say. Grants are
    counted, and not compared."""
    registry = getattr(sys.modules.get(_MODULE), "registry", None)
    if registry is None:
        return Entities()
    named = {str(getattr(each, "type_", "")) for each in registry.entity_types}
    registered = [
        each
        for each in sorted(registry.entities(), key=lambda each: str(each.identity))
        if not named or each.type_ in named
    ]
    found = [each for each in registered if each.type_ in KINDS]
    kinds = {kind for type_, kind in KINDS.items() if not named or type_ in named}
    schemas = {each.schema for each in found} | set(registry.schemas)
    schemas -= set(registry.exclude_schemas)
    observed = frozenset((kind, schema) for kind in kinds for schema in schemas)
    return Entities(tuple(found), observed, len(registered) - len(found))


@contextmanager
def set_aside() -> Iterator[None]:
    """Nothing is registered while the block runs: the library's own comparison, which Alembic's
    autogenerate calls, tries every entity on the database as it is, and fails for one that needs a
    table that is not there yet."""
    registry = getattr(sys.modules.get(_MODULE), "registry", None)
    if registry is None:
        yield
        return
    entities = registry.entities()
    kept = [set(registry.schemas), set(registry.exclude_schemas), set(registry.entity_types)]
    registry.clear()
    try:
        yield
    finally:
        registry.register(entities, *kept)


def name_of(entity: Any) -> str:
    """The name of what an entity makes, without its schema and arguments."""
    return str(entity.signature).partition("(")[0].strip().strip('"')


def reflected_entity(kind: str, schema: str, found: Any, table: Table | View | None = None) -> Any:
    """An object of the catalog as alembic_utils would have it: what a filter can look at."""
    type_ = next(word for word, known in KINDS.items() if known == kind)
    library = import_module(f"alembic_utils.pg_{type_}")
    class_ = next(
        each
        for each in vars(library).values()
        if isinstance(each, type) and getattr(each, "type_", None) == type_
    )
    if type_ == "extension":
        return class_(schema, found.name)
    if table is not None:
        definition = str(getattr(found, "definition", found.name))
        on = f"{table.schema}.{table.name}"
        return class_(schema, found.name, definition, on)
    if type_ == "function":
        return class_(schema, f"{found.name}({found.arguments})", found.body)
    return class_(schema, found.name, found.definition)


def before_tables(entities: Iterable[Any]) -> tuple[Any, ...]:
    """Those that tables may need."""
    return tuple(each for each in entities if each.type_ in _BEFORE_TABLES)


def is_already_there(error: BaseException) -> bool:
    """Whether something failed since what it makes is there."""
    return sqlstate(error) in _ALREADY_THERE


def create_entities(
    engine: Engine, entities: Iterable[Any]
) -> tuple[tuple[tuple[Any, Exception], ...], tuple[Any, ...]]:
    """Create entities, each after what it needs, as far as that can be done: those that failed,
    with the reason, and those that were made."""
    left = tuple(entities)
    made: list[Any] = []
    while left:
        failed = tuple((each, error) for each in left if (error := _created(engine, each)))
        if len(failed) == len(left):
            return failed, tuple(made)
        missing = [each for each, _ in failed]
        made += [each for each in left if each not in missing]
        left = tuple(missing)
    return (), tuple(made)


def _created(engine: Engine, entity: Any) -> Exception | None:
    error = _executed(engine, lambda: iter([entity.to_sql_statement_create()]))
    if error is None or not is_already_there(error):
        return error
    if entity.type_ == "extension":
        return None
    # A listener made it as well, from the same text or another.
    return _executed(engine, entity.to_sql_statement_create_or_replace)


def _executed(engine: Engine, statements: Any) -> Exception | None:
    try:
        with engine.begin() as connection:
            for statement in _each(statements()):
                connection.execute(statement)
    except Exception as error:  # noqa: BLE001 - an entity's class may be the project's own
        return error
    return None


def _each(statements: Iterable[Any]) -> Iterator[Any]:
    yield from statements
