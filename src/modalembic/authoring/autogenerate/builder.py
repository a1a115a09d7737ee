"""Items from Alembic's operations, with what each needs, makes and lets go of by the catalogs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from alembic.operations import ops

from modalembic.authoring.autogenerate.items import Item, Rank
from modalembic.authoring.autogenerate.produced import (
    foreign_keys_of,
    name_of,
    reverse_of,
    without_foreign_keys,
)
from modalembic.authoring.autogenerate.relevant import DEFAULT_SCHEMA, table_of
from modalembic.postgres.catalog.model import Constraint
from modalembic.postgres.catalog.names import qualified, quote

if TYPE_CHECKING:
    from sqlalchemy import ForeignKeyConstraint

    from modalembic.authoring.autogenerate.explicit import Explicit
    from modalembic.postgres.catalog import Catalog
    from modalembic.postgres.catalog.model import Table

_RANKS: dict[type[ops.MigrateOperation], Rank] = {
    ops.AddColumnOp: Rank.ADD_COLUMN,
    ops.AlterColumnOp: Rank.ALTER_COLUMN,
    ops.CreateCheckConstraintOp: Rank.KEY,
    ops.CreateForeignKeyOp: Rank.FOREIGN_KEY,
    ops.CreateIndexOp: Rank.INDEX,
    ops.CreateTableCommentOp: Rank.COMMENT,
    ops.CreateTableOp: Rank.CREATE_TABLE,
    ops.CreateUniqueConstraintOp: Rank.KEY,
    ops.DropColumnOp: Rank.DROP_COLUMN,
    ops.DropConstraintOp: Rank.DROP_KEY,
    ops.DropIndexOp: Rank.DROP_KEY,
    ops.DropTableCommentOp: Rank.COMMENT,
    ops.DropTableOp: Rank.DROP_TABLE,
}
_SHRINKING = frozenset({Rank.DROP_KEY, Rank.DROP_COLUMN, Rank.DROP_TABLE})


def relation(name: str) -> str:
    """The key of the relation with a qualified name."""
    return f"relation {name}"


def schema_of(name: str) -> str:
    """The key of the schema of a qualified name."""
    end = name.find('".') + 1 if name.startswith('"') else name.find(".")
    return f"schema {name[:end] if end > 0 else name}"


def tables_by_name(catalog: Catalog) -> dict[str, Table]:
    """The tables of a catalog by qualified name."""
    return {qualified(table.schema, table.name): table for table in catalog.tables}


@dataclass(frozen=True)
class Builder:
    """Makes items. `owner` tells the module of a table by its qualified name."""

    models: Catalog
    before: Catalog
    owner: Callable[[str], str]
    explicit: Explicit

    @cached_property
    def _models(self) -> dict[str, Table]:
        return tables_by_name(self.models)

    @cached_property
    def _before(self) -> dict[str, Table]:
        return tables_by_name(self.before)

    @cached_property
    def _numbers(self) -> Iterator[int]:
        return count()

    def items(self, operations: Iterable[ops.MigrateOperation]) -> list[Item]:
        """Items for `operations`, in their order; foreign keys that lead to what another one makes
        are items of their own (`joined` puts them back), and so are those that lead from a table to
        one that is dropped before it."""
        given = tuple(operations)
        found = (*self._keys_of_circles(given), *given)
        made = {key for op in found for key in self._grown(op)}
        return [item for op in found for item in self._items(op, made)]

    def _keys_of_circles(
        self, operations: Iterable[ops.MigrateOperation]
    ) -> Iterator[ops.MigrateOperation]:
        """What lets go of tables that are dropped before others that refer to them: they are in a
        circle, since Alembic drops whoever refers first. To undo that makes the key again, and not
        the table with it."""
        earlier: set[str] = set()
        for op in operations:
            if not isinstance(op, ops.DropTableOp) or op._reverse is None:  # noqa: SLF001
                continue
            table = table_of(op)
            keys = [
                key
                for key in foreign_keys_of(op._reverse)  # noqa: SLF001
                if self._target(table, key) in earlier
            ]
            without_foreign_keys(op._reverse, keys)  # noqa: SLF001
            yield from map(ops.DropConstraintOp.from_constraint, keys)
            earlier.add(table)

    def _target(self, table: str, key: ForeignKeyConstraint) -> str | None:
        """The table to which a foreign key of the database leads."""
        old = self._before.get(table)
        for constraint in old.constraints if old is not None else ():
            if constraint.name == key.name:
                return constraint.references
        return None

    def _items(self, op: ops.MigrateOperation, made: set[str]) -> Iterator[Item]:
        table = table_of(op)
        taken: list[ForeignKeyConstraint] = []
        if isinstance(op, ops.CreateTableOp):
            others = made - self._grown(op)
            taken = [key for key in foreign_keys_of(op) if self._led_to(table, key) & others]
            without_foreign_keys(op, taken)
        yield self._item(op, table)
        for key in taken:
            yield replace(self._item(self._key(table, key), table), key=key)

    def _key(self, table: str, key: ForeignKeyConstraint) -> ops.MigrateOperation:
        op = ops.CreateForeignKeyOp.from_constraint(key)
        op.constraint_name = self._name(table, key)
        return op

    def _name(self, table: str, key: ForeignKeyConstraint) -> Any:
        columns = [element.parent.name for element in key.elements]
        named = key.name is not None
        return key.name if named else name_of(self._models, table, "foreign key", columns)

    def _led_to(self, table: str, key: ForeignKeyConstraint) -> set[str]:
        name = str(self._name(table, key))
        found = self._models.get(table)
        return {
            each
            for constraint in (found.constraints if found is not None else ())
            if constraint.name == name
            for each in led_to(constraint)
        }

    def _item(self, op: ops.MigrateOperation, table: str) -> Item:
        rank = _rank(op)
        new, old = self._models.get(table), self._before.get(table)
        own = relation(table)
        return Item(
            module=self.owner(table),
            rank=rank,
            number=next(self._numbers),
            up=op,
            down=None if _is_special(rank, old) else reverse_of(op, self.explicit),
            table=table,
            needs=(frozenset(_needed(op, rank, new)) - {own}) | {schema_of(table)},
            grows=self._grown(op),
            frees=frozenset(_freed(op, rank, old, new)) - {own},
            drops=frozenset(_dropped(op, rank, old)),
        )

    def _grown(self, op: ops.MigrateOperation) -> frozenset[str]:
        """The keys of what an operation makes, by which others may refer to it."""
        table = table_of(op)
        new = self._models.get(table)
        match op:
            case ops.CreateTableOp():
                keys = new.constraints if new is not None else ()
                return frozenset(
                    [relation(table), *(member("constraint", table, k.name) for k in keys)]
                )
            case ops.AddColumnOp():
                return frozenset({member("column", table, op.column.name)})
            case ops.AlterColumnOp():
                return frozenset({member("column", table, op.column_name)})
            case ops.CreateIndexOp(unique=True):
                return frozenset(
                    {f"index {qualified(op.schema or DEFAULT_SCHEMA, str(op.index_name))}"}
                )
            case ops.CreateUniqueConstraintOp():
                return frozenset({member("constraint", table, op.constraint_name)})
        return frozenset()


def member(kind: str, table: str, name: Any) -> str:
    """The key of a column or constraint of the table with a qualified name."""
    return f"{kind} {table}.{quote(str(name))}"


def led_to(constraint: Constraint) -> set[str]:
    """The keys of what a foreign key leads to: the table, its columns, the key that it relies on.
    Empty for another constraint."""
    target = constraint.references
    if target is None:
        return set()
    columns = {member("column", target, name) for name in constraint.referenced_columns}
    return {relation(target), *columns, *constraint.requires}


def _is_special(rank: Rank, old: Table | None) -> bool:
    """Whether a table that is dropped is more than Alembic can read of it."""
    if rank is not Rank.DROP_TABLE or old is None:
        return False
    tied = old.partition_key or old.partition_of or old.inherits or old.of_type
    return bool(tied) or (old.kind, old.persistence) != ("table", "permanent")


def _rank(op: ops.MigrateOperation) -> Rank:
    if isinstance(op, ops.DropConstraintOp) and op.constraint_type == "foreignkey":
        return Rank.DROP_FOREIGN_KEY
    return next((rank for kind, rank in _RANKS.items() if isinstance(op, kind)), Rank.KEY)


def _needed(op: ops.MigrateOperation, rank: Rank, table: Table | None) -> Iterator[str]:
    if table is not None and rank not in _SHRINKING and rank is not Rank.DROP_FOREIGN_KEY:
        yield from table.requires
        yield from map(relation, table.inherits)
        for each in _members(op, table):
            yield from led_to(each) if isinstance(each, Constraint) else ()
            yield from each.requires


def _members(op: ops.MigrateOperation, table: Table) -> Iterator[Any]:
    """The parts of a table, as the catalog has them, that an operation makes."""
    if isinstance(op, ops.CreateTableOp):
        yield from table.columns
        kept = {str(key.name) for key in foreign_keys_of(op) if key.name is not None}
        columns = [[e.parent.name for e in key.elements] for key in foreign_keys_of(op)]
        yield from (
            each
            for each in table.constraints
            if each.kind != "foreign key" or each.name in kept or [*each.columns] in columns
        )
    elif isinstance(op, ops.AddColumnOp | ops.AlterColumnOp):
        column = op.column.name if isinstance(op, ops.AddColumnOp) else op.column_name
        yield from (each for each in table.columns if each.name == column)
    elif isinstance(op, ops.CreateIndexOp):
        yield from (index for index in table.indexes if index.name == op.index_name)
    elif isinstance(op, ops.AddConstraintOp):
        name = getattr(op, "constraint_name", None)
        yield from (each for each in table.constraints if each.name == name)


def _freed(
    op: ops.MigrateOperation, rank: Rank, old: Table | None, new: Table | None
) -> Iterator[str]:
    if old is None:
        return
    if rank is Rank.DROP_TABLE:
        yield from old.requires
        parts: tuple[Any, ...] = (*old.columns, *old.constraints, *old.indexes)
        for each in parts:
            yield from each.requires
            yield from led_to(each) if isinstance(each, Constraint) else ()
    elif isinstance(op, ops.DropConstraintOp):
        for constraint in old.constraints:
            if constraint.name == op.constraint_name:
                yield from (*constraint.requires, *led_to(constraint))
    elif isinstance(op, ops.DropColumnOp | ops.AlterColumnOp):
        yield from set(old.requires) - set(new.requires if new is not None else ())
        for column in old.columns:
            yield from column.requires if column.name == op.column_name else ()


def _dropped(op: ops.MigrateOperation, rank: Rank, old: Table | None) -> Iterator[str]:
    table = table_of(op)
    if rank is Rank.DROP_TABLE:
        yield relation(table)
    elif isinstance(op, ops.DropColumnOp):
        yield member("column", table, op.column_name)
    elif isinstance(op, ops.DropIndexOp):
        yield f"index {qualified(op.schema or DEFAULT_SCHEMA, str(op.index_name))}"
    elif isinstance(op, ops.DropConstraintOp) and old is not None:
        yield member("constraint", table, op.constraint_name)
