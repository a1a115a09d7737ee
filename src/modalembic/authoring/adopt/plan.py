"""`adopt`, from the request to changes that are proven and not written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.adopt.adopted_copy import AdoptedCopy, said_of_the_project
from modalembic.authoring.adopt.application import find_context
from modalembic.authoring.adopt.branches import FirstRevision
from modalembic.authoring.adopt.central import Central, central_locations
from modalembic.authoring.adopt.configuration import Wanted, configuration_change
from modalembic.authoring.adopt.connection import with_given_connection
from modalembic.authoring.adopt.environment import Environment, read_environment
from modalembic.authoring.adopt.existing import Existing, find_existing
from modalembic.authoring.adopt.request import Request, check_request, is_to_come
from modalembic.authoring.adopt.singular import (
    SingularHead,
    singular_heads,
    with_plural_heads,
)
from modalembic.authoring.changes import Change, ChangeSet
from modalembic.authoring.files import as_bytes, as_text, read_exactly
from modalembic.authoring.init import gitignore_changes
from modalembic.authoring.laid_out import laid_out
from modalembic.authoring.uncommitted import refuse_uncommitted
from modalembic.config import Configuration
from modalembic.project import Project
from modalembic.runtime.options import Observer


@dataclass(frozen=True)
class Adoption:
    """An adoption that is proven and not written: the old history's locations, the first revisions
    of modules, every change to a file, the `notes` on what could not be read, and each singular
    `head` in the project's files."""

    centrals: tuple[Central, ...]
    revisions: tuple[FirstRevision, ...]
    changes: ChangeSet
    notes: tuple[str, ...]
    singular: tuple[SingularHead, ...]

    @property
    def rollback(self) -> tuple[str, ...]:
        """The commands that a database needs before an image without the new revisions runs on
        it again."""
        return tuple(f"modalembic downgrade {each.module}@base" for each in self.revisions)


def plan_adoption(
    request: Request, environ: Mapping[str, str], observer: Observer | None = None
) -> Adoption:
    """What makes a modular project of the Alembic project in `request.root`, tried on scratch
    databases in a copy. Nothing is written; `environ` is where FLASK_APP is looked for.

    Raises AlreadyInitialised, NothingToAdopt, AdoptRefused, AdoptUnproven, UsageError, WriteRefused
    and UncommittedChanges; what is wrong with the project; what a scratch server raises.
    """
    check_request(request)
    existing = find_existing(request)
    before = _as_it_is(request, existing, environ)
    environment = read_environment(existing.env, before.search, existing.root)
    wanted = _wanted(request, existing, before, environment, environ)
    early = _early_changes(existing, wanted, environment)
    _refuse(early)
    with (
        laid_out(existing.root, early) as directory,
        said_of_the_project(existing.root, directory),
    ):
        copy = AdoptedCopy(existing, directory, early, before.configuration.cache_directory)
        revisions = copy.adopt(wanted, observer or Observer())
        final = copy.changes()
    singular = singular_heads(existing.root, [existing.root / c.text for c in wanted.centrals])
    if request.write_heads:
        final, singular = _with_plural_heads(final, singular), ()
    _refuse(final)
    notes = (*_notes(existing, environment), *_to_come(request))
    return Adoption(wanted.centrals, revisions, final, notes, singular)


def _with_plural_heads(changes: ChangeSet, singular: Iterable[SingularHead]) -> ChangeSet:
    """The changes, and each singular `head` made plural."""
    planned = {change.path: change for change in changes.changes}
    for path in sorted({each.path for each in singular}):
        change = planned.get(path) or Change.of(path, read_exactly(path))
        after = None if change.after is None else with_plural_heads(path, change.after)
        planned[path] = Change(path, change.before, after)
    return ChangeSet.of(changes.root, sorted(planned.values(), key=lambda each: str(each.path)))


def _to_come(request: Request) -> Iterator[str]:
    for pattern in request.modules:
        if is_to_come(request.root, pattern):
            yield f"no directory matches {pattern} yet; `modalembic new-module` makes the first"


def _as_it_is(request: Request, existing: Existing, environ: Mapping[str, str]) -> Project:
    """The project with nothing but its modules."""
    cache = environ.get("MODALEMBIC_CACHE_DIR")
    configuration = Configuration(
        root=existing.root,
        file=existing.settings.ini or existing.root / "pyproject.toml",
        modules=request.patterns,
        alembic_config=existing.ini,
        cache_directory=Path(cache) if cache else None,
    )
    return Project.of(configuration)


def _wanted(
    request: Request,
    existing: Existing,
    before: Project,
    environment: Environment,
    environ: Mapping[str, str],
) -> Wanted:
    context = request.context
    if context is None and environment.needs_context:
        context = find_context(existing.root, before.search, environ, existing.env)
    return Wanted(
        modules=request.patterns,
        centrals=central_locations(existing, before, request.name),
        models=environment.models,
        alembic_config=existing.ini,
        script_location=existing.script_location,
        metadata=environment.metadata,
        context=context,
    )


def _early_changes(existing: Existing, wanted: Wanted, environment: Environment) -> ChangeSet:
    """What is known before anything is tried: configuration, `env.py`, `.gitignore`."""
    changes = [configuration_change(existing.root, wanted), *gitignore_changes(existing.root)]
    if not environment.takes_given:
        before = read_exactly(existing.env)
        after = as_text(with_given_connection(as_bytes(before), existing.env))
        changes.append(Change(existing.env, before, after))
    return ChangeSet.of(existing.root, changes)


def _refuse(changes: ChangeSet) -> None:
    changes.check()
    refuse_uncommitted(
        changes.root, [change.path for change in changes.changes if change.before is not None]
    )


def _notes(existing: Existing, environment: Environment) -> Iterator[str]:
    unread = environment.unread
    if unread is not None:
        env = existing.env
        below = env.is_relative_to(existing.root)
        shown = (env.relative_to(existing.root) if below else env).as_posix()
        yield (
            f"{shown}:{unread.line}: target_metadata is {unread.source}, which only running it "
            'would tell; write metadata = "package.module:Base" in [tool.modalembic], or leave it: '
            "then the models of all modules are merged"
        )
