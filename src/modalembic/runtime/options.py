"""How a run behaves, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modalembic.config import Configuration
from modalembic.errors import ProjectWarning
from modalembic.history.plan import Plan, Step

if TYPE_CHECKING:
    from modalembic.postgres.lock import Holder
    from modalembic.postgres.url import DatabaseURL
    from modalembic.runtime.applied import AppliedStep


@dataclass(frozen=True)
class Options:
    """Options of a run; None takes the configuration's value. Times are seconds.

    `x` are Alembic's `-x` arguments (`key=value`), `tag` its `--tag`. `preflight` loads every file
    before the first step runs. `allow_orphans` are rows that may stay unknown. `strict` refuses
    where a revision that the database has run is not what it was. `timeout` is for the whole run
    (0: none), `allow_pooler` goes on behind a connection pooler that may not keep sessions.
    """

    lock_wait: float | None = None
    lock_timeout: float | None = None
    statement_timeout: float | None = None
    retries: int | None = None
    preflight: bool = True
    allow_orphans: tuple[str, ...] = ()
    strict: bool | None = None
    timeout: float | None = None
    allow_pooler: bool | None = None
    x: tuple[str, ...] = ()
    tag: str | None = None

    def settled(self, configuration: Configuration) -> Settled:
        """These options with the configuration's values for those that were not given."""
        return Settled(
            lock_wait=_given(self.lock_wait, configuration.lock_wait),
            lock_timeout=_limit(_given(self.lock_timeout, configuration.lock_timeout)),
            statement_timeout=_limit(
                _given(self.statement_timeout, configuration.statement_timeout)
            ),
            retries=int(_given(self.retries, configuration.retries)),
            preflight=self.preflight,
            allow_orphans=frozenset((*configuration.allow_orphans, *self.allow_orphans)),
            strict=configuration.strict if self.strict is None else self.strict,
            timeout=_given(self.timeout, configuration.timeout),
            allow_pooler=configuration.allow_pooler
            if self.allow_pooler is None
            else self.allow_pooler,
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
    strict: bool
    timeout: float
    allow_pooler: bool
    x: tuple[str, ...]
    tag: str | None


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _limit(seconds: float) -> float:
    """`seconds` for Postgres, which counts milliseconds and takes 0 for no limit."""
    return max(seconds, 0.001) if seconds > 0 else seconds


class Observer:
    """Told what happens while a run goes on; a base class whose methods do nothing."""

    def begun(self, run_id: str) -> None:
        """A run begins; nothing has been asked of the database yet."""

    def connecting(self, url: DatabaseURL | None) -> None:
        """The server is there; None where only `env.py` knows which."""

    def event(self, text: str) -> None:
        """Something worth a line: a server starts, say."""

    def warning(self, warning: ProjectWarning) -> None:
        """Something that runs as it stands, and is a trap."""

    def waiting(self, holder: Holder | None, seconds: float) -> None:
        """Another run holds the lock (None: nobody can be named); `seconds` waited so far."""

    def planned(self, plan: Plan) -> None:
        """The plan is made, under the locks, and has steps; what is raised here stops the run
        before anything is written."""

    def started(self, step: Step) -> None:
        """A revision is about to run."""

    def stamping(self, before: Sequence[str], after: Sequence[str]) -> None:
        """Version rows are about to be written, under the locks; nothing runs."""

    def retrying(self, step: Step, attempt: int, pause: float, why: str) -> None:
        """A lock was not to be had in time, say; the revision was rolled back and runs again."""

    def failed(self, step: Step, error: BaseException) -> None:
        """A revision has failed for good; `error` is what is raised."""

    def finished(self, done: AppliedStep) -> None:
        """A revision and its rows are committed."""

    def ended(self) -> None:
        """The run has done all that it had to do, and given its locks back."""

    def broken(self, error: BaseException) -> None:
        """The run has ended with `error`, and given its locks back."""
