"""How far a catalog is from a live one: a cost for each subject.

What is missing costs as much as one thing that differs. A table too many costs as much as all that
it consists of: that it is there says more than what is wrong with it. What is there and is made by
no revision costs nothing, since no set of revisions could change that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from modalembic.postgres.catalog import Catalog, Difference
from modalembic.postgres.catalog.comparing.compare import differences
from modalembic.postgres.catalog.model import Sequence, Table
from modalembic.postgres.catalog.names import qualified
from modalembic.runtime.match.subjects import aliases, owner, sizes, subject_of

# However many warnings there are, they never outweigh an error.
ERROR = 1_000_000
WARNING = 1


class Distance:
    """Measures how far catalogs are from `live`. `known` are the subjects that revisions make at
    any time. Catalogs that are measured may share objects: each is looked at once."""

    def __init__(self, live: Catalog, known: Collection[str]) -> None:
        self._live = live
        self._known = known
        self._sizes = sizes(live)
        self._aliases = aliases(live)
        self._tables = {qualified(table.schema, table.name): table for table in live.tables}
        self._owned = _owned(live)
        self._same: dict[int, bool] = {}
        self._kept: list[Table] = []  # or else another table might get the identity of one

    def of(self, catalog: Catalog) -> Mapping[str, int]:
        """What each subject costs; no entry for nothing."""
        found: dict[str, int] = {}
        also = {**aliases(catalog), **self._aliases}
        for each in differences(*self._reduced(catalog), live=True):
            cost = self._cost(each)
            if cost:
                subject = subject_of(each)
                subject = also.get(subject, subject)
                found[subject] = found.get(subject, 0) + cost
        return found

    def _cost(self, each: Difference) -> int:
        if is_whole(each) and each.expected is None:
            subject = subject_of(each)
            known = subject in self._known and each.severity != "info"
            return ERROR * self._sizes.get(subject, 1) if known else 0
        return {"error": ERROR, "warning": WARNING, "info": 0}[each.severity]

    def _reduced(self, catalog: Catalog) -> tuple[Catalog, Catalog]:
        """Both catalogs without the tables, and the sequences of their columns, that are the same
        in both and that no other table needs: that is most of them, most of the time."""
        related = _related(catalog) | _related(self._live)
        ours = _owned(catalog)
        same = {
            name
            for table in catalog.tables
            if (name := qualified(table.schema, table.name)) not in related
            and ours.get(name) == self._owned.get(name)
            and self._is_same(name, table)
        }
        return _without(catalog, same), _without(self._live, same)

    def _is_same(self, name: str, table: Table) -> bool:
        found = self._same.get(id(table))
        if found is None:
            found = self._same[id(table)] = self._tables.get(name) == table
            self._kept.append(table)
        return found


def is_whole(each: Difference) -> bool:
    """Whether a difference is about a whole object that stands by itself."""
    by_itself = each.table is None or each.table == each.name
    return each.part is None and by_itself and each.object not in {"attribute", "domain constraint"}


def _related(catalog: Catalog) -> set[str]:
    """The tables with parents, and their parents."""
    found: set[str] = set()
    for table in catalog.tables:
        parents = [*table.inherits, *([table.partition_of] if table.partition_of else [])]
        if parents:
            found.update([*parents, qualified(table.schema, table.name)])
    return found


def _owned(catalog: Catalog) -> dict[str | None, list[Sequence]]:
    """The sequences of each table's columns."""
    found: dict[str | None, list[Sequence]] = {}
    for sequence in catalog.sequences:
        found.setdefault(owner(sequence), []).append(sequence)
    return found


def _without(catalog: Catalog, tables: Collection[str]) -> Catalog:
    return replace(
        catalog,
        tables=tuple(t for t in catalog.tables if qualified(t.schema, t.name) not in tables),
        sequences=tuple(s for s in catalog.sequences if owner(s) not in tables),
    )
