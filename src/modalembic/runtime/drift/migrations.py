"""The catalog that the migrations make, on a scratch database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from modalembic.errors import MigrationFailed
from modalembic.history.plan import Plan, Step, plan_upgrade
from modalembic.postgres.catalog import Catalog, Connection, load, read_catalog, to_document
from modalembic.postgres.catalog.document import VERSION
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.connection import connect
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.cache.reads import Reads
from modalembic.runtime.cache.replays import Replay
from modalembic.runtime.cache.store import Entry, digest_of
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.drift.entities import Entities, registered_entities
from modalembic.runtime.drift.filters import environment_filters
from modalembic.runtime.drift.roles import missing_role, missing_roles
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.run import run
from modalembic.runtime.scratch.errors import extensions_of_scratch
from modalembic.runtime.scratch.server import Scratch
from modalembic.runtime.scratch_driver import with_driver
from modalembic.runtime.touches import Touches

if TYPE_CHECKING:
    from modalembic.runtime.applied import AppliedStep
    from modalembic.runtime.recording import TouchRecorder

After = Callable[[DatabaseURL, Step], None]


@dataclass(frozen=True)
class Migrated:
    """What migrations make of an empty database, as JSON has it (`body`); `digest` is that of the
    catalog in it. `environment_speaks` says whether `env.py` has a word in what is compared: it has
    filters, or registers entities of alembic_utils."""

    body: Mapping[str, Any]
    digest: str
    environment_speaks: bool

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog, read from the body when it is asked for."""
        return load({"version": VERSION, **self.body["schema"]})

    @cached_property
    def touches(self) -> Touches:
        """What each revision touched on the way, read likewise."""
        return Touches.from_document(self.body["touches"])


def migrated(
    project: Project, scratch: Scratch, goals: Collection[str], observer: Observer
) -> Migrated:
    """What `goals` and all that they need make of an empty database: replayed, if no earlier run
    has done so.

    Raises MigrationFailed and the other errors of an upgrade, and those of a server.
    """
    memo = (project.root, frozenset(goals))
    if memo not in scratch.kept:
        replay = Replay(project, scratch.store, goals, lambda: scratch.identity)
        entry = replay.find() or _of_the_server_that_started(replay, scratch)
        if entry is not None:
            made = Migrated(entry.body, entry.about["digest"], entry.about["environment_speaks"])
        else:
            made = _replayed_anew(project, scratch, goals, observer, replay)
        scratch.kept[memo] = made
    found: Migrated = scratch.kept[memo]
    return found


def _of_the_server_that_started(replay: Replay, scratch: Scratch) -> Entry | None:
    """What is kept for another server than was expected: a container may not start, say."""
    if not scratch.store.keeps:
        return None
    expected, _ = scratch.identity, scratch.server
    return replay.find() if scratch.identity != expected else None


def _replayed_anew(
    project: Project,
    scratch: Scratch,
    goals: Collection[str],
    observer: Observer,
    replay: Replay,
) -> Migrated:
    server = scratch.server
    with (
        replay.noted() as reads,
        replayed(project, server, goals, observer, reads=reads) as (_, made),
    ):
        pass
    about = {"digest": made.digest, "environment_speaks": made.environment_speaks}
    replay.keep(about, made.body)
    return made


@contextmanager
def replayed(
    project: Project,
    server: ScratchServer,
    goals: Collection[str],
    observer: Observer,
    *,
    reads: Reads | None = None,
) -> Iterator[tuple[DatabaseURL, Migrated]]:
    """A scratch database in which the revisions have just run, while inside; see `migrated`.
    `reads` is told when it is revisions that read.

    Roles that the migrations name and the server does not have are there without a login for as
    long.
    """
    ignored = own_tables(project.configuration.version_table)
    with scratch_upgraded(project, server, goals, observer, reads=reads, record=True) as (
        url,
        touches,
    ):
        with connect(url, application_name="modalembic") as connection:
            catalog = read_catalog(Connection(connection), ignore_tables=ignored)
        speaks = environment_filters(project, url).any or registered_entities() != Entities()
        yield url, _migrated(catalog, touches, environment_speaks=speaks)


@contextmanager
def scratch_upgraded(
    project: Project,
    server: ScratchServer,
    goals: Collection[str],
    observer: Observer,
    *,
    reads: Reads | None = None,
    record: bool = False,
    after: After | None = None,
) -> Iterator[tuple[DatabaseURL, Touches]]:
    """As `replayed`, without a look at what came of it; with `record`, what revisions touched.
    `after` is called with the database's URL and each step when that is committed."""
    # It brings Alembic along, which nobody needs who finds everything in the cache.
    from modalembic.runtime.recording import TouchRecorder

    number = len(project.graph.ancestors(goals))
    observer.event(f"migrating a scratch database ({number} revisions)")
    with (
        extensions_of_scratch(server.place),
        missing_roles(server) as create_role,
        server.database() as url,
    ):
        _make_version_schema(project, url)
        recorder = TouchRecorder(url) if record else None
        finished = partial(after, url) if after is not None else None
        while True:
            try:
                _upgrade(project, url, goals, _Quiet(observer, reads, finished), recorder)
                break
            except MigrationFailed as error:
                # What ran before it is committed, so that the next attempt goes on from there.
                if not create_role(missing_role(error.__cause__)):
                    raise
            finally:
                if reads is not None:
                    reads.running = False
        ignored = own_tables(project.configuration.version_table)
        yield url, Touches() if recorder is None else recorder.finish(ignored)


def _migrated(catalog: Catalog, touches: Touches, *, environment_speaks: bool) -> Migrated:
    schema = to_document(catalog)
    body = {"schema": schema, "touches": touches.document()}
    made = Migrated(body, digest_of(schema), environment_speaks)
    # These need not be read back.
    vars(made).update(catalog=catalog, touches=touches)
    return made


def _upgrade(
    project: Project,
    url: DatabaseURL,
    goals: Collection[str],
    observer: Observer,
    recorder: TouchRecorder | None,
) -> None:
    graph, order = project.graph, project.module_order
    run(
        project,
        lambda state: plan_upgrade(graph, "heads", goals, state.applied, order),
        database=with_driver(project, url).sqlalchemy,
        options=Options(timeout=0),  # the configuration's is for deployments
        observer=observer,
        destination="heads",
        watch=recorder.watch if recorder is not None else None,
    )


class _Quiet(Observer):
    """Hands on what is worth a line; that each of many revisions runs is not. Tells `reads` when
    revisions begin to run, and `after` when one is committed."""

    def __init__(
        self,
        observer: Observer,
        reads: Reads | None,
        after: Callable[[Step], None] | None,
    ) -> None:
        self._observer = observer
        self._reads = reads
        self._after = after

    def planned(self, plan: Plan) -> None:  # noqa: ARG002 - as the base class has it
        if self._reads is not None:
            self._reads.running = True

    def finished(self, done: AppliedStep) -> None:
        if self._after is not None:
            self._after(done.step)

    def event(self, text: str) -> None:
        self._observer.event(text)


def _make_version_schema(project: Project, url: DatabaseURL) -> None:
    schema = project.configuration.version_table_schema
    if schema is not None:
        with connect(url, application_name="modalembic") as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}".encode())
