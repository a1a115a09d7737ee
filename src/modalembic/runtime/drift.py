"""Models against migrations, and migrations against a live database: catalogs and differences."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from modalembic.errors import NothingToCompare
from modalembic.history.computed import search_path
from modalembic.postgres.catalog import (
    Catalog,
    Difference,
    ScratchNormaliser,
    compare,
)
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.application import application_context
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.drift_expressible import expressible, without_inexpressible
from modalembic.runtime.drift_live import read_live
from modalembic.runtime.drift_migrations import migrated
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch import open_scratch_server

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from modalembic.runtime.models import LoadedModels


@dataclass(frozen=True)
class Drift:
    """Two catalogs and how they differ: the models' and the migrations' (`models` is given), or the
    migrations' and a live database's.

    `left_out` are the tables that `env.py` leaves out, by qualified name; `aside` says how much of
    what only migrations can make was left aside, by kind; `orphans` are the version rows of a live
    database that nobody here knows, with the module that each belonged to, if that is known.
    """

    expected: Catalog
    actual: Catalog
    differences: tuple[Difference, ...]
    models: LoadedModels | None = None
    left_out: tuple[str, ...] = ()
    aside: Mapping[str, int] = field(default_factory=dict)
    orphans: Mapping[str, str | None] = field(default_factory=dict)


def models_drift(project: Project, *, observer: Observer | None = None) -> Drift:
    """How the migrations differ from the models, both made on scratch databases.

    Raises NothingToCompare, ModelsNotCreated, what importing models raises, MigrationFailed and the
    other errors of an upgrade, and those of a server.
    """
    project.require_sound()
    watching = observer or Observer()
    loaded, metadata = _load(project)
    with (
        database_errors_explained(),
        open_scratch_server(project, watching) as server,
        migrated(project, server, project.graph.revisions.keys(), watching) as (url, catalog),
    ):
        from modalembic.runtime.drift_models import models_catalog

        compared = project.configuration.drift_compares
        with application_context(project), search_path(project.search):
            models = models_catalog(
                server, metadata, catalog, ignore_tables=_ours(project), compared=compared
            )
        actual, aside = expressible(catalog, models, compared)
        normaliser = ScratchNormaliser(server.connection, server.place)
        found = tuple(without_inexpressible(compare(models, actual, normaliser=normaliser)))
        found, left_out = _selected(project, url, metadata, models, actual, found)
    return Drift(models, actual, found, loaded, left_out, aside)


def live_drift(
    project: Project, database: str | None = None, *, observer: Observer | None = None
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
        open_scratch_server(project, watching) as server,
        migrated(project, server, state.applied, watching) as (_, expected),
    ):
        actual = _of_interest(live.catalog, expected, project.configuration.schemas)
        normaliser = ScratchNormaliser(server.connection, server.place)
        found = compare(expected, actual, normaliser=normaliser, live=True)
    return Drift(expected, actual, found, orphans=live.situation.orphans)


def _load(project: Project) -> tuple[LoadedModels, MetaData]:
    from modalembic.runtime.metadata import merged_metadata
    from modalembic.runtime.models import load_models

    with application_context(project):
        loaded = load_models(project)
        if not loaded.tables:
            raise NothingToCompare(
                "no table is defined in the models of any module"
                if loaded.metadatas
                else "no models were found",
                hint=f"models are looked for in {', '.join(project.configuration.models)}; "
                "correct `models` or `metadata` in the configuration",
                path=project.configuration.file,
                line=project.configuration.line_of("models"),
            )
        return loaded, merged_metadata(loaded)


def _ours(project: Project) -> tuple[str, str]:
    return own_tables(project.configuration.version_table)


def _of_interest(live: Catalog, expected: Catalog, more: Collection[str]) -> Catalog:
    """What is in the schemas that the migrations make and in those that are configured; of the
    others the name alone."""
    wanted = {schema.name for schema in expected.schemas} | set(more)
    kept: dict[str, Any] = {
        part.name: tuple(each for each in value if each.schema in wanted)
        for part in fields(live)
        if isinstance(value := getattr(live, part.name), tuple)
        and part.name not in {"schemas", "extensions"}
    }
    return replace(live, **kept)


def _selected(
    project: Project,
    url: DatabaseURL,
    metadata: MetaData,
    models: Catalog,
    actual: Catalog,
    found: tuple[Difference, ...],
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The differences that `env.py` does not leave out, and the tables that it does."""
    from sqlalchemy import NullPool, create_engine

    from modalembic.runtime.drift_filters import Selection, environment_filters

    filters = environment_filters(project, url)
    if not filters.any:
        return found, ()
    engine = create_engine(url.sqlalchemy, poolclass=NullPool)
    try:
        selection = Selection(filters, metadata, engine)
        tables = {(t.schema, t.name) for t in (*models.tables, *actual.tables)}
        migrated_tables = frozenset(qualified(t.schema, t.name) for t in actual.tables)
        out = selection.left_out(sorted(tables), migrated_tables)
    finally:
        engine.dispose()
    if len(out) == len(tables):
        raise NothingToCompare(
            f"env.py leaves all {len(tables)} tables out (include_name, include_object)",
            hint="correct the filters that it gives to context.configure",
        )
    kept = tuple(each for each in found if each.table not in out and selection.keeps(each))
    return kept, tuple(sorted(out))
