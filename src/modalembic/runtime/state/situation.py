"""What a run finds in a database: its tables, its state, and what nobody here knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote

from modalembic.errors import DatabaseAhead, ProjectWarning, RevisionIdError, UnknownOrphan
from modalembic.history.plan import Plan
from modalembic.history.revision import Revision
from modalembic.history.spliced import spliced
from modalembic.history.state import State, read_state
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.state.recorded import Ran, read_parents, read_recorded
from modalembic.runtime.state.renamed import renamed
from modalembic.runtime.tables.history import WRITE as HISTORY_ROWS
from modalembic.runtime.tables.history import HistoryTable, find_history
from modalembic.runtime.tables.installed.table import NO_FACTS, Fact, ModulesTable
from modalembic.runtime.tables.installed.which import installed_modules, lacking
from modalembic.runtime.tables.rights import READ, require
from modalembic.runtime.tables.version import WRITE as VERSION_ROWS
from modalembic.runtime.tables.version import VersionTable, locate


@dataclass(frozen=True)
class Situation:
    """A database as found. `orphans` has each unknown row with the module that the history table
    says it belonged to, or None. `recorded` has what each revision that is known to have run was
    built on then; `spliced` the revisions that were put below one of these since, each with that
    one: they count as applied, and never ran here. `twins` do what one did that ran and is gone.
    `ran` are the rows of the history table, None where they were not asked for; `facts` say which
    modules were installed and uninstalled."""

    versions: VersionTable
    history: HistoryTable
    state: State
    orphans: Mapping[str, str | None]
    recorded: Mapping[str, tuple[str, ...]]
    spliced: Mapping[str, str]
    twins: frozenset[str] = frozenset()
    ran: Mapping[str, Ran] | None = None
    facts: Mapping[str, Fact] = field(default_factory=lambda: NO_FACTS)

    @property
    def modules(self) -> ModulesTable:
        """The table of what was installed and uninstalled by name, there or to be made."""
        return self.history.modules or ModulesTable(self.versions)

    def require_known(self, project: Project, allowed: AbstractSet[str]) -> None:
        """Raise DatabaseAhead or UnknownOrphan unless every unknown row is accounted for: by a
        module that is not discovered here, or by `allowed`."""
        for orphan, module in self.orphans.items():
            if orphan in allowed:
                continue
            if module is None:
                raise UnknownOrphan(
                    f"the database is at revision {orphan}, which is not in this code and not in "
                    "its history table",
                    hint=f"is this the right database, and is the code up to date? If so, "
                    f"--allow-orphan {quote(orphan)} goes on without it",
                )
            if module in project.by_name:
                raise DatabaseAhead(
                    f"the database is ahead of this code: it is at {orphan} of {module}, which "
                    "this code does not have",
                    hint="run the code that has it, or a newer one; nothing was run",
                )

    def warnings(self, project: Project) -> Iterator[ProjectWarning]:
        """What is left alone, and what stock Alembic would stumble over."""
        for orphan, module in self.orphans.items():
            if module is None:
                what = ", which this code does not have"
            elif module in project.by_name:
                what = f" of {module}: it is ahead of this code, which does not have that revision"
            else:
                what = f" of {module}, a module that is not discovered here"
            yield ProjectWarning(
                "orphan", f"the database is at {orphan}{what}; its row is left alone"
            )
        for name, required in lacking(project, self.state.installed or frozenset()):
            yield ProjectWarning(
                "requires-uninstalled",
                f"{name} requires {required}, which was uninstalled in this database",
                hint=f"modalembic install {required}, or modalembic uninstall {name}",
            )
        for row, implied_by in self.state.implied.items():
            yield ProjectWarning(
                "overlapping-rows",
                f"{self.versions.name} has both {row} and {implied_by}, which implies it; stock "
                'Alembic stops at that ("overlaps")',
                hint="modalembic repair takes the row out; an upgrade that has something to do "
                "does so too",
            )

        for id_, above in self.spliced.items():
            revision = project.graph.revisions[id_]
            yield ProjectWarning(
                "spliced-revision",
                f"{id_} of {revision.module} was put below {above}, which the database has: it "
                "counts as applied, and never ran here",
                path=Path(revision.path),
                line=revision.line,
                hint=f"put it on top (modalembic rebase {revision.module}); or run what it does by "
                f"hand, then modalembic repair --accept {quote(id_)}",
            )

    def require_writable(self) -> None:
        """Raise what stands in the way of writing version rows and history rows, before anything is
        written: ReadOnlyDatabase, NoSchema, or MissingPrivilege with every grant that is
        missing."""
        self.versions.require_primary()
        require("write", (self.versions.rights, VERSION_ROWS), (self.history.rights, HISTORY_ROWS))

    def require_fits(self, plan: Plan) -> None:
        """Raise RevisionIdError where an id of the plan is too long for the version column."""
        require_ids_fit(self.versions, (step.revision for step in plan.steps))


def require_ids_fit(versions: VersionTable, revisions: Iterable[Revision]) -> None:
    """Raise RevisionIdError where the id of one of `revisions` is too long for the version
    column."""
    length = versions.column_length
    for revision in revisions:
        if length is not None and len(revision.id) > length:
            raise RevisionIdError(
                f"revision id {revision.id!r} has {len(revision.id)} characters, and "
                f"{versions.name}.version_num takes {length}",
                hint="give the revision a shorter id"
                if not versions.exists
                else f"ALTER TABLE {versions.qualified} ALTER COLUMN version_num TYPE varchar(255)",
                path=revision.path,
                line=revision.line,
            )


def read_situation(
    project: Project,
    session: Session,
    *,
    table: VersionTable | None = None,
    rows_of_history: bool = False,
) -> Situation:
    """Read tables and rows over `session`. `table` is the version table if it was located just now;
    `rows_of_history` asks for the content of what ran as well.

    Raises MissingPrivilege, NoSchema or NewerHistory.
    """
    configuration = project.configuration
    versions = table or locate(
        session, configuration.version_table, configuration.version_table_schema
    )
    history = find_history(session, versions)
    if rows_of_history and history.exists:
        # Without them nothing would be found, and that would be taken for a good sign.
        require("read", (history.rights, READ), why=", which says what has run")
    rows = versions.rows(session)
    unknown = [row for row in rows if row not in project.graph.revisions]
    recorded = history.lineage(session, unknown)
    lineage = {name: found.parents for name, found in recorded.items()}
    state = read_state(project.graph, rows, lineage)
    facts = NO_FACTS if history.modules is None else history.modules.facts(session)
    state = replace(state, installed=installed_modules(project, facts, state.applied))
    parents = read_parents(session, history) if state.applied else {}
    put_below = spliced(project.graph, state.applied, parents)
    # Only what is out of the ordinary needs the rows themselves.
    ran = read_recorded(session, history) if rows_of_history or put_below else None
    twins = renamed(project, ran or {}, state.applied) if put_below else {}
    new_ids = frozenset(twin.id for twin in twins.values())
    return Situation(
        versions=versions,
        history=history,
        state=state,
        recorded=parents,
        spliced={id_: above for id_, above in put_below.items() if id_ not in new_ids},
        twins=new_ids,
        ran=ran,
        facts=facts,
        orphans={row: recorded[row].module if row in recorded else None for row in sorted(unknown)},
    )
