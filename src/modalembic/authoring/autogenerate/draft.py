"""What the new revisions are to do, found out on a scratch database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from modalembic.authoring.autogenerate.backwards import Backwards
from modalembic.authoring.autogenerate.builder import (
    Builder,
    led_to,
    relation,
    schema_of,
    tables_by_name,
)
from modalembic.authoring.autogenerate.complement import complemented
from modalembic.authoring.autogenerate.counting import concerning, counted
from modalembic.authoring.autogenerate.explicit import Explicit
from modalembic.authoring.autogenerate.groups import Group, grouped
from modalembic.authoring.autogenerate.items import Item, Rank, Statement, Undoing
from modalembic.authoring.autogenerate.label_renames import LabelRename
from modalembic.authoring.autogenerate.labels import relabelling
from modalembic.authoring.autogenerate.owners import Owners
from modalembic.authoring.autogenerate.produced import (
    configured_for_comparison,
    explicit_op,
    produced,
)
from modalembic.authoring.autogenerate.relevant import Relevant
from modalembic.authoring.autogenerate.renames import Rename
from modalembic.authoring.autogenerate.trial import Bench, Doing
from modalembic.postgres.catalog import Catalog, Difference, compare
from modalembic.postgres.catalog.fixing.mending import Mending, Unmended, mendings
from modalembic.postgres.catalog.names import quote
from modalembic.runtime.drift.expressible import expressible, without_inexpressible
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.types import TypeEngine

    from modalembic.postgres.catalog.model import Table
    from modalembic.runtime.drift.sides import Sides

# What tables need is made before them. A part of one (a label) is `labels`.
_OBJECTS = frozenset(
    {"schema", "extension", "enum", "domain", "composite type", "range", "sequence"}
)


@dataclass(frozen=True)
class Draft:
    """The groups in the order in which they run, with what undoes each; `left` is what the models
    have and no statement makes, by module as it stands in the file in `by_hand`; `stays` what no
    statement undoes."""

    groups: tuple[Group, ...]
    undoing: tuple[Undoing, ...]
    left: tuple[Unmended, ...]
    stays: tuple[Unmended, ...]
    by_hand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Drafting:
    """Finds out, in the database of `bench`, how to get from what is there to the models, and back.
    `sides` are the models and the migrations; `differences` those that count, of one `module` where
    only that is wanted."""

    def __init__(
        self,
        bench: Bench,
        sides: Sides,
        owners: Owners,
        differences: Sequence[Difference],
        module: str | None = None,
    ) -> None:
        self._bench = bench
        self._sides = sides
        self._owners = owners
        self._differences = tuple(differences)
        self._module = module
        self._models = sides.models.catalog
        self._normaliser = KeptNormaliser(sides.scratch)
        self._refused: dict[str, str] = {}
        self._tables = tables_by_name(self._models)
        self._tables_before = tables_by_name(owners.before)
        self._numbers = count()

    def draft(self, renames: Sequence[Rename | LabelRename] = ()) -> Draft:
        """The draft, with the `renames` done first. Raises NoOwner, and what entering `env.py`
        raises."""
        renaming = self._rename(renames)
        start = self._bench.catalog()
        objects = self._objects(start)
        operations = self._operate(self._bench.catalog())
        middle = self._bench.catalog()
        mended, left = self._mend(middle)
        first, _ = self._back(middle)
        undone = self._undo(operations)
        last, stays = self._back(start)
        groups = grouped([*renaming, *objects, *undone, *mended], self._bench.project.module_order)
        by_hand: dict[str, tuple[str, ...]] = {}
        for each in left:
            module = self._owners.of(each.difference)
            by_hand[module] = (*by_hand.get(module, ()), sketch(each))
        undone_by = Backwards(groups, self._owners, self._refused).undoing(first, last, stays)
        return Draft(groups, undone_by, left, stays, by_hand)

    def _rename(self, renames: Sequence[Rename | LabelRename]) -> list[Item]:
        items = [self._renaming(each) for each in renames]

        def work(context: MigrationContext) -> None:
            doing = Doing(context)
            doing.do(items)
            doing.commit()

        if items:
            self._bench.in_environment(work)
            self._differences = self._counted(self._bench.catalog())
        return items

    def _renaming(self, each: Rename | LabelRename) -> Item:
        number = next(self._numbers)
        if isinstance(each, LabelRename):
            key = f"type {each.enum}"
            module = self._owners.of_keys(each.enum, [key])
            grown = frozenset({key})
            return Item(module, Rank.RENAME, number, each.call, each.back, grows=grown)
        return Item(
            self._owners.of_table(each.table),
            Rank.RENAME,
            number,
            each.call,
            each.back,
            table=each.table,
            grows=frozenset({each.key}),
            # Whoever refers to it by its old name has to come before.
            drops=frozenset({relation(each.old_table)}),
        )

    def _objects(self, start: Catalog) -> list[Item]:
        """Make the types, sequences and schemas that are missing, and the labels of enums."""
        wanted = [each for each in self._differences if _is_made_first(each)]
        found, _ = mendings(self._models, self._part(start), wanted, whole=start)
        self._failures(found)
        return [item for mending in found for item in self._items(mending, _rank(mending))]

    def _operate(self, start: Catalog) -> list[Item]:
        """Do what Alembic would do about the differences; what of it could be done."""
        done: list[Item] = []

        def work(context: MigrationContext) -> None:
            relevant = Relevant(self._differences)
            configured_for_comparison(context, self._sides.metadata, relevant)
            explicit = Explicit(context.dialect, _rendered(context))
            tables = tables_by_name(self._models)
            metadata = self._sides.metadata
            found = produced(context, metadata, relevant, tables)
            found = complemented(found, metadata, self._differences)
            builder = Builder(self._models, start, self._owners.of_table, explicit)
            items = builder.items(explicit_op(op, explicit) for op in found)
            doing = Doing(context)
            done.extend(doing.do(sorted(items, key=lambda item: (item.rank, item.number))))
            doing.commit()

        self._bench.in_environment(work)
        return done

    def _undo(self, operations: Sequence[Item]) -> list[Item]:
        undone: list[Item] = []

        def work(context: MigrationContext) -> None:
            doing = Doing(context)
            undone.extend(doing.undo(operations))
            doing.commit()

        self._bench.in_environment(work)
        return undone

    def _mend(self, start: Catalog) -> tuple[list[Item], tuple[Unmended, ...]]:
        """Do what is still to be done, by statements; and what there are none for."""
        differences = self._counted(start)
        found, left = mendings(self._models, self._part(start), differences, whole=start)
        failed = self._failures(found)
        items = [item for each in found for item in self._items(each, self._late(each))]
        return items, (*left, *failed)

    def _back(self, goal: Catalog) -> tuple[tuple[Mending, ...], tuple[Unmended, ...]]:
        """Make the database as `goal` again, by statements; and what there are none for."""
        now = self._bench.catalog()
        differences = compare(goal, now, normaliser=self._normaliser)
        differing = [each for each in differences if each.severity != "info"]
        found, left = mendings(goal, now, differing)
        failed = self._failures(found)
        more = tuple(self._relabelled(left, goal))
        done = {each.difference for each in more}
        return (*found, *more), (*(each for each in left if each.difference not in done), *failed)

    def _relabelled(self, left: Sequence[Unmended], goal: Catalog) -> Iterator[Mending]:
        """Make enums anew that have labels too many, where that can be done."""
        for each in left:
            mending = relabelling(goal, self._bench.catalog(), each.difference)
            if mending is not None and self._bench.run_together(mending.statements):
                yield mending

    def _failures(self, found: Iterable[Mending]) -> tuple[Unmended, ...]:
        """Run statements; those that Postgres refused."""
        failed = self._bench.run(text for each in found for text in each.statements)
        self._refused.update(failed)
        return tuple(
            Unmended(each.difference, f"Postgres refuses it: {failed[text]}", None)
            for each in found
            for text in each.statements
            if text in failed
        )

    def _part(self, catalog: Catalog) -> Catalog:
        return expressible(catalog, self._models, self._sides.models.compared)[0]

    def _counted(self, catalog: Catalog) -> tuple[Difference, ...]:
        found = compare(self._models, self._part(catalog), normaliser=self._normaliser)
        kept = tuple(without_inexpressible(found))
        return concerning(self._owners, counted(self._sides, kept), self._module)

    def _items(self, mending: Mending, rank: Rank) -> list[Item]:
        each = mending.difference
        keys = self._owners.keys(each)
        gone = each.part is None and each.expected is None
        before = self._tables_before.get(each.table or "")
        return [
            Item(
                self._owners.of(each),
                rank,
                next(self._numbers),
                _statement(text, mending.note if text == mending.statements[0] else None, rank),
                down=_dropping(each),
                table=each.table,
                needs=frozenset({*mending.requires, schema_of(each.name), *self._referenced(each)}),
                grows=frozenset() if gone else keys,
                frees=frozenset(_freed(before, text)),
                drops=keys if gone and " DROP CONSTRAINT " not in text else frozenset(),
            )
            for text in mending.statements
            if text not in self._refused
        ]

    def _late(self, mending: Mending) -> Rank:
        if mending.removes:
            return Rank.MENDING_REMOVE
        return Rank.MENDING_FOREIGN_KEY if self._referenced(mending.difference) else Rank.MENDING

    def _referenced(self, each: Difference) -> frozenset[str]:
        """The keys of what a foreign key that differs leads to."""
        table = self._tables.get(each.table or "") if each.object == "constraint" else None
        found = table.constraints if table is not None else ()
        return frozenset(
            key
            for constraint in found
            if each.name == f"{each.table}.{quote(constraint.name)}"
            for key in led_to(constraint)
        )


def _is_made_first(each: Difference) -> bool:
    if each.object == "enum" and each.part == "labels":
        return True
    return each.object in _OBJECTS and each.part is None and each.actual is None


def _dropping(each: Difference) -> Statement | None:
    """What undoes the creation of something that is no difference when it is too much."""
    if each.object in {"schema", "extension"} and each.part is None and each.actual is None:
        return Statement(f"DROP {each.object.upper()} {each.name}")
    return None


def _statement(text: str, note: str | None, rank: Rank) -> Statement:
    """A statement; where no downgrade undoes it, one that may run again."""
    if rank is not Rank.LABEL:
        expression = " DROP EXPRESSION"
        again = text.endswith(expression)
        return Statement(f"{text} IF EXISTS" if again else text, note)
    # Stock Alembic may run all revisions in one transaction, and nothing may use the label in that.
    return Statement(text.replace(" ADD VALUE ", " ADD VALUE IF NOT EXISTS ", 1), note, alone=True)


def _freed(table: Table | None, text: str) -> Iterator[str]:
    """The keys of what a statement about a table, as it was, may let go of."""
    if table is None:
        return
    yield from table.requires
    if " DROP CONSTRAINT " in text or text.startswith("DROP TABLE "):
        for constraint in table.constraints:
            yield from led_to(constraint)


def _rank(mending: Mending) -> Rank:
    return Rank.LABEL if mending.difference.part == "labels" else Rank.OBJECT


def _rendered(context: MigrationContext) -> Callable[[TypeEngine[Any]], bool]:
    """Whether `env.py` writes a type itself."""
    render = context.opts.get("render_item")
    if render is None:
        return lambda _: False
    from alembic.autogenerate.api import AutogenContext

    autogenerate = AutogenContext(context, autogenerate=False)
    return lambda type_: render("type", type_, autogenerate) is not False


def sketch(left: Unmended) -> str:
    """What a file says of something that is left to do by hand."""
    each = left.difference
    part = f" ({each.part.replace('-', ' ')})" if each.part is not None else ""
    return (
        f"TO DO BY HAND: {each.object} {each.name}{part}\n"
        f"the models have: {each.expected or 'none'}\n"
        f"the migrations make: {each.actual or 'none'}\n"
        f"{left.reason}"
    )
