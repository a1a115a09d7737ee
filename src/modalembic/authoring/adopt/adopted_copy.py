"""The project as it will be, adopted in a directory of its own and tried there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from modalembic.authoring.adopt.branches import FirstRevision, changes_of, first_revisions
from modalembic.authoring.adopt.configuration import Wanted, configuration_change
from modalembic.authoring.adopt.existing import Existing
from modalembic.authoring.adopt.proof import at_old_heads, prove
from modalembic.authoring.adopt.scratch import scratch_server, without_alembic_log
from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import as_bytes, read_exactly
from modalembic.authoring.hooks import run_hooks
from modalembic.authoring.laid_out import load_copy
from modalembic.authoring.locations import with_version_locations
from modalembic.checks.structure.locations import version_locations
from modalembic.errors import MissingLocation, ModalembicError, ProjectProblems
from modalembic.postgres.scratch import ScratchServer
from modalembic.project import Project
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch_driver import scratch_driver, with_driver
from modalembic.runtime.tables.version import DEFAULT_NAME

_ASYNCHRONOUS = frozenset({"asyncpg", "aiopg", "psycopg_async"})


class AdoptedCopy:
    """The project as it will be, in a directory of its own."""

    def __init__(
        self, existing: Existing, directory: Path, early: ChangeSet, cache: Path | None
    ) -> None:
        self._existing = existing
        self._cache = cache
        self._edited = existing.env in {change.path for change in early.changes}
        self._directory = directory
        self._files = {change.path for change in early.changes}

    def adopt(self, wanted: Wanted, observer: Observer) -> tuple[FirstRevision, ...]:
        """Write all that is new, and prove it; the first revisions that were made."""
        project = self._load()
        with (
            scratch_server(project, self._cache, observer) as server,
            without_alembic_log(),
        ):
            project = self._with_version_table(project, server, wanted)
            locations = self._locations(wanted)
            with at_old_heads(project, server, locations, observer) as before:
                revisions = self._made(project, wanted)
                adopted = self._load(sound=True)
                prove(adopted, server, before, [r.revision for r in revisions], observer)
        return tuple(replace(r, location=self._original(r.location)) for r in revisions)

    def changes(self) -> ChangeSet:
        """What differs from the project, as the copy has it now."""
        after = (Change.of(path, read_exactly(self._copied(path))) for path in sorted(self._files))
        return ChangeSet.of(self._existing.root, after)

    def _load(self, *, sound: bool = False) -> Project:
        project = load_copy(self._directory)
        if self._edited and scratch_driver(project) in _ASYNCHRONOUS:
            # What env.py has been given to use is a connection, and there is none of that driver.
            database = replace(
                project.configuration,
                environment_database=None,
                environment_migration_database=None,
            )
            project = replace(project, configuration=database)
        problems = tuple(
            problem for problem in project.problems if sound or not _comes_later(problem)
        )
        if problems:
            raise problems[0] if len(problems) == 1 else ProjectProblems(problems)
        return project

    def _with_version_table(
        self, project: Project, server: ScratchServer, wanted: Wanted
    ) -> Project:
        """The project with the version table in its configuration that `env.py` configures, where
        that is not Alembic's usual one. It alone knows, so it is asked."""
        from modalembic.runtime.environment.stock import configured_by_environment

        with server.database() as url:
            found = configured_by_environment(project, with_driver(project, url))
        table = None if found.version_table == DEFAULT_NAME else found.version_table
        if table is None and found.version_table_schema is None:
            return project
        wanted = replace(
            wanted, version_table=table, version_table_schema=found.version_table_schema
        )
        change = configuration_change(self._existing.root, wanted)
        assert change.after is not None
        self._write(change.path, change.after)
        return self._load()

    def _made(self, project: Project, wanted: Wanted) -> tuple[FirstRevision, ...]:
        """The first revisions, written, and what stock Alembic has to know of them."""
        revisions = first_revisions(project, [central.name for central in wanted.centrals])
        new = [change for change in changes_of(project, revisions) if change.after is not None]
        for change in new:
            self._write(self._original(change.path), change.after or "")
        run_hooks(project, [change.path for change in new])
        adopted = self._load(sound=True)
        listed_in = adopted.alembic.listed_in
        if listed_in is not None and any(version_locations(adopted)):
            text = with_version_locations(adopted, read_exactly(listed_in), adopted.modules)
            self._write(self._original(listed_in), text)
        return revisions

    def _write(self, path: Path, text: str) -> None:
        """The copy of the project's file `path`."""
        self._files.add(path)
        target = self._copied(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(as_bytes(text))

    def _locations(self, wanted: Wanted) -> list[Path]:
        """What stock Alembic reads, in the copy."""
        centrals = {central.name for central in wanted.centrals}
        listed = {os.path.realpath(self._existing.root / entry) for entry in self._existing.listed}
        return [
            module.location
            for module in self._load().modules
            if module.location is not None
            and (
                module.name in centrals
                or os.path.realpath(self._original(module.location)) in listed
            )
        ]

    def _copied(self, path: Path) -> Path:
        return self._directory / path.relative_to(self._existing.root)

    def _original(self, path: Path) -> Path:
        below = path.is_relative_to(self._directory)
        return self._existing.root / path.relative_to(self._directory) if below else path


def _comes_later(problem: ModalembicError) -> bool:
    """Whether what is wrong is only that a module's version location is not there yet."""
    return isinstance(problem, MissingLocation)


@contextmanager
def said_of_the_project(root: Path, copy: Path) -> Iterator[None]:
    """Errors of the block name the project's files, not those of its copy."""
    try:
        yield
    except ModalembicError as error:
        for each in (error, *getattr(error, "problems", ())):
            each.message = each.message.replace(str(copy), str(root))
            if each.hint is not None:
                each.hint = each.hint.replace(str(copy), str(root))
            if each.path is not None and each.path.is_relative_to(copy):
                each.path = root / each.path.relative_to(copy)
        raise
