"""What a project says, read in the process at hand: the working tree's in this one, an earlier
tree's in the process that was started for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from modalembic.history.computed import search_path
from modalembic.project import Project
from modalembic.runtime.earlier import Side
from modalembic.runtime.earlier.environment import environment_targets
from modalembic.runtime.earlier.state import TreeState
from modalembic.runtime.models.application import application_context
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from modalembic.postgres.catalog import Catalog
    from modalembic.runtime.drift.migrations import Migrated
    from modalembic.runtime.models.loaded import LoadedModels
    from modalembic.runtime.scratch.server import Scratch


def history_state(project: Project, *, plain: bool = False) -> TreeState:
    """What the configuration and the revisions of `project` say."""
    return TreeState(
        plain=plain,
        modules=project.module_order,
        central=tuple(module.name for module in project.modules if module.central),
        heads=MappingProxyType(dict(sorted(project.graph.heads.items()))),
        revisions=MappingProxyType(
            {id_: each.module for id_, each in sorted(project.graph.revisions.items())}
        ),
        settled=project.configuration.owners,
    )


@dataclass(frozen=True)
class Reader:
    """Reads what `project` says, with `scratch` to work on where there is a server. A `plain` one
    is an Alembic project without modules; its models, and with `environment` those of any project
    that no module has, are what `env.py` says."""

    project: Project
    plain: bool
    scratch: Scratch | None
    observer: Observer
    environment: bool = False

    def read(self, *, tables: bool, catalogs: Iterable[Side]) -> TreeState:
        """The state, with its `tables`, if they are asked for, and these `catalogs`.

        Raises what importing models and running migrations raise.
        """
        wanted = tuple(catalogs)
        state = history_state(self.project, plain=self.plain)
        loaded = None
        if tables or "models" in wanted:
            with self.loaded() as loaded:
                if tables:
                    from modalembic.runtime.earlier.statements import stated_tables

                    state = replace(state, tables=stated_tables(loaded), problems=loaded.problems)
        return replace(state, **self._made(loaded, wanted)) if wanted else state

    @contextmanager
    def loaded(self) -> Iterator[LoadedModels]:
        """The models, imported, in the application's context."""
        from modalembic.runtime.models.loaded import load_models

        targets = self._targets() if self.plain or self.environment else ()
        with application_context(self.project), search_path(self.project.search):
            yield load_models(self.project, targets)

    def _targets(self) -> tuple[MetaData, ...]:
        with ExitStack() as stack:
            server = None if self.scratch is None else self.scratch.server
            url = None if server is None else stack.enter_context(server.database())
            return environment_targets(self.project, url)

    def _made(self, loaded: LoadedModels | None, sides: Iterable[Side]) -> dict[str, Any]:
        """The catalogs of `sides`, and what the revisions touch. The models' database is lent what
        only migrations make, so that those run for it too."""
        from modalembic.runtime.drift.migrations import migrated
        from modalembic.runtime.failure import database_errors_explained

        assert self.scratch is not None
        with database_errors_explained():
            goals = self.project.graph.revisions.keys()
            made = migrated(self.project, self.scratch, goals, self.observer)
            makers: Mapping[Side, Callable[[], Catalog]] = {
                "migrations": lambda: made.catalog,
                "models": lambda: self._models_catalog(loaded, made),
            }
            catalogs = MappingProxyType({side: makers[side]() for side in sides})
            return {"catalogs": catalogs, "touches": made.touches}

    def _models_catalog(self, loaded: LoadedModels | None, made: Migrated) -> Catalog:
        from modalembic.runtime.drift.sides import ModelsSide, compared_with
        from modalembic.runtime.models.metadata import merged_metadata

        assert loaded is not None
        assert self.scratch is not None
        compared = compared_with(self.project, self.scratch, made)
        metadata = merged_metadata(loaded)
        side = ModelsSide(self.project, self.scratch, made, metadata, compared, self.observer)
        return side.catalog
