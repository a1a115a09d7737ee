"""`install`: a module, and what it requires, from now on belong to a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modalembic.errors import UsageError
from modalembic.history.plan import Plan, plan_upgrade
from modalembic.history.state import State
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.observers.several import with_hooks
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.question import ask, ask_environment
from modalembic.runtime.run import RunResult, run
from modalembic.runtime.state.situation import Situation, require_ids_fit
from modalembic.runtime.tables.history import who
from modalembic.runtime.tables.installed.which import (
    heads_of,
    installed_modules,
    require_installed,
    required_by,
)
from modalembic.runtime.task import Task


@dataclass(frozen=True)
class ToInstall:
    """What an installation would do: the `modules` that were named, those that they `require` and
    that the database does not have yet, and the plan. `database` without its password, None where
    none is named, and where only `env.py` knows it."""

    modules: tuple[str, ...]
    required: tuple[str, ...]
    plan: Plan
    database: str | None


@dataclass(frozen=True)
class ModulesInstalled:
    """What an installation did; `required` are the modules that came with those that were named."""

    modules: tuple[str, ...]
    required: tuple[str, ...]
    run: RunResult


def install(
    project: Project,
    modules: str | Sequence[str],
    *,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> ModulesInstalled:
    """Record that the database has `modules` and what they require, and upgrade it to their heads,
    in one run under its locks.

    It is recorded before the first revision runs: where one fails, the next `upgrade heads` goes
    on. Raises UnknownModule, NotInstalled, and what `upgrade` raises.
    """
    named = _named(project, modules)
    task = _Install(project, named)
    result = run(
        project,
        lambda state: _plan(project, named, state),
        database=database,
        options=options or Options(),
        observer=with_hooks(project, "install", _target(named), observer),
        destination=_target(named),
        task=task,
    )
    return ModulesInstalled(named, _required(project, named, result.state), result)


def plan_install(
    project: Project,
    modules: str | Sequence[str],
    *,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> ToInstall:
    """What `install` would do; nothing is run, recorded or locked. Raises what `install` raises
    before its first step."""
    named = _named(project, modules)
    observer = observer or Observer()
    found = ask(project, database, observer=observer) or ask_environment(project, options)
    settled = (options or Options()).settled(project.configuration)
    found.situation.require_known(project, settled.allow_orphans)
    for warning in found.situation.warnings(project):
        observer.warning(warning)
    state = found.situation.state
    plan = _plan(project, named, state)
    require_ids_fit(found.situation.versions, (step.revision for step in plan.steps))
    return ToInstall(named, _required(project, named, state), plan, found.database)


def _named(project: Project, modules: str | Sequence[str]) -> tuple[str, ...]:
    project.require_sound()
    names = (modules,) if isinstance(modules, str) else tuple(dict.fromkeys(modules))
    if not names:
        raise UsageError("no module is named", hint="modalembic install MODULE")
    return tuple(project.module(name).name for name in names)


def _target(named: Sequence[str]) -> str:
    return ", ".join(f"{name}@head" for name in named)


def _required(project: Project, named: Sequence[str], state: State) -> tuple[str, ...]:
    """What `named` require and the database does not have, in order."""
    has = _has(project, state)
    wanted = required_by(project, named) - set(named) - has
    return tuple(name for name in project.module_order if name in wanted)


def _has(project: Project, state: State) -> frozenset[str]:
    return installed_modules(project) if state.installed is None else state.installed


def _plan(project: Project, named: Sequence[str], state: State) -> Plan:
    graph, wanted = project.graph, required_by(project, named)
    goals = heads_of(graph, wanted)
    plan = plan_upgrade(graph, _target(named), goals, state.applied, project.module_order)
    require_installed(project, plan, _has(project, state) | wanted)
    return plan


class _Install(Task):
    """Records the modules before the first step."""

    def __init__(self, project: Project, named: Sequence[str]) -> None:
        self._project = project
        self._named = named

    def begin(self, session: Session, situation: Situation, plan: Plan, run_id: str) -> None:
        del plan
        table = situation.modules
        situation.versions.require_primary()
        table.require_writable()
        names = (*_required(self._project, self._named, situation.state), *self._named)
        if all(name in situation.facts and situation.facts[name].installed for name in names):
            return
        with session.transaction():
            table.record(session, names, installed=True, who=who(), run_id=run_id)
