"""How mappers are configured, as values that can be compared.

Covered: tables with columns, defaults, constraints and indexes; each mapper's inheritance, options,
attributes, relationships with joins and cascades, validators and listeners of its own. Not covered:
what methods do, listeners on sessions and engines, and query options.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Column, MetaData, Table
    from sqlalchemy.orm import Mapper, RelationshipProperty

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_EVENTS = (
    "before_insert",
    "after_insert",
    "before_update",
    "after_update",
    "before_delete",
    "after_delete",
)
_ATTRIBUTE_EVENTS = ("set", "append", "remove", "modified")
_OPTIONS = (
    "eager_defaults",
    "batch",
    "confirm_deleted_rows",
    "passive_updates",
    "passive_deletes",
    "polymorphic_abstract",
    "single",
    "concrete",
)
_RELATIONSHIP = (
    "uselist",
    "lazy",
    "back_populates",
    "viewonly",
    "passive_deletes",
    "passive_updates",
    "post_update",
    "single_parent",
    "innerjoin",
    "join_depth",
    "sync_backref",
    "distinct_target_key",
    "omit_join",
    "load_on_pending",
    "active_history",
    "enable_typechecks",
)


def described_models() -> dict[str, Any]:
    """Configure all mappers, and tell them and their tables; `broken` is why that failed. Nothing
    where nobody has imported SQLAlchemy's ORM."""
    if "sqlalchemy.orm" not in sys.modules:
        return {"mappers": {}, "tables": {}, "broken": None}
    from sqlalchemy.orm import configure_mappers

    broken = None
    try:
        configure_mappers()
    except Exception as error:  # noqa: BLE001 - listeners may raise anything
        broken = f"{type(error).__name__}: {error}"
    return {**_Describer(_all_mappers()).described(), "broken": broken}


def _all_mappers() -> dict[Any, Mapper[Any]]:
    """Every mapper, by its class. There is no public list of registries."""
    from sqlalchemy.orm import registry

    registries = [each for each in gc.get_objects() if issubclass(type(each), registry)]
    return {mapper.class_: mapper for each in registries for mapper in each.mappers}


class _Describer:
    def __init__(self, mappers: dict[Any, Mapper[Any]]) -> None:
        self._mappers = mappers

    def described(self) -> dict[str, Any]:
        """The mappers and their tables."""
        mappers = {self.identity(cls): self._mapper(m) for cls, m in self._mappers.items()}
        return {
            "mappers": dict(sorted(mappers.items())),
            "tables": dict(sorted(self._tables())),
        }

    @staticmethod
    def identity(thing: Any) -> str:
        """`module:name` of a class or function."""
        module = getattr(thing, "__module__", None) or type(thing).__module__
        names = (getattr(thing, attribute, None) for attribute in ("__qualname__", "__name__"))
        return f"{module}:{next(filter(None, names), str(thing))}"

    def _tables(self) -> Iterable[tuple[str, Any]]:
        metadatas: dict[int, MetaData] = {}
        for mapper in self._mappers.values():
            metadata = getattr(mapper.local_table, "metadata", None)
            if metadata is not None:
                metadatas[id(metadata)] = metadata
        for metadata in metadatas.values():
            for table in metadata.tables.values():
                yield table.key, self._table(table)

    def _table(self, table: Table) -> dict[str, Any]:
        return {
            "columns": [self._column(column) for column in table.columns],
            "statements": _statements(table),
            "comment": table.comment,
            "schema": table.schema,
        }

    def _column(self, column: Column[Any]) -> dict[str, Any]:
        return {
            "name": column.name,
            "key": column.key,
            "type": self._type(column.type),
            "nullable": column.nullable,
            "primary key": column.primary_key,
            "default": self._default(column.default),
            "onupdate": self._default(column.onupdate),
            "server default": self._default(column.server_default),
            "server onupdate": self._default(column.server_onupdate),
            "identity": self._text(column.identity),
            "autoincrement": str(column.autoincrement),
            "comment": column.comment,
            "index": column.index,
            "unique": column.unique,
            "references": sorted(
                f"{key.target_fullname} {key.ondelete} {key.onupdate} {key.deferrable} "
                f"{key.initially} {key.use_alter} {key.name}"
                for key in column.foreign_keys
            ),
        }

    def _type(self, type_: Any) -> list[str | None]:
        enum = getattr(type_, "enum_class", None)
        return [
            _ADDRESS.sub("", repr(type_)),
            self.identity(type(type_)),
            None if enum is None else self.identity(enum),
        ]

    def _default(self, default: Any) -> str | None:
        if default is None:
            return None
        argument = getattr(default, "arg", getattr(default, "sqltext", None))
        if argument is None:
            return self._text(default)
        return self.identity(argument) if callable(argument) else self._text(argument)

    def _mapper(self, mapper: Mapper[Any]) -> dict[str, Any]:
        inherits = mapper.inherits
        return {
            "table": str(mapper.local_table),
            "inherits": None if inherits is None else self.identity(inherits.class_),
            "condition": self._text(mapper.inherit_condition),
            "polymorphic on": self._text(mapper.polymorphic_on),
            "polymorphic identity": self._text(mapper.polymorphic_identity),
            "version": self._text(mapper.version_id_col),
            "primary key": [str(column) for column in mapper.primary_key],
            "options": {name: self._text(getattr(mapper, name, None)) for name in _OPTIONS},
            "columns": {
                prop.key: [
                    [str(column) for column in prop.columns],
                    self._text(prop.deferred),
                    prop.group,
                ]
                for prop in mapper.column_attrs
            },
            "relationships": {p.key: self._relationship(p) for p in mapper.relationships},
            "composites": sorted(prop.key for prop in mapper.composites),
            "synonyms": {prop.key: prop.name for prop in mapper.synonyms},
            "others": sorted(set(mapper.all_orm_descriptors.keys()) - set(mapper.attrs.keys())),
            "validators": sorted(mapper.validators),
            "listeners": self._listeners(mapper.dispatch, _EVENTS),
            "attribute listeners": {
                key: found
                for key in sorted(mapper.attrs.keys())
                if (found := self._attribute_listeners(mapper, key))
            },
        }

    def _relationship(self, prop: RelationshipProperty[Any]) -> dict[str, Any]:
        return {
            **{name: self._text(getattr(prop, name, None)) for name in _RELATIONSHIP},
            "target": self.identity(prop.mapper.class_),
            "direction": prop.direction.name,
            "secondary": self._text(prop.secondary),
            "join": self._text(prop.primaryjoin),
            "second join": self._text(prop.secondaryjoin),
            "cascade": sorted(prop.cascade),
            "order": self._text(None if prop.order_by is False else prop.order_by),
            "local": sorted(str(column) for column in prop.local_columns),
            "remote": sorted(str(column) for column in prop.remote_side),
            "collection": self._collection(prop.collection_class),
        }

    def _collection(self, factory: Any) -> str | None:
        return None if factory is None else self.identity(factory)

    def _attribute_listeners(self, mapper: Mapper[Any], key: str) -> dict[str, list[str]]:
        attribute = getattr(mapper.class_, key, None)
        dispatch = getattr(attribute, "dispatch", None)
        return {} if dispatch is None else self._listeners(dispatch, _ATTRIBUTE_EVENTS)

    def _listeners(self, dispatch: Any, events: Iterable[str]) -> dict[str, list[str]]:
        """What listens to events, but for SQLAlchemy's own."""
        found = {}
        for event in events:
            listeners = [self.identity(each) for each in getattr(dispatch, event, ())]
            own = sorted(name for name in listeners if not name.startswith("sqlalchemy."))
            if own:
                found[event] = own
        return found

    def _text(self, thing: Any) -> str | None:
        if thing is None or isinstance(thing, str):
            return thing
        if isinstance(thing, list | tuple | set | frozenset):
            return f"[{', '.join(str(self._text(each)) for each in thing)}]"
        if callable(thing) and hasattr(thing, "__module__") and not hasattr(thing, "compile"):
            return self.identity(thing)
        compiled = str(thing) if hasattr(thing, "compile") else repr(thing)
        return _ADDRESS.sub("", compiled)


def _statements(table: Table) -> list[str]:
    """What creates the table and its indexes, constraints included."""
    from sqlalchemy.dialects.postgresql import dialect
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.schema import CreateIndex, CreateTable

    postgres: Any = dialect
    postgres = postgres()
    created: list[Any] = [CreateTable(table), *map(CreateIndex, table.indexes)]
    try:
        return sorted(str(each.compile(dialect=postgres)) for each in created)
    except SQLAlchemyError as error:  # a type that Postgres does not have, say
        return [str(error)]
