"""Which revision's downgrade has which statements of those that lead back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from modalembic.authoring.autogenerate.builder import relation, tables_by_name
from modalembic.authoring.autogenerate.groups import Group
from modalembic.authoring.autogenerate.items import Statement, Undoing
from modalembic.authoring.autogenerate.owners import Owners
from modalembic.postgres.catalog import Difference
from modalembic.postgres.catalog.fixing.mending import Mending, Unmended
from modalembic.postgres.catalog.names import quote


class Backwards:
    """Deals statements out to `groups`, in the order in which these run. `refused` are those that
    Postgres has refused."""

    def __init__(self, groups: Sequence[Group], owners: Owners, refused: Collection[str]) -> None:
        self._groups = groups
        self._owners = owners
        self._refused = refused
        self._tables = tables_by_name(owners.before)

    def undoing(
        self, first: Sequence[Mending], last: Sequence[Mending], stays: Sequence[Unmended]
    ) -> tuple[Undoing, ...]:
        """What undoes each group: `first` before its operations are undone, `last` after that;
        `stays` is what no statement undoes."""
        if not self._groups:
            return ()
        undoing = [Undoing() for _ in self._groups]
        for mending in first:
            targets = self._targets(mending)
            number = self._group_of(mending.difference, backwards=True, targets=targets)
            more = self._statements(mending)
            undoing[number] = replace(undoing[number], first=(*undoing[number].first, *more))
        for mending in last:
            number = self._group_of(mending.difference, targets=self._targets(mending))
            more = self._statements(mending)
            undoing[number] = replace(undoing[number], last=(*undoing[number].last, *more))
        for each in stays:
            number = self._group_of(each.difference)
            text = staying(each)
            undoing[number] = replace(
                undoing[number],
                last=(*undoing[number].last, Statement(None, f"NOT UNDONE: {text}")),
                stays=(*undoing[number].stays, text),
            )
        return tuple(undoing)

    def _statements(self, mending: Mending) -> list[Statement]:
        return [
            Statement(text, mending.note if text == mending.statements[0] else None)
            for text in mending.statements
            if text not in self._refused
        ]

    def _targets(self, mending: Mending) -> set[str]:
        """The keys of the tables to which a foreign key leads that comes back."""
        table = self._tables.get(mending.difference.table or "")
        return {
            relation(constraint.references)
            for constraint in (table.constraints if table is not None else ())
            if constraint.references
            for text in mending.statements
            if f" ADD CONSTRAINT {quote(constraint.name)} FOREIGN KEY " in text
        }

    def _group_of(
        self,
        each: Difference,
        *,
        backwards: bool = False,
        targets: Collection[str] = frozenset(),
    ) -> int:
        """The group that changed the object that differs: the last one, or else the first."""
        keys = self._owners.keys(each)
        # A key that leads to a table which is dropped as well is back when both are.
        dropped = [
            n for n, g in enumerate(self._groups) for i in g.items if i.drops.intersection(targets)
        ]
        order = [*enumerate(self._groups)]
        if backwards:
            order.reverse()
        for number, group in order:
            for item in group.items:
                same = item.table is not None and item.table == each.table
                if same or keys & (item.grows | item.drops):
                    return min([number, *dropped])
        module = self._owners.of(each)
        own = [number for number, group in order if group.module == module]
        return own[0] if own else order[0][0]


def staying(left: Unmended) -> str:
    """What is said of something that a downgrade leaves."""
    each = left.difference
    part = f" ({each.part.replace('-', ' ')})" if each.part is not None else ""
    return f"{each.object} {each.name}{part} as it is: {left.reason}"
