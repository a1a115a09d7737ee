"""What is left of differences between models and migrations once `env.py` has said what counts."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from modalembic.errors import NothingToCompare, RebuildFailed
from modalembic.postgres.catalog import Catalog, Difference
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.scratch import apply, neutral
from modalembic.postgres.connection import connect
from modalembic.project import Project
from modalembic.runtime.drift.filters import Filters, Selection
from modalembic.runtime.drift.migrations import replayed
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch

if TYPE_CHECKING:
    from sqlalchemy import Engine, MetaData


def selected(
    project: Project,
    scratch: Scratch,
    catalogs: tuple[Catalog, Catalog, Catalog],
    metadata: MetaData,
    filters: Filters,
    found: tuple[Difference, ...],
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The differences that `env.py` does not leave out, and the tables that it does. `catalogs` are
    the migrations', the models', and what is compared of the migrations'.

    Raises NothingToCompare where it leaves out everything.
    """
    catalog, models, actual = catalogs
    if not filters.any:
        return found, ()
    with ExitStack() as stack:
        reflectable = partial(_reflectable, project, scratch, catalog, stack)
        selection = Selection(filters, metadata, reflectable)
        tables = {(t.schema, t.name) for t in (*models.tables, *actual.tables)}
        migrated_tables = frozenset(qualified(t.schema, t.name) for t in actual.tables)
        out = selection.left_out(sorted(tables), migrated_tables)
        kept = tuple(d for d in found if d.table not in out and selection.keeps(d))
    if len(out) == len(tables):
        raise NothingToCompare(
            f"env.py leaves all {len(tables)} tables out (include_name, include_object)",
            hint="correct the filters that it gives to context.configure",
        )
    return kept, tuple(sorted(out))


def _reflectable(project: Project, scratch: Scratch, catalog: Catalog, stack: ExitStack) -> Engine:
    """An engine for a database with the migrated tables, for as long as `stack` lasts: one in which
    the catalog is created, or one that is migrated where it cannot be."""
    from sqlalchemy import NullPool, create_engine

    url = stack.enter_context(scratch.server.database())
    try:
        with connect(url, application_name="modalembic") as connection:
            apply(neutral(catalog), connection, scratch.server.place)
    except RebuildFailed:
        goals = project.graph.revisions.keys()
        url, _ = stack.enter_context(replayed(project, scratch.server, goals, Observer()))
    engine = create_engine(url.sqlalchemy, poolclass=NullPool)
    stack.callback(engine.dispose)
    return engine
