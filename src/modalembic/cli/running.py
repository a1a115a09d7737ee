"""What commands share that run revisions: progress, and how a run is told of when it has ended."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from modalembic.cli.ending import interrupted, report
from modalembic.cli.frame import Frame
from modalembic.errors import MigrationFailed, ModalembicError, RunStopped

if TYPE_CHECKING:
    from modalembic.reporting.progress import LineProgress

Result = TypeVar("Result")


def run_to_end(
    frame: Frame,
    progress: LineProgress,
    target: str,
    work: Callable[[], Result],
    document: Callable[[Result], dict[str, Any]],
    lines: Callable[[Result, float], Iterable[str]],
) -> int:
    """Do `work`, and show what came of it: as `document`, or as `lines`, which are told how many
    seconds it took. The exit code, also of a run that has failed half way."""
    start = time.monotonic()
    # What is loaded stays; from here on a project's own code may make garbage.
    gc.freeze()
    gc.enable()
    try:
        result = work()
    except (ModalembicError, KeyboardInterrupt) as error:
        progress.close()
        if not progress.done and not isinstance(error, MigrationFailed | RunStopped):
            raise
        return _stopped(frame, progress, target, error)
    finally:
        progress.close()
    seconds = time.monotonic() - start
    frame.show(lambda: document(result), lambda: lines(result, seconds))
    return 0


def _stopped(
    frame: Frame, progress: LineProgress, target: str, error: ModalembicError | KeyboardInterrupt
) -> int:
    """Tell what ended a run that was at work; the exit code."""
    from modalembic.reporting.document import failure_document
    from modalembic.reporting.text import counted

    told = error if isinstance(error, ModalembicError) else interrupted(error)
    report(frame, told, failure_document(told, target, progress.run_id, progress.done), cause=error)
    if progress.done and not (frame.json or frame.quiet):
        were = "was" if len(progress.done) == 1 else "were"
        done = counted(len(progress.done), "revision")
        frame.tell([f"{done} {were} committed before it; the next run goes on from there"])
    return told.exit_code


def progress_of(frame: Frame) -> LineProgress:
    """The observer that tells how a run goes on, on stderr."""
    from modalembic.reporting.progress import BarProgress

    bar = frame.log is None and not (frame.quiet or frame.verbose) and sys.stderr.isatty()
    return BarProgress() if bar else lines_of(frame)


def lines_of(frame: Frame) -> LineProgress:
    """The observer for what takes no bar: lines, or objects of the log."""
    if frame.log is not None:
        from modalembic.reporting.logs.progress import LoggedProgress

        return LoggedProgress(frame.log, quiet=frame.quiet)
    from modalembic.reporting.progress import LineProgress

    return LineProgress(quiet=frame.quiet, verbose=frame.verbose)
