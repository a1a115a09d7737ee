"""What can be said of each module, with a database and without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modalembic.history.state import State
from modalembic.modules import Module
from modalembic.modules.components import (
    Completeness,
    Component,
    completeness,
    read_components,
)
from modalembic.project import Project
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.tables.installed.which import heads_of, installed_modules

ModuleState = Literal["current", "pending", "ahead", "unknown"]


@dataclass(frozen=True)
class ModuleStatus:
    """One row of `modalembic modules`. `applied`, `pending` and `installed` are None, and `state`
    is "unknown", where no database was asked; `tables` is None where the source does not tell. A
    central location has no components, and no completeness."""

    module: Module
    label: str | None
    tables: tuple[str, ...] | None
    revisions: int
    heads: tuple[str, ...]
    applied: int | None
    pending: int | None
    state: ModuleState
    installed: bool | None
    components: tuple[Component, ...]

    @property
    def completeness(self) -> Completeness | None:
        """How much of the module is its own."""
        return None if self.module.directory is None else completeness(self.components)


@dataclass(frozen=True)
class CurrentRow:
    """One line of `modalembic current`: a module's last applied revisions, or an orphan (then
    `module` is the one that the history table names, or None)."""

    revision: str
    module: str | None
    head: bool
    known: bool


def module_statuses(
    project: Project,
    situation: Situation | None,
    tables: Mapping[str, tuple[str, ...] | None],
) -> tuple[ModuleStatus, ...]:
    """A row for each module, in order; `situation` is None where no database was asked."""
    return tuple(_status(project, module, situation, tables) for module in project.modules)


def _status(
    project: Project,
    module: Module,
    situation: Situation | None,
    tables: Mapping[str, tuple[str, ...] | None],
) -> ModuleStatus:
    graph = project.graph
    own = graph.of_module.get(module.name, ())
    labels = [label for id_ in own for label in graph.revisions[id_].branch_labels]
    applied = pending = None
    state: ModuleState = "unknown"
    installed = None
    if situation is not None:
        installed = module.name in (situation.state.installed or ())
        applied = sum(1 for id_ in own if id_ in situation.state.applied)
        pending = len(own) - applied
        ahead = module.name in situation.orphans.values()
        state = "ahead" if ahead else "pending" if pending else "current"
    return ModuleStatus(
        module=module,
        label=module.name if module.name in labels else next(iter(labels), None),
        tables=tables.get(module.name),
        revisions=len(own),
        heads=graph.heads.get(module.name, ()),
        applied=applied,
        pending=pending,
        state=state,
        installed=installed,
        components=read_components(module),
    )


def current_rows(project: Project, situation: Situation) -> tuple[CurrentRow, ...]:
    """Each module's last applied revisions in the order of modules (whether or not they have a
    version row of their own), then the orphans."""
    graph, applied = project.graph, situation.state.applied
    rows = []
    for module in project.modules:
        own = {id_ for id_ in graph.of_module.get(module.name, ()) if id_ in applied}
        tops = own - {parent for id_ in own for parent in graph.parents[id_]}
        heads = graph.heads.get(module.name, ())
        rows += [CurrentRow(id_, module.name, id_ in heads, known=True) for id_ in sorted(tops)]
    rows += [
        CurrentRow(row, module, head=False, known=False)
        for row, module in situation.orphans.items()
    ]
    return tuple(rows)


def at_heads(project: Project, state: State) -> bool:
    """Whether everything that there is to run has been run, of the modules that are installed."""
    if len(state.applied) == len(project.graph.revisions):
        return True
    installed = installed_modules(project) if state.installed is None else state.installed
    return state.applied.issuperset(heads_of(project.graph, installed))
