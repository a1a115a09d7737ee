"""`stamp --match`: the rows of what a database really matches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from modalembic.errors import DatabaseChanged, MatchUnsettled, ModalembicError, NoMatch
from modalembic.postgres.catalog import read_catalog
from modalembic.project import Project
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.connection.session import Session
from modalembic.runtime.drift.live import read_live
from modalembic.runtime.match.found import Match, ModuleMatch
from modalembic.runtime.match.search import find_match
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.stamp import Stamped, stamp_by
from modalembic.runtime.state.situation import Situation


@dataclass(frozen=True)
class MatchStamped:
    """What was found, and the rows before and after; with `dry_run` nothing was written."""

    found: Match
    stamped: Stamped
    dry_run: bool


def match(
    project: Project,
    *,
    at: Sequence[str] = (),
    database: str | None = None,
    observer: Observer | None = None,
) -> Match:
    """What the database that is named, else that of `env.py`, really matches: see `find_match`.
    Nothing is written."""
    project.require_sound()
    watching = observer or Observer()
    return find_match(project, read_live(project, database, watching), at=at, observer=watching)


def stamp_match(
    project: Project,
    *,
    at: Sequence[str] = (),
    purge: bool = False,
    dry_run: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> MatchStamped:
    """Write the rows of what the database really matches, and run nothing. `at` are targets that
    say what has run where no catalog can tell; `purge` throws unknown rows away.

    The comparison is made without a lock. Under the locks of the stamp the catalog is read again,
    and has to be the same. Raises NoMatch and MatchUnsettled, with what was found, DatabaseChanged,
    what `match` raises, and what `stamp` raises.
    """
    found = match(project, at=at, database=database, observer=observer)
    refusal = _refusal(project, found)
    if refusal is not None:
        raise refusal
    after = found.after(purge=purge)
    if dry_run:
        return MatchStamped(found, Stamped(found.rows, after, found.database), dry_run=True)

    def unchanged(session: Session, situation: Situation) -> AbstractSet[str]:
        ignored = own_tables(situation.versions.name)
        catalog = read_catalog(session, ignore_tables=ignored)
        if (situation.state.rows, catalog) != (found.rows, found.live):
            raise DatabaseChanged(
                "the database was changed while it was compared; nothing was written",
                hint="once nothing else is at work there: modalembic stamp --match",
            )
        return found.applied

    stamped = stamp_by(
        project,
        unchanged,
        target="--match",
        purge=purge,
        database=database,
        options=options,
        observer=observer,
        details={"match": {module.module: module.objects for module in found.modules}},
    )
    return MatchStamped(found, stamped, dry_run=False)


def _refusal(project: Project, found: Match) -> ModalembicError | None:
    if not found.matches:
        modules = [module.module for module in found.modules if not module.matches]
        of = f" of {', '.join(modules)}" if modules else ""
        no_match = NoMatch(
            f"the database matches no revisions{of}; nothing was written",
            hint="mend what differs, or write the nearest rows all the same: "
            f"modalembic stamp {_nearest(project, found)}; modalembic check drift --against live "
            "then shows the SQL that mends the rest",
        )
        no_match.found = found
        return no_match
    return _unsettled(project, found) if found.unsettled else None


def _nearest(project: Project, found: Match) -> str:
    """The targets that leave what is nearest, whatever the rows say now."""
    by_rows = project.graph.ancestors(row for row in found.rows if row not in found.orphans)
    gone = [
        f"{module.module}@base"
        for module in found.modules
        if not module.revisions
        and not by_rows.isdisjoint(project.graph.of_module.get(module.module, ()))
    ]
    there = [revision for module in found.modules for revision in module.revisions]
    return " ".join((*gone, *there)) or "base"


def _unsettled(project: Project, found: Match) -> MatchUnsettled:
    revisions = project.graph.revisions
    modules = {revisions[id_].module for id_ in found.unsettled}
    open_ = [module for module in found.modules if module.module in modules]
    which = ", ".join(f"{id_} of {revisions[id_].module}" for id_ in found.unsettled)
    error = MatchUnsettled(
        f"no catalog shows whether {which} "
        f"{'has' if len(found.unsettled) == 1 else 'have'} run; nothing was written",
        hint=f"modalembic stamp --match {_at(open_, latest=True)} if so, "
        f"modalembic stamp --match {_at(open_, latest=False)} if not",
    )
    error.found = found
    return error


def _at(modules: Iterable[ModuleMatch], *, latest: bool) -> str:
    """The options that choose the latest or the earliest of each module."""
    said: list[str] = []
    for module in modules:
        said += (module.latest if latest else module.earliest) or [f"{module.module}@base"]
    return " ".join(f"--at {target}" for target in said)
