"""Stamping: version rows written without running anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Any

from modalembic._version import __version__
from modalembic.errors import CrossesModules
from modalembic.history.graph import RevisionGraph
from modalembic.history.state import State
from modalembic.history.targets import TargetResolver
from modalembic.postgres.connection import connect
from modalembic.project import Project
from modalembic.runtime.connection.session import PsycopgSession, Session, SqlalchemySession
from modalembic.runtime.database import open_database
from modalembic.runtime.failure import database_errors_explained, shown_path
from modalembic.runtime.identity import application_name
from modalembic.runtime.locks import both_locks
from modalembic.runtime.observers.several import observed, with_hooks
from modalembic.runtime.options import Observer, Options, Settled
from modalembic.runtime.state.situation import Situation, read_situation, require_ids_fit
from modalembic.runtime.tables.history import who
from modalembic.runtime.tables.installed.which import HEADS, heads_of
from modalembic.runtime.tables.version import VersionTable, locate

# What is to count as applied, given a session and what was found, under the locks.
Decide = Callable[[Session, Situation], AbstractSet[str]]


@dataclass(frozen=True)
class Stamped:
    """The version rows before and after, each sorted; `database` without its password, None where
    only `env.py` knows it; `run_id` None where nothing was to be written."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    database: str | None
    run_id: str | None = None


def stamp(
    project: Project,
    targets: Sequence[str],
    *,
    purge: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> Stamped:
    """Write the rows that say that the database is at `targets`, and run nothing.

    What a target is built on counts as applied, what is built on it as not; other modules stay as
    they are. Rows that name no revision here stay too, unless `purge` empties the table first.
    Raises what is wrong with the project, the targets or the database.
    """

    def known(_session: Session, situation: Situation) -> AbstractSet[str]:
        applied = frozenset[str]() if purge else situation.state.applied
        return stamped(project, targets, applied, situation.state.installed)

    return stamp_by(
        project,
        known,
        target=", ".join(targets),
        purge=purge,
        database=database,
        options=options,
        observer=observer,
    )


def stamp_by(
    project: Project,
    decide: Decide,
    *,
    target: str,
    purge: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
    details: Mapping[str, Any] | None = None,
) -> Stamped:
    """Write the rows that say that the revisions count as applied which `decide` gives, called
    under the locks with a session and what was found; see `stamp`. `target` is what was asked for,
    in words; `details` go to the history."""
    project.require_sound()
    settled = (options or Options()).settled(project.configuration)
    observer = with_hooks(project, "stamp", target, observer)
    with (
        observed(observer) as run_id,
        database_errors_explained(),
        open_database(project, database, observer.event, migrating=True) as url,
    ):
        observer.connecting(url)
        job = _Job(project, decide, settled, observer, details, run_id, purge=purge)
        if url is not None:
            configuration = project.configuration
            with connect(url, application_name=application_name(run_id)) as connection:
                session = PsycopgSession(connection)
                table = locate(
                    session, configuration.version_table, configuration.version_table_schema
                )
                before, after = _stamp(job, session, table)
            return Stamped(before, after, url.safe, run_id)
        return _through_environment(job)


@dataclass(frozen=True)
class _Job:
    project: Project
    decide: Decide
    settled: Settled
    observer: Observer
    details: Mapping[str, Any] | None
    run_id: str
    _: KW_ONLY
    purge: bool


def _through_environment(job: _Job) -> Stamped:
    from modalembic.runtime.environment.entering import Entered, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    done: list[Stamped] = []

    def write(entered: Entered) -> None:
        context = entered.context
        assert context.connection is not None
        session = SqlalchemySession(context.connection)
        table = locate(session, context.version_table, context.version_table_schema)
        before, after = _stamp(job, session, table)
        done.append(Stamped(before, after, None, job.run_id))

    enter_environment(job.project, None, write, options=job.settled, loader=RevisionLoader())
    return done[0]


def _stamp(
    job: _Job, session: Session, table: VersionTable
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    project, purge = job.project, job.purge
    with both_locks(session, table, job.settled, job.observer):
        situation = read_situation(
            project, session, table=locate(session, table.name, table.schema)
        )
        situation.require_writable()
        state = situation.state
        known = job.decide(session, situation)
        _require_held(state, known, purge=purge)
        orphans = () if purge else state.orphans
        held = frozenset[str]() if purge else state.held
        after = tuple(sorted({*(project.graph.maximal(set(known)) - held), *orphans}))
        require_ids_fit(
            situation.versions,
            (project.graph.revisions[row] for row in after if row in project.graph.revisions),
        )
        if after != state.rows:
            job.observer.stamping(state.rows, after)
        there = {project.graph.revisions[id_].module for id_ in known - state.applied}
        _write(job, session, situation, after, _uninstalled(situation, there))
        return state.rows, after


def _uninstalled(situation: Situation, modules: AbstractSet[str]) -> tuple[str, ...]:
    """Those of `modules` of which somebody has said that the database does not have them."""
    facts = situation.facts
    return tuple(sorted(m for m in modules if m in facts and not facts[m].installed))


def _require_held(state: State, known: AbstractSet[str], *, purge: bool) -> None:
    """Raise CrossesModules where an orphan's row would go on to say what the stamp takes back."""
    contradicted = sorted(state.held - known)
    if contradicted and not purge:
        raise CrossesModules(
            f"{', '.join(state.orphans)}, which the database has and this code does not, is built "
            f"on {', '.join(contradicted)}; its row says that these are applied",
            hint="--purge takes its row out too",
        )


def stamped(
    project: Project,
    targets: Sequence[str],
    applied: AbstractSet[str],
    installed: AbstractSet[str] | None = None,
) -> set[str]:
    """The revisions that count as applied once `targets` are stamped over `applied`. `heads` are
    those of the modules `installed` (None: of all)."""
    graph = project.graph
    known = set(applied)
    for target in targets:
        resolver = TargetResolver(graph, project.module_order, known)
        goals = (
            heads_of(graph, installed)
            if target == HEADS and installed is not None
            else resolver.upgrade(target)
        )
        if goals:
            known -= graph.descendants(goals) - set(goals)
            known |= graph.ancestors(goals)
        else:
            known -= _of_branch(graph, resolver.module_of(target))
    return known


def _of_branch(graph: RevisionGraph, module: str | None) -> set[str]:
    """What `base` (None) or `module@base` takes away: the revisions and all that is built on
    them."""
    if module is None:
        return set(graph.revisions)
    return graph.descendants(graph.of_module.get(module, ()))


def _built_on(graph: RevisionGraph, row: str) -> list[str]:
    """What `row` is built on, in every module. Nothing is recorded of the revisions below a stamped
    one, so what they were built on has to be found with it once they are gone."""
    below: dict[str, list[str]] = {}
    for id_ in graph.ancestors([row]) - {row}:
        below.setdefault(graph.revisions[id_].module, []).append(id_)
    last = [id_ for module in sorted(below) for id_ in graph.tops(below[module])]
    return list(dict.fromkeys((*graph.parents[row], *last)))


def _write(
    job: _Job,
    session: Session,
    situation: Situation,
    after: Sequence[str],
    installed: Sequence[str],
) -> None:
    project, versions, history = job.project, situation.versions, situation.history
    now = datetime.now(UTC)
    details = None if job.details is None else json.dumps(job.details)
    with session.transaction():
        if not versions.exists:
            session.run(versions.create_statement())
        history.prepare(session)
        if installed:
            table = situation.modules
            table.record(session, installed, installed=True, who=who(), run_id=job.run_id)
        session.run(f"DELETE FROM {versions.qualified}")
        for row in after:
            session.run(
                f"INSERT INTO {versions.qualified} (version_num) VALUES (%(row)s)", {"row": row}
            )
        for row in sorted(set(after) - set(situation.state.rows)):
            revision = project.graph.revisions[row]
            session.run(
                f"""
                INSERT INTO {history.qualified} (run_id, version_table, module, revision, direction,
                       path, parents, started_at, ms, who, modalembic_version,
                       details)
                VALUES (%(run_id)s, %(table)s, %(module)s, %(revision)s, 'stamp', %(path)s,
                        CAST(%(parents)s AS text[]), %(now)s, 0, %(who)s, %(version)s,
                        CAST(%(details)s AS jsonb))
                """,
                {
                    "run_id": job.run_id,
                    "table": versions.name,
                    "module": revision.module,
                    "revision": row,
                    "path": shown_path(project.root, revision.path),
                    "parents": _built_on(project.graph, row),
                    "now": now,
                    "who": who(),
                    "version": __version__,
                    "details": details,
                },
            )
