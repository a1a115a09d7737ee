"""The models' side of a comparison, and the comparison of both sides: made once, then kept.

What is kept of the models is known by the statements that create them and by what they are lent; a
comparison by both sides. Where models can do what no statement shows, nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from modalembic.history.computed import search_path
from modalembic.postgres.catalog import Catalog, Difference, compare, load, to_document
from modalembic.postgres.catalog.document import VERSION
from modalembic.project import Project
from modalembic.runtime.cache.keys import base_key
from modalembic.runtime.cache.store import digest_of
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.drift.compared import Compared
from modalembic.runtime.drift.entities import registered_entities
from modalembic.runtime.drift.expressible import expressible, without_inexpressible
from modalembic.runtime.drift.filters import Filters, environment_filters
from modalembic.runtime.drift.loading import load_for_comparison, nothing_to_compare
from modalembic.runtime.drift.migrations import Migrated, migrated
from modalembic.runtime.drift.models import lent_at_first, models_catalog
from modalembic.runtime.drift.played import Played, play
from modalembic.runtime.drift.selected import selected
from modalembic.runtime.models.application import application_context
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.kept_normaliser import KeptNormaliser
from modalembic.runtime.scratch.server import Scratch

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from modalembic.runtime.models.loaded import LoadedModels


class ModelsSide:
    """What `metadata` makes in a database that was lent what it needs of what the migrations
    `made`."""

    def __init__(
        self,
        project: Project,
        scratch: Scratch,
        made: Migrated,
        metadata: MetaData,
        compared: Compared,
        observer: Observer | None = None,
    ) -> None:
        self._project = project
        self._scratch = scratch
        self._made = made
        self._metadata = metadata
        self._observer = observer or Observer()
        self.compared = compared

    def on(self, scratch: Scratch) -> ModelsSide:
        """The same with another server to work on, if there is still work to do."""
        if "catalog" in vars(self):
            return self
        return ModelsSide(
            self._project, scratch, self._made, self._metadata, self.compared, self._observer
        )

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog: kept by an earlier run, or made. Raises what `models_catalog` raises."""
        key = self._key_with_lent()
        entry = None if key is None else self._scratch.store.find("models", key)
        if entry is not None:
            return load({"version": VERSION, **entry.body})
        found = self._created()
        if key is not None:
            self._scratch.store.put("models", key, {}, to_document(found))
        return found

    @cached_property
    def key(self) -> str | None:
        """What is known of it without the migrations' catalog; None where it cannot be known."""
        if not self._scratch.store.keeps or self._played.digest is None:
            return None
        compared = self.compared
        if compared.filters.any and compared.entities.observed:
            return None  # functions of the project decide which of them count
        return digest_of(
            [
                base_key(self._scratch.identity),
                self._played.digest,
                sorted(compared.kinds),
                compared.entities.statements,
                self._ignored,
            ]
        )

    def _key_with_lent(self) -> str | None:
        if self.key is None:
            return None
        lent = lent_at_first(self._made.catalog, self._played, self.compared)
        return digest_of([self.key, *map(to_document, lent)])

    @cached_property
    def _played(self) -> Played:
        with self._in_application():
            return play(self._metadata)

    @property
    def _ignored(self) -> tuple[str, str, str]:
        return own_tables(self._project.configuration.version_table)

    def _created(self) -> Catalog:
        self._observer.event("creating the models on a scratch database")
        server, made = self._scratch.server, self._made.catalog
        with self._in_application():
            return models_catalog(
                server,
                self._metadata,
                made,
                ignore_tables=self._ignored,
                compared=self.compared,
                played=self._played,
            )

    @contextmanager
    def _in_application(self) -> Iterator[None]:
        with application_context(self._project), search_path(self._project.search):
            yield


@dataclass(frozen=True)
class Comparison:
    """How the migrations differ from the models, and how much was left aside, by kind."""

    differences: tuple[Difference, ...]
    aside: Mapping[str, int]


@dataclass(frozen=True)
class Sides:
    """The models of a project and what its migrations `made`, to be compared."""

    project: Project
    scratch: Scratch
    made: Migrated
    loaded: LoadedModels
    metadata: MetaData
    models: ModelsSide

    def on(self, scratch: Scratch) -> Sides:
        """The same with another server to work on."""
        return replace(self, scratch=scratch, models=self.models.on(scratch))

    @property
    def catalogs(self) -> tuple[Catalog, Catalog]:
        """The models' catalog, and the migrations' as far as it is compared with that."""
        catalog = self.models.catalog
        return catalog, expressible(self.made.catalog, catalog, self.models.compared)[0]

    def compared(self) -> Comparison:
        """How they differ, or how an earlier run has found them to. Raises what making the models'
        catalog and rebuilding one raise."""
        models, store = self.models, self.scratch.store
        key = None if models.key is None else digest_of([models.key, self.made.digest])
        today = datetime.now(UTC).date().isoformat()
        entry = None if key is None else store.find(KIND, key, _not_of_another(today))
        if entry is not None:
            return _comparison(entry.body)
        actual, aside = expressible(self.made.catalog, models.catalog, models.compared)
        normaliser = KeptNormaliser(self.scratch)
        found = compare(models.catalog, actual, normaliser=normaliser)
        comparison = Comparison(tuple(without_inexpressible(found)), aside)
        if key is not None:
            # Two defaults may have one value today alone: CURRENT_DATE is one.
            about = {"day": today if normaliser.has_valued else None}
            store.put(KIND, key, about, _document(comparison))
        return comparison

    def selected(
        self, found: tuple[Difference, ...]
    ) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
        """Those of the differences that `env.py` does not leave out, and the tables that it does.
        Raises NothingToCompare where that is all of them."""
        filters = self.models.compared.filters
        if not filters.any:
            return found, ()
        catalogs = (self.made.catalog, *self.catalogs)
        return selected(self.project, self.scratch, catalogs, self.metadata, filters, found)


def open_sides(project: Project, scratch: Scratch, observer: Observer) -> Sides:
    """Both sides of `project`: the models are imported, and the migrations replayed if no earlier
    run has done so. Raises NothingToCompare, and what these two raise."""
    loaded, metadata = load_for_comparison(project)
    made = migrated(project, scratch, project.graph.revisions.keys(), observer)
    if not loaded.tables and made.catalog.tables:
        raise nothing_to_compare(project, "no table is defined in the models of any module")
    compared = compared_with(project, scratch, made)
    models = ModelsSide(project, scratch, made, metadata, compared, observer)
    return Sides(project, scratch, made, loaded, metadata, models)


def compared_with(project: Project, scratch: Scratch, made: Migrated) -> Compared:
    """What is compared beside tables. `env.py` is entered for it if it has a word in that. Raises
    what entering it raises."""
    filters = Filters()
    if made.environment_speaks:
        with scratch.server.database() as url:
            filters = environment_filters(project, url)
    return Compared(project.configuration.drift_compares, registered_entities(), filters)


def _not_of_another(day: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda about: about.get("day") in (None, day)


KIND = "comparison"
_FIELDS = tuple(field.name for field in fields(Difference))


def _document(comparison: Comparison) -> dict[str, Any]:
    return {
        "differences": [[getattr(d, name) for name in _FIELDS] for d in comparison.differences],
        "aside": dict(comparison.aside),
    }


def _comparison(document: Mapping[str, Any]) -> Comparison:
    found = (dict(zip(_FIELDS, each, strict=True)) for each in document["differences"])
    return Comparison(tuple(Difference(**each) for each in found), document["aside"])
