"""Which modules count as installed in a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from modalembic.errors import NotInstalled
from modalembic.history.graph import RevisionGraph
from modalembic.history.plan import Plan
from modalembic.modules import Module
from modalembic.project import Project
from modalembic.runtime.tables.installed.table import NO_FACTS, Fact

# The target that means the heads of everything that is installed.
HEADS = "heads"


def installed_modules(
    project: Project,
    facts: Mapping[str, Fact] = NO_FACTS,
    applied: AbstractSet[str] = frozenset(),
) -> frozenset[str]:
    """The names of the modules that a database has, or is to have, as far as they are discovered.

    What `facts` say holds. A module of which they say nothing is installed unless it waits for
    `install` (`auto_install = false`) and has no revision among `applied`. What an installed module
    requires is installed with it, unless it was uninstalled by name.
    """
    graph = project.graph
    if not facts and all(module.auto_install for module in project.modules):
        return frozenset(project.by_name)
    chosen = {
        module.name
        for module in project.modules
        if (
            facts[module.name].installed
            if module.name in facts
            else module.auto_install or _is_there(graph, module, applied)
        )
    }
    wanted = required_by(project, chosen)
    return frozenset(
        chosen | {name for name in wanted if name not in facts or facts[name].installed}
    )


def _is_there(graph: RevisionGraph, module: Module, applied: AbstractSet[str]) -> bool:
    return any(id_ in applied for id_ in graph.of_module.get(module.name, ()))


def required_by(project: Project, names: Iterable[str]) -> set[str]:
    """Everything that the modules `names` require, themselves included."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in project.by_name and name not in found:
            found.add(name)
            pending.extend(project.by_name[name].requires)
    return found


def requiring(project: Project, name: str, among: AbstractSet[str]) -> tuple[str, ...]:
    """The modules of `among` that require the module `name`, directly or through others, in order:
    each after those that require it."""
    found = [
        module.name
        for module in reversed(project.modules)
        if module.name != name
        and module.name in among
        and name in required_by(project, [module.name])
    ]
    return tuple(found)


def lacking(project: Project, installed: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    """Pairs of an installed module and one that it requires and that was uninstalled."""
    for module in project.modules:
        if module.name in installed:
            for required in module.requires:
                if required in project.by_name and required not in installed:
                    yield module.name, required


def left_out(project: Project) -> str:
    """In words, what `heads` leave out where no database is asked; empty for nothing."""
    installed = installed_modules(project)
    waiting = [name for name in project.module_order if name not in installed]
    return f", without {', '.join(waiting)} (auto_install is false)" if waiting else ""


def heads_of(graph: RevisionGraph, modules: Iterable[str]) -> tuple[str, ...]:
    """The revisions that an upgrade of all `modules` has to reach, sorted."""
    own = {id_ for name in modules for id_ in graph.of_module.get(name, ())}
    return tuple(sorted(graph.maximal(graph.ancestors(own))))


def require_installed(project: Project, plan: Plan, installed: AbstractSet[str]) -> None:
    """Raise NotInstalled where an upgrade would run a revision of a module that the database does
    not have, or of one that requires such a module."""
    touched = plan.modules()
    absent = next((name for name in touched if name not in installed), None)
    if absent is not None:
        raise NotInstalled(
            f"{absent} is not installed in this database"
            + _needed_by(project, plan, absent, installed),
            hint=f"modalembic install {absent}",
        )
    for module, required in lacking(project, installed):
        if module in touched:
            raise NotInstalled(
                f"{module} requires {required}, which was uninstalled in this database",
                hint=f"modalembic install {required}, or modalembic uninstall {module}",
            )


def _needed_by(project: Project, plan: Plan, absent: str, installed: AbstractSet[str]) -> str:
    """Which revision of an installed module needs one of `absent`, in words."""
    graph = project.graph
    for step in plan.steps:
        if step.revision.module not in installed:
            continue
        for parent in graph.parents[step.revision.id]:
            if graph.revisions[parent].module == absent:
                return f": {step.revision.id} of {step.revision.module} depends on its {parent}"
    return ""
