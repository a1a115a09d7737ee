"""What is told of a run that was ended."""

from __future__ import annotations

from typing import cast

from modalembic.errors import MigrationFailed, RunStopped
from modalembic.runtime.failure import LEFT, failed_step
from modalembic.runtime.stopping.stop import Stop

ROLLED_BACK = "the revision was rolled back; the next run goes on from there"


def stopped(stop: Stop, error: BaseException) -> RunStopped:
    """The error for a run that ended with `error` because `stop` was asked to."""
    told = _told(stop, error)
    told.applied, told.database = tuple(stop.done), stop.database
    return told


def _told(stop: Stop, error: BaseException) -> RunStopped:
    if isinstance(error, MigrationFailed):
        failed, message = error.failed, f": {error.failed['error']}"
    elif stop.step is not None:
        failed, message = failed_step(stop.step, error, f"ended by {stop.reason}"), ""
    else:
        return _idle(stop)
    told = RunStopped(
        f"{stop.reason} ended the run in {failed['revision']} ({failed['module']}){message}",
        hint=_hint(stop, error),
        path=str(failed["path"]),
        line=cast("int | None", failed["line"]),
    )
    told.failed = failed
    return told


def _hint(stop: Stop, error: BaseException) -> str:
    if stop.is_transactional():
        return ROLLED_BACK
    return (error.hint if isinstance(error, MigrationFailed) else None) or LEFT


def _idle(stop: Stop) -> RunStopped:
    return RunStopped(
        f"{stop.reason} ended the run; no revision was at work",
        hint="what was committed stays; the next run goes on from there",
    )
