"""The functions behind `modalembic upgrade` and `modalembic downgrade`."""

from __future__ import annotations

from collections.abc import Sequence

from modalembic.project import Project
from modalembic.runtime.observers.several import with_hooks
from modalembic.runtime.options import Observer, Options
from modalembic.runtime.planning import downgrade_plan, upgrade_plan
from modalembic.runtime.run import RunResult, run


def upgrade(
    project: Project,
    target: str = "heads",
    *,
    modules: Sequence[str] = (),
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> RunResult:
    """Upgrade a database to `target`, or `modules` and what they depend on to their heads.

    `database` is a URL, `embedded` or `container`; None takes the environment's, the
    configuration's, or `env.py`'s own. Raises what is wrong with the project, the target, the
    database or a revision (MigrationFailed; what was committed before it stays).
    """
    project.require_sound()
    for name in modules:
        project.module(name)
    wanted = ", ".join(f"{name}@head" for name in modules) or target
    return run(
        project,
        lambda state: upgrade_plan(project, target, state, modules=modules),
        database=database,
        options=options or Options(),
        observer=with_hooks(project, "upgrade", wanted, observer),
        destination=target,
    )


def downgrade(
    project: Project,
    target: str,
    *,
    cascade: bool = False,
    database: str | None = None,
    options: Options | None = None,
    observer: Observer | None = None,
) -> RunResult:
    """Undo the revisions above `target`.

    Raises CrossesModules, before anything is undone, where that takes revisions of other modules
    with it and `cascade` is false; otherwise as `upgrade`.
    """
    return run(
        project,
        lambda state: downgrade_plan(project, target, state, cascade=cascade),
        database=database,
        options=options or Options(),
        observer=with_hooks(project, "downgrade", target, observer),
        destination=target,
    )
