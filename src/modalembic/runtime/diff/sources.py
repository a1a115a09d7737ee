"""What `diff` can compare, from how it is written to a catalog."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from modalembic.errors import DumpError, UsageError
from modalembic.postgres.catalog import Catalog, loads
from modalembic.postgres.catalog.subset import of_schemas
from modalembic.project import Project
from modalembic.runtime.catalog import live_catalog
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch

if TYPE_CHECKING:
    from modalembic.runtime.drift.sides import Sides

LIVE = "live"
MODELS = "models"
MIGRATIONS = "migrations"
GIT = "git:"

Kind = Literal["live", "url", "models", "migrations", "git", "git models", "file"]


@dataclass(frozen=True)
class Source:
    """One side of a comparison: its kind, and the URL, git reference or file that it names."""

    kind: Kind
    name: str

    @property
    def of_models(self) -> bool:
        """Whether models make it."""
        return self.kind in {"models", "git models"}

    @property
    def of_tree(self) -> bool:
        """Whether source code makes it, for which a server is needed."""
        return self.of_models or self.kind in {"migrations", "git"}


def source_of(text: str) -> Source:
    """What `text` means: `live`, `models`, `migrations`, `git:REF`, `git:REF:models`, a URL, else a
    file. Raises UsageError for a `git:` without a reference."""
    if text == LIVE:
        return Source("live", text)
    if text == MODELS:
        return Source("models", text)
    if text == MIGRATIONS:
        return Source("migrations", text)
    if text.startswith(GIT):
        return _git_source(text)
    return Source("url" if "://" in text else "file", text)


def _git_source(text: str) -> Source:
    reference, kind = text.removeprefix(GIT), "git"
    # A reference may have colons of its own (HEAD^{/fix: it}); what is said of it comes last.
    for side, found in ((MODELS, "git models"), (MIGRATIONS, "git")):
        if reference.endswith(f":{side}"):
            reference, kind = reference.removesuffix(f":{side}"), found
            break
    if not reference:
        raise UsageError(
            f"{text!r} names no reference of git",
            hint="write git:REF for its migrations, as in git:origin/main, or git:REF:models",
        )
    return Source("git models" if kind == "git models" else "git", reference)


class Reading:
    """Reads sources for one comparison. `sides` are the working tree's, made when they are asked
    for."""

    def __init__(
        self,
        project: Project,
        scratch: Scratch,
        *,
        database: str | None,
        schemas: Collection[str] | None,
        observer: Observer,
    ) -> None:
        self._project = project
        self._scratch = scratch
        self._database = database
        self._schemas = schemas
        self._observer = observer

    @cached_property
    def sides(self) -> Sides:
        """Models and migrations of the working tree. Raises what `open_sides` raises."""
        from modalembic.runtime.drift.sides import open_sides

        self._project.require_sound()
        return open_sides(self._project, self._scratch, self._observer)

    def read(self, source: Source, text: str) -> tuple[str, Catalog]:
        """The name, without a password, and the catalog of what was written as `text`.

        Raises UsageError, DumpError, SchemaMissing, BaseUnavailable, and what importing models,
        running migrations and connecting raise.
        """
        if source.kind in {"live", "url"}:
            named = self._database if source.kind == "live" else source.name
            found = live_catalog(
                self._project, named, schemas=self._schemas, observer=self._observer
            )
            return found.database or LIVE, found.catalog
        catalog = self._from_tree(source) if source.of_tree else _from_file(source.name)
        return text, catalog if self._schemas is None else of_schemas(catalog, self._schemas)

    def _from_tree(self, source: Source) -> Catalog:
        if source.kind == "models":
            return self.sides.models.catalog
        if source.kind == "migrations":
            return self._migrations()
        from modalembic.runtime.earlier import earlier_catalog

        side: Literal["models", "migrations"] = "models" if source.of_models else "migrations"
        return earlier_catalog(self._project, source.name, side, self._scratch, self._observer)

    def _migrations(self) -> Catalog:
        from modalembic.runtime.drift.migrations import migrated

        project = self._project
        project.require_sound()
        goals = project.graph.revisions.keys()
        return migrated(project, self._scratch, goals, self._observer).catalog


def _from_file(source: str) -> Catalog:
    path = Path(source)
    try:
        return loads(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"{source!r} is neither live, models, migrations nor git:REF, nor the URL of a "
            "database, nor a file",
            hint="a file is written by: modalembic schema dump --output FILE",
        ) from None
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from error
    except DumpError as error:
        raise DumpError(error.message, hint=error.hint, path=path) from error
