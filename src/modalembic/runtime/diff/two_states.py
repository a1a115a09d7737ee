"""Two states of the tree, and what Postgres says of the difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from modalembic.errors import EnvironmentFailed, EnvironmentMisuse
from modalembic.postgres.catalog import Catalog, Difference, compare
from modalembic.postgres.catalog.keys import relation_key, routine_key, type_key
from modalembic.postgres.catalog.model import Table
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.scratch import ScratchServer
from modalembic.project import Project
from modalembic.runtime.drift.lending import required_by
from modalembic.runtime.earlier import Side
from modalembic.runtime.earlier.process import read_earlier
from modalembic.runtime.earlier.reading import Reader
from modalembic.runtime.earlier.state import TreeState
from modalembic.runtime.earlier.tree import EarlierTree
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser
from modalembic.runtime.scratch.server import Scratch

SIDES: tuple[Side, ...] = ("models", "migrations")


@dataclass(frozen=True)
class ComparedSide:
    """The catalogs of one side at the base and now, and how they differ."""

    before: Catalog
    now: Catalog
    differences: tuple[Difference, ...]

    def has(self, table: str) -> bool:
        """Whether either of them has the table, by its qualified name."""
        return table in self._tables_before or table in self._tables_now

    def has_before(self, table: str) -> bool:
        """Whether the table was there at the base."""
        return table in self._tables_before

    def has_now(self, table: str) -> bool:
        """Whether the table is there now."""
        return table in self._tables_now

    def of(self, table: str, also: Iterable[str] = ()) -> tuple[Difference, ...]:
        """The differences of a table: its own, and those of the types, sequences and functions that
        it requires. `also` are names of others: Postgres does not know of a sequence that only the
        model asks for numbers."""
        names = _required(self.before, self._tables_before.get(table))
        names |= _required(self.now, self._tables_now.get(table)) | set(also)
        return tuple(
            each
            for each in self.differences
            if each.table == table or (each.table is None and each.name in names)
        )

    @cached_property
    def _tables_before(self) -> Mapping[str, Table]:
        return _by_name(self.before)

    @cached_property
    def _tables_now(self) -> Mapping[str, Table]:
        return _by_name(self.now)


@dataclass(frozen=True)
class TwoStates:
    """The tree at the base and the working tree, for a project; `scratch` is for what has to be
    made on a server. With `environment` the models of both are also those that only `env.py`
    knows."""

    project: Project
    tree: EarlierTree
    scratch: Scratch
    observer: Observer
    environment: bool = False

    def before(self, *, static: bool) -> TreeState:
        """What the base says. An `env.py` that has to be asked for its models, and is of use only
        with a database, is given one unless that is `static`.

        Raises what reading it raises.
        """
        try:
            return self._earlier(None)
        except (EnvironmentFailed, EnvironmentMisuse):
            if static:
                raise
        with database_errors_explained():
            return self._earlier(self.scratch.server)

    def now(self, *, static: bool) -> TreeState:
        """What the working tree says. Raises what reading it raises."""
        try:
            return self._reader(None).read(tables=True, catalogs=())
        except (EnvironmentFailed, EnvironmentMisuse):
            if static:
                raise
        with database_errors_explained():
            return self._reader(self.scratch).read(tables=True, catalogs=())

    def _earlier(self, server: ScratchServer | None) -> TreeState:
        return read_earlier(
            self.project,
            self.tree,
            tables=True,
            environment=self.environment,
            server=server,
            observer=self.observer,
        )

    def catalogs_before(self) -> Mapping[Side, Catalog]:
        """The catalogs that the base makes. Raises what running migrations and creating models
        raises, each error saying that it is the base's."""
        with database_errors_explained():
            return read_earlier(
                self.project,
                self.tree,
                catalogs=SIDES,
                environment=self.environment,
                server=self.scratch.server,
                keep=self.scratch.store.keeps,
                observer=self.observer,
            ).catalogs

    def made_now(self) -> TreeState:
        """The catalogs that the working tree makes, and what its revisions touch; raises as
        `catalogs_before`."""
        return self._reader(self.scratch).read(tables=False, catalogs=SIDES)

    def compared(
        self, before: Mapping[Side, Catalog], now: Mapping[Side, Catalog]
    ) -> Mapping[Side, ComparedSide]:
        """Each side at the base and now, compared by what it means to Postgres."""
        with database_errors_explained():
            normaliser = KeptNormaliser(self.scratch)
            return MappingProxyType(
                {
                    side: ComparedSide(
                        before[side],
                        now[side],
                        compare(before[side], now[side], normaliser=normaliser),
                    )
                    for side in SIDES
                }
            )

    def _reader(self, scratch: Scratch | None) -> Reader:
        return Reader(
            self.project,
            plain=False,
            scratch=scratch,
            observer=self.observer,
            environment=self.environment,
        )


def _by_name(catalog: Catalog) -> Mapping[str, Table]:
    return {qualified(table.schema, table.name): table for table in catalog.tables}


def _required(catalog: Catalog, table: Table | None) -> set[str]:
    """The names, as differences have them, of what a table requires, and of what that requires; its
    own sequences included."""
    if table is None:
        return set()
    objects = dict(_keyed(catalog))
    pending = list(required_by(replace(catalog, tables=(table,), views=())))
    pending += [key for trigger in table.triggers for key in getattr(trigger, "requires", ())]
    seen: set[str] = set()
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            pending += getattr(objects.get(key), "requires", ())
    names = {key.partition(" ")[2] for key in seen if key in objects}
    return names | set(_own_sequences(catalog, table))


def _own_sequences(catalog: Catalog, table: Table) -> Iterator[str]:
    prefix = f"{qualified(table.schema, table.name)}."
    for sequence in catalog.sequences:
        if (sequence.owned_by or "").startswith(prefix):
            yield qualified(sequence.schema, sequence.name)


def _keyed(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    types: tuple[Iterable[Any], ...] = (
        catalog.enums,
        catalog.domains,
        catalog.composites,
        catalog.ranges,
    )
    for kind in types:
        for each in kind:
            yield type_key(each.schema, each.name), each
    for sequence in catalog.sequences:
        yield relation_key(sequence.schema, sequence.name), sequence
    for routine in catalog.routines:
        yield routine_key(routine.schema, routine.name, routine.signature), routine
