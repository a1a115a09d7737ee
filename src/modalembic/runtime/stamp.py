"""Stamping: version rows written without running anything."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from modalembic._version import __version__
from modalembic.errors import CrossesModules
from modalembic.history.graph import RevisionGraph
from modalembic.history.state import State
from modalembic.history.targets import TargetResolver
from modalembic.postgres.connection import connect
from modalembic.project import Project
from modalembic.runtime.database import open_database
from modalembic.runtime.failure import database_errors_explained, shown_path
from modalembic.runtime.history_table import HistoryTable, who
from modalembic.runtime.locks import locked, run_key, work_key
from modalembic.runtime.options import Observer, Options, Settled
from modalembic.runtime.session import PsycopgSession, Session, SqlalchemySession
from modalembic.runtime.situation import read_situation, require_ids_fit
from modalembic.runtime.version_table import VersionTable, locate


@dataclass(frozen=True)
class Stamped:
    """The version rows before and after, each sorted; `database` without its password, None where
    only `env.py` knows it."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    database: str | None


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
    project.require_sound()
    settled = (options or Options()).settled(project.configuration)
    observer = observer or Observer()
    with database_errors_explained(), open_database(project, database, observer.event) as url:
        if url is not None:
            configuration = project.configuration
            with connect(url, application_name="modalembic") as connection:
                session = PsycopgSession(connection)
                table = locate(
                    session, configuration.version_table, configuration.version_table_schema
                )
                before, after = _stamp(project, session, table, targets, purge, settled, observer)
            return Stamped(before, after, url.safe)
        return _through_environment(project, targets, purge, settled, observer)


def _through_environment(
    project: Project,
    targets: Sequence[str],
    purge: bool,
    settled: Settled,
    observer: Observer,
) -> Stamped:
    from modalembic.runtime.environment import Entered, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    done: list[Stamped] = []

    def write(entered: Entered) -> None:
        context = entered.context
        assert context.connection is not None
        session = SqlalchemySession(context.connection)
        table = locate(session, context.version_table, context.version_table_schema)
        before, after = _stamp(project, session, table, targets, purge, settled, observer)
        done.append(Stamped(before, after, None))

    enter_environment(project, None, write, options=settled, loader=RevisionLoader())
    return done[0]


def _stamp(
    project: Project,
    session: Session,
    table: VersionTable,
    targets: Sequence[str],
    purge: bool,
    settled: Settled,
    observer: Observer,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wait = settled.lock_wait
    with (
        locked(session, run_key(table), wait=wait, observer=observer),
        locked(session, work_key(table), wait=wait, observer=observer),
    ):
        situation = read_situation(
            project, session, table=locate(session, table.name, table.schema)
        )
        situation.versions.require_writable()
        situation.history.require_writable()
        state = situation.state
        applied = frozenset[str]() if purge else state.applied
        known = stamped(project, targets, applied)
        _require_held(state, known, purge=purge)
        orphans = () if purge else state.orphans
        held = frozenset[str]() if purge else state.held
        after = tuple(sorted({*(project.graph.maximal(known) - held), *orphans}))
        require_ids_fit(
            situation.versions,
            (project.graph.revisions[row] for row in after if row in project.graph.revisions),
        )
        _write(project, session, situation.versions, situation.history, state.rows, after)
        return state.rows, after


def _require_held(state: State, known: AbstractSet[str], *, purge: bool) -> None:
    """Raise CrossesModules where an orphan's row would go on to say what the stamp takes back."""
    contradicted = sorted(state.held - known)
    if contradicted and not purge:
        raise CrossesModules(
            f"{', '.join(state.orphans)}, which the database has and this code does not, is built "
            f"on {', '.join(contradicted)}; its row says that these are applied",
            hint="--purge takes its row out too",
        )


def stamped(project: Project, targets: Sequence[str], applied: AbstractSet[str]) -> set[str]:
    """The revisions that count as applied once `targets` are stamped over `applied`."""
    graph = project.graph
    known = set(applied)
    for target in targets:
        resolver = TargetResolver(graph, project.module_order, known)
        goals = resolver.upgrade(target)
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
    project: Project,
    session: Session,
    versions: VersionTable,
    history: HistoryTable,
    before: Sequence[str],
    after: Sequence[str],
) -> None:
    run_id, now = secrets.token_hex(8), datetime.now(UTC)
    with session.transaction():
        if not versions.exists:
            session.run(versions.create_statement())
        if not history.exists:
            for statement in history.create_statements():
                session.run(statement)
        session.run(f"DELETE FROM {versions.qualified}")
        for row in after:
            session.run(
                f"INSERT INTO {versions.qualified} (version_num) VALUES (%(row)s)", {"row": row}
            )
        for row in sorted(set(after) - set(before)):
            revision = project.graph.revisions[row]
            session.run(
                f"""
                INSERT INTO {history.qualified} (run_id, version_table, module, revision, direction,
                       path, parents, started_at, ms, who, modalembic_version)
                VALUES (%(run_id)s, %(table)s, %(module)s, %(revision)s, 'stamp', %(path)s,
                        CAST(%(parents)s AS text[]), %(now)s, 0, %(who)s, %(version)s)
                """,
                {
                    "run_id": run_id,
                    "table": versions.name,
                    "module": revision.module,
                    "revision": row,
                    "path": shown_path(project.root, revision.path),
                    "parents": _built_on(project.graph, row),
                    "now": now,
                    "who": who(),
                    "version": __version__,
                },
            )
