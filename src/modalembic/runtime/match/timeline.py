"""The catalog as it grows while the whole history runs, on a scratch database.

To read it after each of many revisions would take longer than running them. It is read where a
revision changes something that another one has changed since the last reading: between two
readings each thing is changed by one revision at most, so that it is known which one did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from typing import Any

from modalembic.history.plan import Step, plan_upgrade
from modalembic.postgres.catalog import Catalog, Connection, read_catalog
from modalembic.postgres.catalog.model import Other
from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.cache.reads import Reads
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.drift.migrations import scratch_upgraded
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch


@dataclass(frozen=True)
class Moment:
    """The catalog when the first `done` revisions have run."""

    done: int
    catalog: Catalog


@dataclass(frozen=True)
class Timeline:
    """The revisions in the `order` in which they ran, and what was read on the way: before the
    first, after the last, and between some. What does not change from one moment to the next is
    one object in both."""

    order: tuple[str, ...]
    moments: tuple[Moment, ...]

    def spans(self) -> Iterator[tuple[Moment, Moment, tuple[str, ...]]]:
        """Each moment with the next, and the revisions that ran between them."""
        for before, after in zip(self.moments, self.moments[1:], strict=False):
            yield before, after, self.order[before.done : after.done]


def whole_order(project: Project) -> tuple[str, ...]:
    """All revisions in the order in which an empty database gets them."""
    goals = project.graph.revisions.keys()
    plan = plan_upgrade(project.graph, "heads", goals, frozenset(), project.module_order)
    return tuple(step.revision.id for step in plan.steps)


def reading_points(
    order: Sequence[str], touched: Callable[[str], AbstractSet[str]] | None
) -> frozenset[int]:
    """After how many revisions to read, where `touched` tells what each of them changes; after
    each, where it is None."""
    if touched is None:
        return frozenset(range(1, len(order) + 1))
    found = {len(order)} - {0}
    since: set[str] = set()
    for number, id_ in enumerate(order):
        changes = touched(id_)
        if not since.isdisjoint(changes):
            found.add(number)
            since.clear()
        since |= changes
    return frozenset(found)


def record(
    project: Project,
    scratch: Scratch,
    order: Sequence[str],
    points: Collection[int],
    observer: Observer,
    *,
    reads: Reads | None = None,
) -> Timeline:
    """Replay the history and read the catalog at `points`; `reads` as for a replay. Raises what
    replaying raises."""
    observer.event(f"reading the catalog {len(points)} times on the way")
    reader = _Reader(project, order, points)
    goals = project.graph.revisions.keys()
    with (
        ExitStack() as stack,
        scratch_upgraded(
            project,
            scratch.server,
            goals,
            observer,
            reads=reads,
            after=lambda url, step: reader.after(url, step, stack),
        ),
    ):
        # The reader lets go of the database before it is dropped.
        stack.close()
    return reader.timeline()


class _Reader:
    def __init__(self, project: Project, order: Sequence[str], points: Collection[int]) -> None:
        self._order = tuple(order)
        self._number = {id_: number for number, id_ in enumerate(order, 1)}
        self._points = points
        self._ignored = own_tables(project.configuration.version_table)
        self._schemas = {"public", project.configuration.version_table_schema}
        self._moments: list[Moment] = []
        self._connection: Connection | None = None

    def after(self, url: DatabaseURL, step: Step, stack: ExitStack) -> None:
        """A step is committed."""
        number = self._number[step.revision.id]
        if number not in self._points:
            return
        if self._connection is None:
            opened = stack.enter_context(connect(url, application_name="modalembic"))
            self._connection = Connection(opened)
        catalog = read_catalog(self._connection, ignore_tables=self._ignored)
        if self._moments:
            catalog = _shared(self._moments[-1].catalog, catalog)
        self._moments.append(Moment(number, catalog))

    def timeline(self) -> Timeline:
        """What was read."""
        if not self._moments:
            return Timeline(self._order, (Moment(0, Catalog(0)),))
        first = self._moments[0].catalog
        schemas = tuple(schema for schema in first.schemas if schema.name in self._schemas)
        empty = Catalog(first.server_version, schemas)
        return Timeline(self._order, (Moment(0, empty), *self._moments))


def _shared(before: Catalog, after: Catalog) -> Catalog:
    """`after`, with the objects of `before` where they are the same: hundreds of catalogs of a
    thousand tables each would not fit into memory otherwise."""
    shared: dict[str, Any] = {}
    for field in fields(after):
        value = getattr(after, field.name)
        if isinstance(value, tuple):
            old = {name_of(each): each for each in getattr(before, field.name)}
            shared[field.name] = tuple(_same(old.get(name_of(each)), each) for each in value)
    return replace(after, **shared)


def _same(old: Any, new: Any) -> Any:
    return old if old == new else new


def name_of(each: Any) -> tuple[str, ...]:
    """What no two objects of a kind share."""
    return (
        getattr(each, "schema", ""),
        each.name,
        getattr(each, "signature", ""),
        each.kind if isinstance(each, Other) else "",
    )
