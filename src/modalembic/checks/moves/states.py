"""Which tables are as they were, moved, new or gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from modalembic.runtime.earlier.state import StatedTable, TreeState

State = Literal["same", "moved", "new", "gone"]


@dataclass(frozen=True)
class TableState:
    """A table at the base and now, and its owners; a table that only the configuration speaks of
    (`owners`) has neither model."""

    key: str
    state: State
    before: StatedTable | None
    now: StatedTable | None
    source: str | None
    target: str | None

    @property
    def name(self) -> str:
        """The qualified name."""
        table = self.now or self.before
        if table is not None:
            return table.name
        return self.key if "." in self.key else f"public.{self.key}"

    @property
    def module(self) -> str | None:
        """The module that has to do with it now."""
        return self.target if self.now is not None or self.before is None else self.source


def table_states(before: TreeState, now: TreeState) -> tuple[TableState, ...]:
    """Every table of either state, by key. A module that only got another name keeps its tables."""
    there = {table.key: table for table in before.tables}
    here = {table.key: table for table in now.tables}
    renamed = renamed_modules(before, now)
    keys = sorted({*there, *here, *before.settled, *now.settled})
    return tuple(
        state
        for key in keys
        for state in _states(
            key, there.get(key), here.get(key), _Owners(before, now, renamed, there, here)
        )
    )


@dataclass(frozen=True)
class _Owners:
    before: TreeState
    now: TreeState
    renamed: Mapping[str, str]
    there: Mapping[str, StatedTable]
    here: Mapping[str, StatedTable]

    def source(self, key: str) -> str | None:
        table = self.there.get(key)
        owner = self.before.settled.get(key) if table is None else table.owner
        return None if owner is None else self.renamed.get(owner, owner)

    def target(self, key: str) -> str | None:
        table = self.here.get(key)
        return self.now.settled.get(key) if table is None else table.owner


def _states(
    key: str, before: StatedTable | None, now: StatedTable | None, owners: _Owners
) -> Iterator[TableState]:
    source, target = owners.source(key), owners.target(key)
    if before is not None and now is None:
        yield TableState(key, "gone", before, None, source, None)
    elif now is not None and before is None and source is None:
        yield TableState(key, "new", None, now, None, target)
    elif (now is None and None in (source, target)) or source == target:
        # A table without a model that only one of the configurations speaks of has not moved.
        yield TableState(key, "same", before, now, source, target)
    else:
        yield TableState(key, "moved", before, now, source, target)


def renamed_modules(before: TreeState, now: TreeState) -> Mapping[str, str]:
    """The modules of the base that have another name now: one that is gone, and of which a new one
    has the revisions; where it had none, all of its tables that are still there."""
    new = [module for module in now.modules if module not in before.modules]
    gone = [module for module in before.modules if module not in now.modules]
    renamed: dict[str, str] = {}
    for module in gone:
        heirs = _heirs(module, before, now)
        if len(heirs) == 1 and (heir := heirs.pop()) in new and heir not in renamed.values():
            renamed[module] = heir
    return renamed


def _heirs(module: str, before: TreeState, now: TreeState) -> set[str | None]:
    """The modules that have the revisions, or else the tables, of a module that is gone."""
    revisions = [id_ for id_, of in before.revisions.items() if of == module]
    if revisions:
        return {now.revisions.get(id_) for id_ in revisions}
    owners = {table.key: table.owner for table in now.tables}
    tables = [table.key for table in before.tables if table.owner == module]
    return {owners[key] for key in tables if key in owners}
