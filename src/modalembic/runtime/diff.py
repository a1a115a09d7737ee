"""Comparing the schemas of two databases, or of dumps of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modalembic.errors import DumpError, UsageError
from modalembic.postgres.catalog import (
    Catalog,
    Difference,
    ScratchNormaliser,
    compare,
    loads,
    scratch_database,
)
from modalembic.postgres.catalog.subset import of_schemas
from modalembic.postgres.place import EMBEDDED
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.catalog import live_catalog
from modalembic.runtime.database import open_database
from modalembic.runtime.failure import database_errors_explained
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    import psycopg

LIVE = "live"


@dataclass(frozen=True)
class Comparison:
    """Two schemas, named without passwords, and how they differ."""

    expected: str
    actual: str
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether no difference is an error."""
        return all(each.severity != "error" for each in self.differences)


def diff(
    project: Project,
    expected: str,
    actual: str,
    *,
    database: str | None = None,
    schemas: Collection[str] | None = None,
    literally: bool = False,
    observer: Observer | None = None,
) -> Comparison:
    """Compare two schemas: each `live` (the database that is named, else `env.py`'s), the URL of a
    database, or a file that `schema dump` wrote.

    What differs in spelling alone is told from what differs by creating both schemas on the
    project's embedded server; with `literally` it counts as a difference, and nothing is created.
    Raises UsageError, DumpError, SchemaMissing, RebuildFailed, and what connecting raises.
    """
    watching = observer or Observer()

    def read(source: str) -> tuple[str, Catalog]:
        return _read(project, source, database, schemas, watching)

    (name, ours), (other_name, theirs) = read(expected), read(actual)
    if literally:
        return Comparison(name, other_name, compare(ours, theirs))
    with database_errors_explained(), _scratch(project, watching) as scratch:
        normaliser = ScratchNormaliser(scratch, EMBEDDED)
        return Comparison(name, other_name, compare(ours, theirs, normaliser=normaliser))


def _read(
    project: Project,
    source: str,
    database: str | None,
    schemas: Collection[str] | None,
    observer: Observer,
) -> tuple[str, Catalog]:
    """The name and the catalog of one side."""
    if source == LIVE or "://" in source:
        named = database if source == LIVE else source
        found = live_catalog(project, named, schemas=schemas, observer=observer)
        return found.database or LIVE, found.catalog
    path = Path(source)
    try:
        catalog = loads(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"{source!r} is neither live, nor the URL of a database, nor a file",
            hint="a file is written by: modalembic schema dump --output FILE",
        ) from None
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from error
    except DumpError as error:
        raise DumpError(error.message, hint=error.hint, path=path) from error
    return source, catalog if schemas is None else of_schemas(catalog, schemas)


@contextmanager
def _scratch(project: Project, observer: Observer) -> Iterator[Callable[[], Any]]:
    """What makes scratch databases on the embedded server, which is started for the first one."""
    with ExitStack() as stack:

        @cache
        def server() -> DatabaseURL:
            url = stack.enter_context(open_database(project, EMBEDDED, observer.event))
            assert url is not None
            return url

        @contextmanager
        def scratch() -> Iterator[psycopg.Connection[Any]]:
            with scratch_database(server()) as connection:
                yield connection

        yield scratch
