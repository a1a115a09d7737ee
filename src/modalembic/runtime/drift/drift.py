"""Models against migrations, and migrations against a live database: catalogs and differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from modalembic.errors import NothingToCompare
from modalembic.postgres.catalog import Catalog, Difference, compare
from modalembic.project import Project
from modalembic.runtime.drift.live import of_interest, read_live
from modalembic.runtime.drift.migrations import migrated
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser
from modalembic.runtime.scratch.server import Scratch, shared_scratch

if TYPE_CHECKING:
    from modalembic.runtime.models.loaded import LoadedModels


@dataclass(frozen=True)
class Drift:
    """Two catalogs and how they differ: the models' and the migrations' (`models` is given), or the
    migrations' and a live database's.

    `left_out` are the tables that `env.py` leaves out, by qualified name; `aside` says how much of
    what only migrations can make was left aside, by kind; `orphans` are the version rows of a live
    database that nobody here knows, with the module that each belonged to, if that is known;
    `whole` gives the catalog of what is to be mended, with what was not compared.
    """

    differences: tuple[Difference, ...]
    catalogs: Callable[[], tuple[Catalog, Catalog]]
    models: LoadedModels | None = None
    left_out: tuple[str, ...] = ()
    aside: Mapping[str, int] = field(default_factory=dict)
    orphans: Mapping[str, str | None] = field(default_factory=dict)
    whole: Callable[[], Catalog] | None = None

    @property
    def expected(self) -> Catalog:
        """The models' catalog, or the migrations'."""
        return self._both[0]

    @property
    def actual(self) -> Catalog:
        """The catalog of the migrations as far as it is compared, or of the live database."""
        return self._both[1]

    @cached_property
    def _both(self) -> tuple[Catalog, Catalog]:
        # Where nothing differs, nobody asks for them, and reading them takes longer than the rest.
        return self.catalogs()


def models_drift(
    project: Project,
    *,
    observer: Observer | None = None,
    scratch: Scratch | None = None,
    cache: bool = True,
) -> Drift:
    """How the migrations differ from the models, both made on scratch databases: on those of
    `scratch`, where a run has more to do there. What earlier runs have kept is used but without
    `cache`.

    Raises NothingToCompare, ModelsNotCreated, what importing models raises, MigrationFailed and the
    other errors of an upgrade, and those of a server.
    """
    project.require_sound()
    watching = observer or Observer()
    with (
        database_errors_explained(),
        shared_scratch(scratch, project, watching, cache=cache) as shared,
    ):
        from modalembic.runtime.drift.creating import placed
        from modalembic.runtime.drift.sides import open_sides

        sides = open_sides(project, shared, watching)
        with placed(sides.loaded):
            comparison = sides.compared()
        found, left_out = sides.selected(comparison.differences)

    def catalogs_later() -> tuple[Catalog, Catalog]:
        with database_errors_explained(), Scratch(project, watching, cache=cache) as later:
            return sides.on(later).catalogs

    return Drift(
        found,
        catalogs_later,
        sides.loaded,
        left_out,
        comparison.aside,
        whole=lambda: sides.made.catalog,
    )


def live_drift(
    project: Project,
    database: str | None = None,
    *,
    observer: Observer | None = None,
    scratch: Scratch | None = None,
    cache: bool = True,
) -> Drift:
    """How a live database (the one that is named, else `env.py`'s) differs from the migrations at
    the revisions that it is at. It is read in read-only transactions.

    Raises NothingToCompare where it is at no revision, and what connecting and upgrading raise.
    """
    project.require_sound()
    watching = observer or Observer()
    live = read_live(project, database, watching)
    state = live.situation.state
    if not state.applied:
        raise NothingToCompare(
            f"{live.database or 'the database'} is at no revision of this project",
            hint="is it the right database? `modalembic current` shows what it is at",
        )
    with (
        database_errors_explained(),
        shared_scratch(scratch, project, watching, cache=cache) as shared,
    ):
        expected = migrated(project, shared, state.applied, watching).catalog
        made = {schema.name for schema in expected.schemas}
        actual = of_interest(live.catalog, made | set(project.configuration.schemas))
        found = compare(expected, actual, normaliser=KeptNormaliser(shared), live=True)
    orphans = live.situation.orphans
    return Drift(found, lambda: (expected, actual), orphans=orphans, whole=lambda: live.catalog)
