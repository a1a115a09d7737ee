"""Plans: what an upgrade or a downgrade would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modalembic.errors import CrossesModules, UsageError
from modalembic.history.plan import Plan, plan_downgrade, plan_upgrade
from modalembic.history.revision import Revision
from modalembic.history.state import State, read_state
from modalembic.history.targets import TargetResolver
from modalembic.project import Project
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.question import ask, ask_environment
from modalembic.runtime.state.edited import require_unedited
from modalembic.runtime.state.situation import require_ids_fit
from modalembic.runtime.tables.installed.which import (
    HEADS,
    heads_of,
    installed_modules,
    require_installed,
)
from modalembic.runtime.tables.version import assumed_table


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made for: the URL of the database without its password, or None for
    an empty database (`from_base`) or one that only `env.py` knows."""

    plan: Plan
    database: str | None
    from_base: bool
    state: State


def plan(
    project: Project,
    target: str = "heads",
    *,
    modules: Sequence[str] = (),
    downgrade: bool = False,
    cascade: bool = True,
    database: str | None = None,
    through_environment: bool = False,
    options: Options | None = None,
    observer: Observer | None = None,
) -> Planned:
    """The ordered steps to `target` and why each stands where it stands; nothing is run or locked.

    `modules` limits an upgrade to these modules and what they depend on. The database is the one
    named by `database`, the environment or the configuration; where none is named, it is the one
    that `env.py` connects to with `through_environment`, else an empty one. Raises what is wrong
    with the project, the target or the database.
    """
    project.require_sound()
    observer = observer or Observer()
    settled = (options or Options()).settled(project.configuration)
    strict = settled.strict and not downgrade
    found = ask(project, database, observer=observer, rows_of_history=strict)
    if found is None and through_environment:
        found = ask_environment(project, options, rows_of_history=strict)
    if found is None:
        state = read_state(project.graph, ())
    else:
        found.situation.require_known(project, settled.allow_orphans)
        if strict:
            require_unedited(project, found.situation)
        for warning in found.situation.warnings(project):
            observer.warning(warning)
        state = found.situation.state
    made = (
        downgrade_plan(project, target, state, cascade=cascade)
        if downgrade
        else upgrade_plan(project, target, state, modules=modules)
    )
    configuration = project.configuration
    table = (
        found.situation.versions
        if found
        else assumed_table(configuration.version_table, configuration.version_table_schema)
    )
    require_ids_fit(table, (step.revision for step in made.steps))
    return Planned(made, found.database if found else None, found is None, state)


def upgrade_plan(
    project: Project, target: str, state: State, *, modules: Sequence[str] = ()
) -> Plan:
    """The steps from `state` up to `target`, limited to `modules` and what they depend on."""
    _require_no_range(target)
    installed = state.installed
    assumed = installed_modules(project, applied=state.applied) if installed is None else installed
    goals = (
        _heads_of(project, target, modules)
        if modules
        else _goals(project, target, state.applied, assumed)
    )
    made = plan_upgrade(project.graph, target, goals, state.applied, project.module_order)
    # Where no database is asked, it has what the target names.
    if installed is not None or (target == HEADS and not modules):
        require_installed(project, made, assumed)
    return made


def _goals(
    project: Project, target: str, applied: frozenset[str], installed: frozenset[str]
) -> tuple[str, ...]:
    """The revisions that an upgrade has to reach: of `heads`, those of what is installed."""
    if target == HEADS and not installed.issuperset(project.by_name):
        return heads_of(project.graph, installed)
    return TargetResolver(project.graph, project.module_order, applied).upgrade(target)


def _require_no_range(target: str) -> None:
    if ":" in target:
        raise UsageError(
            f"{target!r} is a range, and a run starts from what the database has",
            hint="write its end alone; FROM:TO goes with --sql",
        )


def _heads_of(project: Project, target: str, modules: Iterable[str]) -> tuple[str, ...]:
    if target != "heads":
        raise UsageError(
            "--module and a TARGET do not go together",
            hint="--module M means the heads of M; give one or the other",
        )
    return tuple(
        head for name in modules for head in project.graph.heads.get(project.module(name).name, ())
    )


def downgrade_plan(project: Project, target: str, state: State, *, cascade: bool) -> Plan:
    """The steps from `state` down to `target`.

    Raises CrossesModules where that undoes revisions of other modules than the one that the target
    is about (without `cascade`), or what an orphan is built on.
    """
    _require_no_range(target)
    resolver = TargetResolver(project.graph, project.module_order, state.applied)
    undone = resolver.downgrade(target)
    made = plan_downgrade(project.graph, target, undone, project.module_order)
    held = sorted(undone & state.held)
    if held:
        raise CrossesModules(
            f"{held[0]} cannot be undone: {', '.join(state.orphans)}, which the database has and "
            "this code does not, is built on it",
            hint="downgrade that first, with the code that has it",
        )
    others = crossing(project, made, state)
    if others and not cascade:
        revisions = "revision" if len(others) == 1 else "revisions"
        named = ", ".join(f"{revision.id} of {revision.module}" for revision in others[:5])
        raise CrossesModules(
            f"downgrade {target} also undoes {len(others)} {revisions} of other modules: {named}"
            + (" …" if len(others) > 5 else ""),
            hint=f"`modalembic downgrade {target} --dry-run --cascade` shows all of it; "
            "--cascade does it",
        )
    return made


def crossing(project: Project, plan: Plan, state: State) -> tuple[Revision, ...]:
    """The revisions that a downgrade undoes in other modules than the one that its target is about;
    none where it is about all of them."""
    resolver = TargetResolver(project.graph, project.module_order, state.applied)
    about = resolver.module_of(plan.target)
    if about is None:
        return ()
    return tuple(step.revision for step in plan.steps if step.revision.module != about)
