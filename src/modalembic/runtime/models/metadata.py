"""One MetaData for all modules.

One that all share is used as it is. Several are copied into one, so that foreign keys lead from one
to the other. `Table.to_metadata` alone does not do: constraint names come from the target's naming
convention, so each source's is in force while its tables are copied; event listeners, prefixes of
tables, conditions of constraints and indexes, and dependencies between tables are not copied; a
schema that a foreign key takes from its MetaData is lost; types stay with their source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import MetaData, Table
from sqlalchemy.exc import InvalidRequestError, NoReferenceError
from sqlalchemy.schema import BLANK_SCHEMA
from sqlalchemy.sql import naming
from sqlalchemy.sql.base import _NONE_NAME
from sqlalchemy.sql.elements import conv
from sqlalchemy.util import set_creation_order

from modalembic.errors import DuplicateTable
from modalembic.runtime.models.loaded import FoundMetaData, LoadedModels
from modalembic.runtime.models.schema_objects import SchemaObjects, carry_listeners

if TYPE_CHECKING:
    from sqlalchemy import Constraint, ForeignKeyConstraint, Index


def merged_metadata(loaded: LoadedModels) -> MetaData:
    """The MetaData of all models: the only one itself, or a new one with copies of all tables.

    The sources are left as they were. Raises DuplicateTable where two have one table name, and
    DuplicateSchemaObject where they have one name for different types or sequences.
    """
    if len(loaded.metadatas) == 1:
        return loaded.metadatas[0].metadata
    _refuse_duplicates(loaded)
    target = MetaData(naming_convention=_shared_convention(loaded.metadatas))
    objects = SchemaObjects(target)
    copies: dict[Table, Table] = {}
    for found in loaded.metadatas:
        copies.update(_copied(found, target, objects))
    for source, copy in copies.items():
        _carry_dependencies(source, copy, copies)
    return target


def _shared_convention(metadatas: tuple[FoundMetaData, ...]) -> Mapping[str, Any] | None:
    conventions = [found.metadata.naming_convention for found in metadatas]
    if not conventions or any(convention != conventions[0] for convention in conventions):
        return None
    return dict(conventions[0])


def _refuse_duplicates(loaded: LoadedModels) -> None:
    first: dict[str, int] = {}
    for index, each in enumerate(loaded.tables):
        other = loaded.tables[first.setdefault(each.key, index)]
        if other is not each:
            places = " and ".join(
                f"{table.definition.path}:{table.definition.line or 1}" for table in (other, each)
            )
            raise DuplicateTable(
                f"two MetaData objects have a table {each.key!r}: {places}",
                hint="define the table once, or give both models one MetaData",
                path=each.definition.path,
                line=each.definition.line,
            )


def _copied(
    found: FoundMetaData, target: MetaData, objects: SchemaObjects
) -> Iterator[tuple[Table, Table]]:
    """Copies of the tables, types and sequences of one source, as pairs of table and copy."""
    source = found.metadata
    target.info = {**source.info, **target.info}
    with _convention_of(source, target), objects.belonging_to_target(found):
        for table in source.tables.values():
            copy = table.to_metadata(target, referred_schema_fn=_referred_schema)
            _complete(table, copy)
            yield table, copy
    carry_listeners(source, target)


@contextmanager
def _convention_of(source: MetaData, target: MetaData) -> Iterator[None]:
    final = target.naming_convention
    target.naming_convention = source.naming_convention
    try:
        yield
    finally:
        target.naming_convention = final


def _referred_schema(
    table: Table, _to_schema: str | None, constraint: ForeignKeyConstraint, referred: str | None
) -> Any:
    """The schema of a copied foreign key's target. A key written without one means the schema of
    its MetaData; the copy's has none, so there it is said."""
    default = table.metadata.schema
    if referred is not None or default is None:
        return referred
    try:
        return constraint.referred_table.schema or BLANK_SCHEMA
    except (NoReferenceError, InvalidRequestError):  # it leads to another source
        return default


def _complete(source: Table, copy: Table) -> None:
    """What `to_metadata` leaves out."""
    carry_listeners(source, copy)
    copy._prefixes = list(source._prefixes)  # noqa: SLF001 - UNLOGGED; settable only when made
    copy.implicit_returning = source.implicit_returning
    _pair_up(source.indexes, copy.indexes)
    # A set, and copied in its order; in DDL they stand in the order in which they were made.
    for pair in _pair_up(sorted(source.constraints, key=_creation_order), copy.constraints):
        set_creation_order(pair)
    for constraint in copy.constraints:
        _settle_name(constraint, copy)


def _pair_up(originals: Iterable[Any], copies: Iterable[Any]) -> list[Any]:
    """Give copies of indexes and constraints the `info`, conditions and listeners of their
    originals. The copies, in the order of these."""
    by_signature = {_signature(copy): copy for copy in copies}
    paired: list[Any] = []
    for original in originals:
        copy = by_signature.get(_signature(original))
        if copy is None:
            continue
        copy._ddl_if = original._ddl_if  # noqa: SLF001 - public only as the method that sets it
        if "info" in vars(original):
            copy.info = dict(original.info)
        carry_listeners(original, copy)
        paired.append(copy)
    return paired


def _creation_order(constraint: Constraint) -> int:
    return constraint._creation_order  # noqa: SLF001 - what SQLAlchemy sorts by


def _signature(item: Constraint | Index) -> tuple[object, ...]:
    columns = tuple(column.name for column in getattr(item, "columns", ()))
    text = str(getattr(item, "sqltext", ""))
    return (type(item).__name__, columns, text, str(item.name) if item.name else None)


def _settle_name(constraint: Constraint, table: Table) -> None:
    """Constraints of types (a CHECK of Boolean or Enum) get their names when they are compiled, by
    the convention that the MetaData then has: settle them while their own is in force."""
    if constraint.name is not _NONE_NAME:
        return
    try:
        name = cast(Any, naming)._constraint_name_for_table(constraint, table)  # noqa: SLF001
    except (
        InvalidRequestError
    ):  # the convention needs a name that is not given; nothing compiles it
        return
    if name:
        constraint.name = conv(name)


def _carry_dependencies(source: Table, copy: Table, copies: Mapping[Table, Table]) -> None:
    """`add_is_dependent_on`, and for a view the tables that it selects from."""
    wanted = set(source._extra_dependencies)  # noqa: SLF001 - no public list
    creator = getattr(source, "_creator_ddl", None)  # SQLAlchemy 2.1: CreateView, CreateTableAs
    selectable = getattr(creator, "selectable", None)
    if selectable is not None:
        from sqlalchemy.sql.util import find_tables

        wanted.update(
            table
            for table in find_tables(
                selectable,
                check_columns=True,
                include_aliases=True,
                include_joins=True,
                include_selects=True,
                include_crud=True,
            )
            if isinstance(table, Table)
        )
    for table in sorted(wanted & copies.keys(), key=lambda table: table.key):
        if table is not source:
            copy.add_is_dependent_on(copies[table])
