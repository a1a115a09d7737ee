"""Comparing two schemas: of models, of migrations, of databases, or of dumps of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from modalembic.postgres.catalog import Catalog, Difference, Fixes, compare, fixes
from modalembic.project import Project
from modalembic.runtime.diff.sources import Reading, Source, source_of
from modalembic.runtime.drift.compared import Compared
from modalembic.runtime.drift.expressible import expressible, without_inexpressible
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer
from modalembic.runtime.places.belonging import Place, Places, Sides
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser
from modalembic.runtime.scratch.server import Scratch


@dataclass(frozen=True)
class Comparison:
    """Two schemas, named without passwords, how they differ, and their catalogs as far as they were
    compared. `aside` says how much was not, by kind, since models cannot express it; `left_out` are
    the tables that `env.py` leaves out; `places` are where the differences stand in the project, as
    far as it knows them; `whole` is the catalog of the actual side with what was not compared."""

    expected: str
    actual: str
    differences: tuple[Difference, ...]
    catalogs: tuple[Catalog, Catalog]
    aside: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    whole: Catalog | None = None

    @property
    def ok(self) -> bool:
        """Whether no difference is an error."""
        return all(each.severity != "error" for each in self.differences)

    @cached_property
    def fixes(self) -> Fixes:
        """What makes the actual schema as the expected one is."""
        return fixes(*self.catalogs, self.differences, whole=self.whole)


def diff(
    project: Project,
    expected: str,
    actual: str,
    *,
    database: str | None = None,
    schemas: Collection[str] | None = None,
    literally: bool = False,
    cache: bool = True,
    observer: Observer | None = None,
) -> Comparison:
    """Compare two schemas, each one of these: `models`, `migrations` (at their heads), `live` (the
    database that is named, else `env.py`'s), the URL of a database, `git:REF` (the migrations of
    that tree), `git:REF:models`, or a file that `schema dump` wrote.

    Where one of them is of models, what they cannot express is left aside on the other side. What
    differs in spelling alone is told from what differs by creating both schemas on a scratch
    server; with `literally` it counts as a difference. What earlier runs have made is used but
    without `cache`. Raises UsageError, DumpError, SchemaMissing, RebuildFailed, BaseUnavailable,
    and what importing models, running migrations and connecting raise.
    """
    watching = observer or Observer()
    sources = (source_of(expected), source_of(actual))
    with (
        database_errors_explained(),
        Scratch(project, watching, cache=cache) as scratch,
    ):
        reading = Reading(project, scratch, database=database, schemas=schemas, observer=watching)
        (name, ours), (other_name, theirs) = (
            reading.read(source, text)
            for source, text in zip(sources, (expected, actual), strict=True)
        )
        catalogs, aside = _comparable(project, reading, sources, (ours, theirs))
        found = compare(*catalogs, normaliser=None if literally else KeptNormaliser(scratch))
        found, left_out = _of_models(project, reading, sources, (ours, theirs), catalogs, found)
    if aside:
        watching.event(f"not compared, since only migrations make them: {_counted(aside)}")
    if left_out:
        watching.event(f"not compared, since env.py leaves them out: {', '.join(left_out)}")
    places = _places(project, reading, sources, catalogs, found)
    return Comparison(name, other_name, found, catalogs, aside, left_out, places, theirs)


def _places(
    project: Project,
    reading: Reading,
    sources: tuple[Source, Source],
    catalogs: tuple[Catalog, Catalog],
    found: tuple[Difference, ...],
) -> tuple[Place, ...]:
    """Where each difference stands: in the working tree's models if they are compared, else in its
    revisions."""
    models = any(source.kind == "models" for source in sources)
    places = Places(project, Sides(*catalogs, reading.sides.loaded if models else None))
    return tuple(map(places.of, found))


def _comparable(
    project: Project,
    reading: Reading,
    sources: tuple[Source, Source],
    catalogs: tuple[Catalog, Catalog],
) -> tuple[tuple[Catalog, Catalog], Mapping[str, int]]:
    """The catalogs, without what models cannot express where the other one is theirs, and how much
    that is. What both models were lent is on neither side."""
    aside: Counter[str] = Counter()
    left, right = catalogs
    compared = _compared(project, reading, sources)
    if sources[0].of_models:
        right, without = expressible(right, left, compared)
        aside.update(without)
    if sources[1].of_models:
        left, without = expressible(left, right, compared)
        aside.update(without)
    both = sources[0].of_models and sources[1].of_models
    return (left, right), {} if both else dict(sorted(aside.items()))


def _compared(project: Project, reading: Reading, sources: tuple[Source, Source]) -> Compared:
    if any(source.kind == "models" for source in sources):
        return reading.sides.models.compared
    return Compared(project.configuration.drift_compares)


def _of_models(
    project: Project,
    reading: Reading,
    sources: tuple[Source, Source],
    whole: tuple[Catalog, Catalog],
    catalogs: tuple[Catalog, Catalog],
    found: tuple[Difference, ...],
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The differences that count where one side alone is of models, and the tables that `env.py`
    leaves out of a comparison with the working tree's. `catalogs` are what was compared of the
    `whole` ones."""
    if sources[0].of_models == sources[1].of_models:
        return found, ()
    position = 0 if sources[0].of_models else 1
    side: Literal["expected", "actual"] = "expected" if position == 0 else "actual"
    found = tuple(without_inexpressible(found, side))
    if sources[position].kind != "models" or not reading.sides.models.compared.filters.any:
        return found, ()
    from modalembic.runtime.drift.selected import selected

    other = 1 - position
    shown = (whole[other], catalogs[position], catalogs[other])
    sides = reading.sides
    return selected(
        project, sides.scratch, shown, sides.metadata, sides.models.compared.filters, found
    )


def _counted(aside: Mapping[str, int]) -> str:
    return ", ".join(f"{kind}: {number}" for kind, number in aside.items())
