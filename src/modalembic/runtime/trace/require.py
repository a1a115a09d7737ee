"""Nothing runs over a revision that was interrupted, until that is settled."""

from __future__ import annotations

from modalembic.errors import RevisionInterrupted
from modalembic.history.plan import Plan
from modalembic.project import Project
from modalembic.runtime.connection.session import Session
from modalembic.runtime.state.situation import Situation
from modalembic.runtime.trace.found import Trace, person_hint, read_open
from modalembic.runtime.trace.outcome import Outcome, outcome_of

REPAIR = "modalembic repair"


def is_moot(trace: Trace, situation: Situation) -> bool:
    """Whether the version rows say that what was interrupted is done: by a stamp, or by stock
    Alembic."""
    return (trace.direction == "upgrade") == (trace.revision in situation.state.applied)


def settled_traces(
    project: Project, session: Session, situation: Situation, plan: Plan
) -> dict[str, Trace]:
    """The revisions of `plan` that were interrupted and are to be gone on with.

    Raises RevisionInterrupted where one is not settled, or where the plan would leave half of one
    behind.
    """
    if not plan.steps:
        return {}
    found: dict[str, Trace] = {}
    for trace in read_open(session, situation.history):
        if is_moot(trace, situation):
            continue
        if not trace.settled:
            outcome = outcome_of(session, trace)
            if outcome.is_nothing and not outcome.clean:
                continue  # it begins anew, with a row of its own
            raise _unsettled(project, trace, outcome)
        _require_direction(project, trace, plan)
        found.setdefault(trace.revision, trace)
    return found


def fix_of(trace: Trace, outcome: Outcome) -> str:
    """The command that settles a trace."""
    if outcome.is_busy:
        return f"{REPAIR}, as soon as that backend is gone"
    return REPAIR if outcome.is_proven else person_hint(trace)


def _unsettled(project: Project, trace: Trace, outcome: Outcome) -> RevisionInterrupted:
    reason = "" if outcome.is_proven else f"; {outcome.reason}"
    revision = project.graph.revisions.get(trace.revision)
    return RevisionInterrupted(
        f"{trace.title}: {trace.reached}{reason}; nothing was run",
        hint=fix_of(trace, outcome),
        path=None if revision is None else revision.path,
        line=None if revision is None else revision.line,
    )


def _require_direction(project: Project, trace: Trace, plan: Plan) -> None:
    """Raise RevisionInterrupted where the plan goes the other way, over a revision that is half
    there."""
    if trace.direction == plan.direction:
        return
    parents = project.graph.parents.get(trace.revision, ())
    concerned = {trace.revision, *parents} if trace.direction == "upgrade" else {trace.revision}
    if concerned & {step.revision.id for step in plan.steps} or trace.direction == "downgrade":
        raise RevisionInterrupted(
            f"{trace.title}: {trace.reached}; it is to be gone on with before {_a(plan.direction)}",
            hint=f"modalembic {_command(trace)}; or {person_hint(trace)}",
        )


def _a(direction: str) -> str:
    return f"an {direction}" if direction == "upgrade" else f"a {direction}"


def _command(trace: Trace) -> str:
    """What goes on with it: a downgrade to below the revision, or an upgrade to it."""
    if trace.direction == "upgrade":
        return f"upgrade {trace.revision}"
    return f"downgrade {trace.module}@-1"
