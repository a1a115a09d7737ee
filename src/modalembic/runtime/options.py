"""How a run behaves, and who is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic.config import Configuration
from modalembic.errors import ProjectWarning
from modalembic.history.plan import Plan, Step

if TYPE_CHECKING:
    from modalembic.postgres.lock import Holder


@dataclass(frozen=True)
class Options:
    """Options of a run; None takes the configuration's value. Times are seconds.

    `x` are Alembic's `-x` arguments (`key=value`), `tag` its `--tag`. `preflight` loads every file
    before the first step runs. `allow_orphans` are rows that may stay unknown.
    """

    lock_wait: float | None = None
    lock_timeout: float | None = None
    statement_timeout: float | None = None
    retries: int | None = None
    preflight: bool = True
    allow_orphans: tuple[str, ...] = ()
    x: tuple[str, ...] = ()
    tag: str | None = None

    def settled(self, configuration: Configuration) -> Settled:
        """These options with the configuration's values for those that were not given."""
        return Settled(
            lock_wait=_given(self.lock_wait, configuration.lock_wait),
            lock_timeout=_given(self.lock_timeout, configuration.lock_timeout),
            statement_timeout=_given(self.statement_timeout, configuration.statement_timeout),
            retries=int(_given(self.retries, configuration.retries)),
            preflight=self.preflight,
            allow_orphans=frozenset((*configuration.allow_orphans, *self.allow_orphans)),
            x=self.x,
            tag=self.tag,
        )


@dataclass(frozen=True)
class Settled:
    """`Options` with nothing left open."""

    lock_wait: float
    lock_timeout: float
    statement_timeout: float
    retries: int
    preflight: bool
    allow_orphans: frozenset[str]
    x: tuple[str, ...]
    tag: str | None


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


class Observer:
    """Told what happens while a run goes on; a base class whose methods do nothing."""

    def event(self, text: str) -> None:
        """Something worth a line: a server starts, say."""

    def warning(self, warning: ProjectWarning) -> None:
        """Something that runs as it stands, and is a trap."""

    def waiting(self, holder: Holder | None, seconds: float) -> None:
        """Another run holds the lock (None: nobody can be named); `seconds` waited so far."""

    def planned(self, plan: Plan) -> None:
        """The plan is made, under the locks."""

    def started(self, step: Step) -> None:
        """A revision is about to run."""

    def retrying(self, step: Step, attempt: int, pause: float) -> None:
        """A lock was not to be had in time; the revision was rolled back and runs again."""

    def finished(self, step: Step, ms: float) -> None:
        """A revision and its rows are committed."""
