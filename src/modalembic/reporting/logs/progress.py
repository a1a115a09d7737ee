"""Progress of a run as objects in a log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modalembic.errors import ModalembicError, ProjectWarning
from modalembic.history.plan import Plan, Step
from modalembic.reporting.logs.log import JsonLog
from modalembic.reporting.progress import LineProgress
from modalembic.reporting.text import counted, first_line

if TYPE_CHECKING:
    from modalembic.postgres.lock import Holder
    from modalembic.postgres.url import DatabaseURL
    from modalembic.runtime.applied import AppliedStep


class LoggedProgress(LineProgress):
    """Writes to `log`. With `quiet` nothing but what went wrong."""

    def __init__(self, log: JsonLog, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self._log = log
        self._start = time.monotonic()
        self._database: str | None = None
        self._stamped = False

    def begun(self, run_id: str) -> None:
        super().begun(run_id)
        self._start = time.monotonic()
        self._log.at_work["run_id"] = run_id

    def connecting(self, url: DatabaseURL | None) -> None:
        self._database = None if url is None else url.safe

    def event(self, text: str) -> None:
        self._write("message", text)

    def warning(self, warning: ProjectWarning) -> None:
        self._write("warning", warning.message, level="warning", **told(warning))

    def waiting(self, holder: Holder | None, seconds: float) -> None:
        who = f"held by {holder}" if holder is not None else "held by another run"
        pid = holder.pid if holder is not None else None
        self._write("waiting", f"waiting for the lock, {who}", ms=_ms(seconds), holder=pid)

    def planned(self, plan: Plan) -> None:
        revisions, modules = counted(len(plan.steps), "revision"), plan.modules()
        self._write(
            "planned",
            f"{plan.direction}: {revisions} of {counted(len(modules), 'module')}",
            direction=plan.direction,
            target=plan.target,
            revisions=len(plan.steps),
        )

    def started(self, step: Step) -> None:
        revision = step.revision
        self._log.at_work.update(revision=revision.id, module=revision.module, attempt=1)
        self._write("revision-started", first_line(revision.doc), direction=step.direction)

    def stamping(self, before: Sequence[str], after: Sequence[str]) -> None:
        self._stamped = True
        rows = ", ".join(after) or "none"
        self._write("stamping", f"version rows: {rows}", before=before, after=after)

    def retrying(self, step: Step, attempt: int, pause: float, why: str) -> None:
        del step
        self._write("retrying", f"{why}, rolled back", level="warning", pause_ms=_ms(pause))
        self._log.at_work["attempt"] = attempt + 1

    def failed(self, step: Step, error: BaseException) -> None:
        more = told(error) if isinstance(error, ModalembicError) else {}
        message = str(error).partition("\n")[0] or type(error).__name__
        direction = step.direction
        self._log.write("revision-failed", message, level="error", direction=direction, **more)
        self._log.at_work.update(revision=None, module=None, attempt=None)

    def finished(self, done: AppliedStep) -> None:
        self.done.append(done)
        self._write(
            "revision-finished",
            first_line(done.step.revision.doc),
            ms=done.ms,
            direction=done.step.direction,
            locks=[lock.document for lock in done.locks],
        )
        self._log.at_work.update(revision=None, module=None, attempt=None)

    def ended(self) -> None:
        count = len(self.done)
        ms = _ms(time.monotonic() - self._start)
        said = f"{counted(count, 'revision')} committed" if count else "nothing to do"
        said = "version rows written" if self._stamped else said
        self._write("run-finished", said, ms=ms, revisions=count, database=self._database)

    def _write(self, event: str, message: str, **more: Any) -> None:
        if not self._quiet:
            self._log.write(event, message, **more)


def told(subject: ModalembicError | ProjectWarning) -> dict[str, Any]:
    """The fields of an error or a warning beside its message."""
    return {
        "code": subject.code,
        "hint": subject.hint,
        "path": None if subject.path is None else str(subject.path),
        "line": subject.line,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
