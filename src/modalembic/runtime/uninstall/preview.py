"""What uninstalling a module would take from a database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from modalembic.errors import ModuleGone, RequiredByOthers, UnknownModule
from modalembic.history.plan import Plan
from modalembic.history.revision import Revision
from modalembic.history.state import State
from modalembic.modules.ownership import read_ownership
from modalembic.postgres.backup import BackupTable
from modalembic.postgres.catalog.names import qualified
from modalembic.project import Project
from modalembic.runtime.catalog import own_tables
from modalembic.runtime.connection.session import Session
from modalembic.runtime.planning import downgrade_plan
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.tables.installed.which import requiring
from modalembic.runtime.uninstall.dependents import (
    Dependent,
    LiveTable,
    dependents_of,
    live_tables,
    row_count,
)
from modalembic.runtime.uninstall.makers import Makers

_MOST_COMMANDS = 4


@dataclass(frozen=True)
class AffectedTable:
    """A table that goes (`stays` is None), or that stays and may lose what the module added to it;
    `stays` then says why. `made`: a revision of the module makes it. `rows` is None where they
    cannot be counted here."""

    schema: str
    name: str
    kind: str
    rows: int | None
    estimated: bool
    stays: str | None = None
    made: bool = False

    @property
    def qualified(self) -> str:
        """Its name as in SQL."""
        return qualified(self.schema, self.name)


@dataclass(frozen=True)
class Preview:
    """What `uninstall` of `module` would do: the `plan` of its downgrades, the `tables` that go or
    are changed, and what else in the database depends on those that go. `installed` is false where
    the database does not have the module; `others` are the tables of other modules, by qualified
    name, as far as they are known; `applied` are the revisions that the database has, `server` is
    its major version; `database` is without its password."""

    module: str
    installed: bool
    plan: Plan
    tables: tuple[AffectedTable, ...]
    dependents: tuple[Dependent, ...]
    others: Mapping[str, str]
    applied: frozenset[str]
    server: int
    database: str | None

    @property
    def goes(self) -> tuple[AffectedTable, ...]:
        """The tables that go."""
        return tuple(table for table in self.tables if table.stays is None)

    @property
    def backed_up(self) -> tuple[BackupTable, ...]:
        """What a backup has to have: also tables that may lose a column."""
        return tuple(BackupTable(t.schema, t.name, t.kind == "r") for t in self.tables)

    def require_free(self) -> None:
        """Raise RequiredByOthers where something in the database that is not the module's needs
        one of its tables."""
        for each in self.dependents:
            if not each.own:
                on = f", which refers to {each.on}" if each.on else ""
                whose = f" of {each.module}" if each.module else ""
                raise RequiredByOthers(
                    f"{self.module} cannot be uninstalled: the {each.type} "
                    f"{qualified(each.schema, each.name)}{whose} depends on its tables{on}",
                    hint="take that away first, by a revision of the module that has made it",
                )


def undo_plan(project: Project, name: str, state: State) -> Plan:
    """The steps that undo the revisions of the module `name`, and no other ones.

    Raises RequiredByOthers where installed modules require it or have revisions that depend on it,
    and CrossesModules where a revision that is not in this code does.
    """
    installed = state.installed if state.installed is not None else frozenset(project.by_name)
    _require_not_required(project, name, installed)
    _require_not_built_on(project, name, state, installed)
    own = project.graph.of_module.get(name, ())
    target = f"{name}@base"
    if not any(id_ in state.applied for id_ in own):
        return Plan(target, "downgrade")
    return downgrade_plan(project, target, state, cascade=False)


def _require_not_required(project: Project, name: str, installed: frozenset[str]) -> None:
    others = requiring(project, name, installed)
    if others:
        verb = "requires" if len(others) == 1 else "require"
        raise RequiredByOthers(
            f"{name} cannot be uninstalled: {', '.join(others)} {verb} it",
            hint=_in_order((*others, name)),
        )


def _in_order(modules: Sequence[str]) -> str:
    """What to run, if that is not too much to be read."""
    if len(modules) > _MOST_COMMANDS:
        return f"they go first, in this order: modalembic uninstall {modules[0]}, and so on"
    return " && ".join(f"modalembic uninstall {each}" for each in modules)


def _require_not_built_on(
    project: Project, name: str, state: State, installed: frozenset[str]
) -> None:
    graph = project.graph
    own = graph.of_module.get(name, ())
    for id_ in sorted(graph.descendants(own) - set(own)):
        revision = graph.revisions[id_]
        if id_ not in state.applied and revision.module not in installed:
            continue
        needed = next((p for p in graph.parents[id_] if graph.revisions[p].module == name), None)
        what = f"its {needed}" if needed is not None else "it"
        raise RequiredByOthers(
            f"{name} cannot be uninstalled: {id_} of {revision.module} depends on {what}",
            hint=f"modalembic uninstall {revision.module} comes first, if that can go too",
            path=revision.path,
            line=revision.line,
        )


def require_discovered(project: Project, name: str, situation: Situation) -> None:
    """Raise ModuleGone or UnknownModule where the module `name` is not in this code."""
    if name in project.by_name:
        return
    if name in situation.orphans.values() or name in situation.facts:
        raise ModuleGone(
            f"{name} is not in this code, so its revisions cannot be undone",
            hint=f"run the code that has it; or modalembic repair --retire {name} takes its "
            "version rows out, and leaves its tables",
        )
    raise UnknownModule(
        f"there is no module {name!r}", hint=f"the modules are {', '.join(project.by_name)}"
    )


def read_preview(
    project: Project, name: str, session: Session, situation: Situation, database: str | None
) -> Preview:
    """What uninstalling the module `name` would take, as the database is now. Nothing is written.

    Raises what `undo_plan` and `require_discovered` raise.
    """
    require_discovered(project, name, situation)
    state = situation.state
    plan = undo_plan(project, name, state)
    ((server,),) = session.fetch("SELECT current_setting('server_version_num')::int")
    makers = Makers(project, name, state.applied)
    installed = state.installed or frozenset()
    found = live_tables(session, own_tables(situation.versions.name))
    sorter = _Sorter(project, name, installed, makers, found)
    # Where none of its revisions has run, nothing is undone.
    affected = sorter.affected() if plan.steps else {}
    goes = [table for table, stays in affected.items() if stays is None]
    tables = tuple(
        AffectedTable(
            t.schema, t.name, t.kind, *row_count(session, t), stays=stays, made=sorter.made(t)
        )
        for t, stays in affected.items()
    )
    return Preview(
        module=name,
        installed=name in installed,
        plan=plan,
        tables=tables,
        dependents=tuple(sorter.explained(dependents_of(session, goes), affected)),
        others=sorter.others(),
        applied=state.applied,
        server=server // 10000,
        database=database,
    )


class _Sorter:
    """Says of the tables of a database whether they are the module's."""

    def __init__(
        self,
        project: Project,
        module: str,
        installed: Collection[str],
        makers: Makers,
        tables: Sequence[LiveTable],
    ) -> None:
        self._module = module
        self._makers = makers
        owners = read_ownership(project.modules, project.search, project.configuration).owners
        # What belongs to a module that is not there is still what its maker has made.
        there = {module, *installed}
        self._owners = {table: owner for table, owner in owners.items() if owner in there}
        self._tables = tables

    def affected(self) -> dict[LiveTable, str | None]:
        """The tables that go (None) and those that stay and are concerned, each with the reason."""
        found: dict[LiveTable, str | None] = {}
        for table in self._tables:
            maker = self._makers.maker(table.schema, table.name, visible=table.visible)
            mine = maker is not None and maker.module == self._module
            owner = self.owner(table)
            if owner == self._module or (owner is None and mine):
                found[table] = None if maker is None or mine else _made_by(maker)
            elif self._makers.adds_to(table.schema, table.name):
                whose = f"it belongs to {owner}" if owner else "it is not the module's"
                found[table] = _made_by(maker) if owner is None and maker is not None else whose
        return dict(sorted(self._with_children(found).items(), key=_by_name))

    def _with_children(self, found: dict[LiveTable, str | None]) -> dict[LiveTable, str | None]:
        """Also what inherits from a table that goes: partitions that nobody else owns."""
        gone = {table.oid for table, stays in found.items() if stays is None}
        more = True
        while more:
            more = False
            for table in self._tables:
                is_child = table not in found and gone.intersection(table.parents)
                if is_child and self.owner(table) is None:
                    found[table] = None
                    gone.add(table.oid)
                    more = True
        return found

    def made(self, table: LiveTable) -> bool:
        """Whether a revision of the module makes the table, as far as the source tells."""
        maker = self._makers.maker(table.schema, table.name, visible=table.visible)
        return maker is not None and maker.module == self._module

    def others(self) -> dict[str, str]:
        """The tables of other modules, by qualified name: what they own, else what they have
        made."""
        found: dict[str, str] = {}
        for table in self._tables:
            maker = self._makers.maker(table.schema, table.name, visible=table.visible)
            whose = self.owner(table) or (maker.module if maker is not None else None)
            if whose is not None and whose != self._module:
                found[qualified(table.schema, table.name)] = whose
        return found

    def owner(self, table: LiveTable) -> str | None:
        """The module that the source says owns the table."""
        owner = self._owners.get(f"{table.schema}.{table.name}")
        return owner or (self._owners.get(table.name) if table.visible else None)

    def explained(
        self, dependents: Iterable[Dependent], affected: Mapping[LiveTable, str | None]
    ) -> Iterator[Dependent]:
        """The dependents with whose they are: a key is the module's own if its revisions speak of
        the table that has it, all else if they have its name."""
        by_name = {(table.schema, table.name): table for table in self._tables}
        others = self.others()
        for each in dependents:
            table = by_name.get((each.schema, each.name))
            own = (
                self._makers.mentions(each.name)
                if table is None
                else table in affected or self._makers.speaks_of(each.schema, each.name)
            )
            whose = None if table is None else others.get(qualified(each.schema, each.name))
            yield replace(each, own=own, module=whose)


def _made_by(maker: Revision) -> str:
    return f"{maker.id} of {maker.module} made it"


def _by_name(item: tuple[LiveTable, str | None]) -> tuple[str, str]:
    return item[0].schema, item[0].name
