"""What a run does beside the steps of its plan, under its locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modalembic.history.plan import Plan
    from modalembic.postgres.url import DatabaseURL
    from modalembic.runtime.connection.session import Session
    from modalembic.runtime.execute import Executor
    from modalembic.runtime.state.situation import Situation


class Task:
    """A run of revisions and nothing else; a base class for runs that do more."""

    def begin(self, session: Session, situation: Situation, plan: Plan, run_id: str) -> None:
        """Called once, outside of any transaction: the locks are held and the plan is made, which
        may have no steps. What is raised here ends the run before its first step."""

    def executor(self, url: DatabaseURL | None, *arguments: Any, **named: Any) -> Executor:
        """What runs the steps of a plan that has any: `Executor` with these arguments. `url` is
        the database's; None where only `env.py` knows it."""
        from modalembic.runtime.execute import Executor

        del url
        return Executor(*arguments, **named)
