"""What is told of a run that was ended."""

from __future__ import annotations

from typing import cast

from modalembic.errors import MigrationFailed, RunStopped
from modalembic.runtime.failure import failed_step
from modalembic.runtime.stopping.stop import Stop

NOT_TRANSACTIONAL = (
    "the revision left its transaction, so what it did before stays: `modalembic doctor` shows how "
    "far it came"
)


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
        hint="the revision was rolled back; the next run goes on from there"
        if stop.is_transactional()
        else NOT_TRANSACTIONAL,
        path=str(failed["path"]),
        line=cast("int | None", failed["line"]),
    )
    told.failed = failed
    return told


def _idle(stop: Stop) -> RunStopped:
    return RunStopped(
        f"{stop.reason} ended the run; no revision was at work",
        hint="what was committed stays; the next run goes on from there",
    )
