"""Types, sequences and event listeners, carried from one MetaData to another."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Computed, Enum, Identity, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.named_types import CreateDomainType, CreateEnumType, NamedType
from sqlalchemy.schema import CreateSequence
from sqlalchemy.types import ARRAY, SchemaType, TypeDecorator, TypeEngine
from sqlalchemy.util import immutabledict

from modalembic.errors import DuplicateSchemaObject
from modalembic.runtime.models.loaded import FoundMetaData

if TYPE_CHECKING:
    from sqlalchemy import Column, MetaData, Sequence

_EVENTS = ("before_create", "after_create", "before_drop", "after_drop", "column_reflect")
_DOMAIN_ARGUMENTS = (
    "data_type",
    "collation",
    "collation_schema",
    "default",
    "constraint_name",
    "not_null",
    "check",
    "create_type",
)


class SchemaObjects:
    """The named types and sequences of the target: one for each name, whatever source has it."""

    def __init__(self, target: MetaData) -> None:
        self._target = target
        self._types: dict[tuple[str | None, str], TypeEngine[Any]] = {}
        self._made_by: dict[object, tuple[str, str]] = {}

    @contextmanager
    def belonging_to_target(self, found: FoundMetaData) -> Iterator[None]:
        """While the block copies the tables of `found`, their copies get the target's types; then
        follow its types and sequences that no table uses. The source is left as it was.

        Raises DuplicateSchemaObject.
        """
        source = found.metadata
        sequences = dict(source._sequences)  # noqa: SLF001 - no public list
        listeners = _own_listeners(source, "before_create")
        free_types = [type_ for type_ in map(_type_behind, listeners) if type_ is not None]
        columns = [column for table in source.tables.values() for column in table.columns]
        with ExitStack() as restore:
            restore.callback(_restore_sequences, source, sequences)
            for column in columns:
                for name, value in self._own_parts(column, found).items():
                    restore.callback(setattr, column, name, getattr(column, name))
                    setattr(column, name, value)
                    if name == "type":
                        # A copy of the column copies its type, which is the target's own already;
                        # and 2.1 gives such a copy the schema of the table.
                        vars(value)["copy"] = partial(_itself, value)
                        restore.callback(vars(value).pop, "copy", None)
            yield
        for free in free_types:
            self._for_target(free, found)
        for key, sequence in sequences.items():
            self._sequence(key, sequence, found)

    def _own_parts(self, column: Column[Any], found: FoundMetaData) -> dict[str, Any]:
        """What a copy of `column` has to have of its own, by attribute."""
        parts: dict[str, Any] = {}
        type_ = self._for_target(column.type, found)
        if type_ is not column.type:
            parts["type"] = type_
        for name in ("default", "onupdate", "server_default", "server_onupdate"):
            value = getattr(column, name)
            if hasattr(value, "_copy") and not isinstance(value, Computed | Identity):
                parts[name] = value._copy()  # noqa: SLF001 - early 2.0 takes them from the source
        return parts

    # --- types ------------------------------------------------------------------------------------

    def _for_target(self, type_: TypeEngine[Any], found: FoundMetaData) -> TypeEngine[Any]:
        """`type_` with every named type in it exchanged for the target's, or itself without any."""
        if _is_named(type_):
            return self._named(type_, found)
        changed: dict[str, Any] = {}
        if isinstance(type_, ARRAY):
            item = self._for_target(type_.item_type, found)
            if item is not type_.item_type:
                changed["item_type"] = item
        elif isinstance(type_, TypeDecorator):
            impl = self._for_target(type_.impl_instance, found)
            if impl is not type_.impl_instance:
                changed["impl"] = impl
        variants = {
            dialect: self._for_target(variant, found)
            for dialect, variant in type_._variant_mapping.items()  # noqa: SLF001 - with_variant
        }
        if any(variants[dialect] is not type_._variant_mapping[dialect] for dialect in variants):  # noqa: SLF001
            changed["_variant_mapping"] = immutabledict(variants)
        if not changed:
            return type_
        new = copy.copy(type_)
        vars(new).update(changed)
        return new

    def _named(self, type_: TypeEngine[Any], found: FoundMetaData) -> TypeEngine[Any]:
        named = cast(Any, type_)
        key = (named.schema, str(named.name))
        ddl = _type_ddl(type_)
        if key not in self._types:
            self._types[key] = self._copy(named, found)
            self._made_by[key] = (ddl, found.source)
        self._refuse_different("type", key, key, ddl, found)
        shared = self._types[key]
        if type_._variant_mapping and not shared._variant_mapping:  # noqa: SLF001
            shared._variant_mapping = type_._variant_mapping  # noqa: SLF001
        return shared

    def _copy(self, type_: Any, found: FoundMetaData) -> TypeEngine[Any]:
        settings: dict[str, Any] = {"metadata": self._target, "schema": type_.schema}
        if hasattr(type_, "create_type"):
            settings["create_type"] = type_.create_type
        if isinstance(type_, postgresql.DOMAIN):
            # Its own `adapt` loses arguments in SQLAlchemy 2.0.
            settings |= {n: getattr(type_, n) for n in _DOMAIN_ARGUMENTS if hasattr(type_, n)}
            settings["data_type"] = self._for_target(type_.data_type, found)
            new: Any = type(type_)(name=str(type_.name), **settings)
            new.dispatch = new.dispatch._join(type_.dispatch)  # noqa: SLF001 - as `adapt` does
            return cast(TypeEngine[Any], new)
        if "inherit_schema" in vars(type_):
            settings["inherit_schema"] = False  # SQLAlchemy 2.0; it is inherited by now
        return cast(TypeEngine[Any], type_.adapt(type(type_), _create_events=True, **settings))

    # --- sequences --------------------------------------------------------------------------------

    def _sequence(self, key: str, sequence: Sequence, found: FoundMetaData) -> None:
        """One sequence of the source: copied with its column by now, or else free."""
        sequences = self._target._sequences  # noqa: SLF001
        if key not in sequences:
            new = sequence._copy()  # noqa: SLF001 - SQLAlchemy's own way
            found.metadata._sequences[key] = sequence  # noqa: SLF001 - which 2.0 gave to the copy
            new._set_metadata(self._target)  # noqa: SLF001
        if sequences[key] is not sequence:
            carry_listeners(sequence, sequences[key])
        ddl = _compiled(CreateSequence(sequence))
        self._made_by.setdefault(("sequence", key), (ddl, found.source))
        self._refuse_different("sequence", ("sequence", key), (None, key), ddl, found)

    def _refuse_different(
        self, what: str, key: object, name: tuple[str | None, str], ddl: str, found: FoundMetaData
    ) -> None:
        known, source = self._made_by[key]
        if known != ddl:
            full = ".".join(part for part in name if part)
            raise DuplicateSchemaObject(
                f"there are two different definitions of the {what} {full!r}: "
                f"in {source} ({known}) and in {found.source} ({ddl})",
                hint="give one of them another name, or define it once and import it",
            )


def _restore_sequences(metadata: MetaData, sequences: dict[str, Sequence]) -> None:
    """2.0 files a copied sequence under its source."""
    metadata._sequences.clear()  # noqa: SLF001
    metadata._sequences.update(sequences)  # noqa: SLF001


def carry_listeners(source: Any, target: Any) -> None:
    """Listen on `target` to what is listened to on `source`, but for what types listen to on their
    own account: the target's types do so themselves."""
    for name in _EVENTS:
        known = _own_listeners(target, name)
        for listener in _own_listeners(source, name):
            if listener not in known and _type_behind(listener) is None:
                event.listen(target, name, listener)


def _own_listeners(target: Any, name: str) -> tuple[Any, ...]:
    """The listeners of this very object, not those of its class."""
    return tuple(getattr(getattr(target.dispatch, name, None), "listeners", ()))


def _type_behind(listener: Any) -> TypeEngine[Any] | None:
    """The type whose method a listener is, wrapped as it may be: SQLAlchemy 2.0 has its wrapper,
    2.1 uses `functools.partial`."""
    for candidate in (listener, getattr(listener, "func", None)):
        owner = getattr(candidate, "__self__", None) or getattr(candidate, "target", None)
        if isinstance(owner, SchemaType):
            return cast(TypeEngine[Any], owner)
    return None


def _is_named(type_: TypeEngine[Any]) -> bool:
    """Whether Postgres has a CREATE TYPE or CREATE DOMAIN for it."""
    if isinstance(type_, NamedType):
        return True
    return isinstance(type_, Enum) and type_.native_enum and bool(type_.name)


def _dialect() -> Any:
    return cast(Any, postgresql).dialect()


def _type_ddl(type_: TypeEngine[Any]) -> str:
    if isinstance(type_, Enum):
        return _compiled(cast(Any, CreateEnumType)(type_.dialect_impl(_dialect())))
    return _compiled(cast(Any, CreateDomainType)(type_))


def _compiled(element: Any) -> str:
    return " ".join(str(element.compile(dialect=_dialect())).split())


def _itself(type_: TypeEngine[Any], **_: Any) -> TypeEngine[Any]:
    return type_
