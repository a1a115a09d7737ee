"""Progress of a run on stderr: a bar where there is a terminal, plain lines where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from modalembic.errors import ProjectWarning
from modalembic.history.plan import Plan, Step
from modalembic.reporting.text import (
    counted,
    first_line,
    held_lines,
    undone_lines,
    warning_lines,
)
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from modalembic.postgres.lock import Holder
    from modalembic.runtime.applied import AppliedStep


class LineProgress(Observer):
    """A line for each step, with `verbose` the locks that it held as well; `quiet` writes nothing.
    `done` has what was committed so far."""

    def __init__(
        self, stream: TextIO | None = None, *, quiet: bool = False, verbose: bool = False
    ) -> None:
        self._stream = stream
        self._quiet = quiet
        self._verbose = verbose
        self._total = 0
        self.run_id: str | None = None
        self.done: list[AppliedStep] = []

    def write(self, line: str) -> None:
        """One line for the reader."""
        print(line, file=self._stream or sys.stderr, flush=True)

    def begun(self, run_id: str) -> None:
        self.run_id = run_id

    def event(self, text: str) -> None:
        if not self._quiet:
            self.write(text)

    def warning(self, warning: ProjectWarning) -> None:
        if not self._quiet:
            for line in warning_lines(warning):
                self.write(line)

    def close(self) -> None:
        """The run has ended."""

    def waiting(self, holder: Holder | None, seconds: float) -> None:
        who = f"held by {holder}" if holder is not None else "held by another run"
        waited = f", {seconds:.0f} s so far" if seconds >= 1 else ""
        self.event(f"waiting for the lock, {who}{waited}")

    def planned(self, plan: Plan) -> None:
        self._total = len(plan.steps)
        if plan.direction == "downgrade":
            for line in undone_lines(plan):
                self.event(line)
            return
        modules = plan.modules()
        self.event(
            f"{plan.direction}: {counted(self._total, 'revision')} "
            f"of {counted(len(modules), 'module')}"
        )

    def retrying(self, step: Step, attempt: int, pause: float, why: str) -> None:
        self.event(
            f"{step.revision.module} {step.revision.id}: {why}, rolled back; "
            f"attempt {attempt + 1} in {pause:.1f} s"
        )

    def finished(self, done: AppliedStep) -> None:
        self.done.append(done)
        if self._quiet:
            return
        revision, width = done.step.revision, len(str(self._total))
        summary = first_line(revision.doc)
        self.write(
            f"[{len(self.done):>{width}}/{self._total}] {revision.module} {revision.id}"
            + (f" {summary}" if summary else "")
            + f" ({done.ms:.0f} ms)"
        )
        for line in held_lines(done) if self._verbose else ():
            self.write(line)


class BarProgress(LineProgress):
    """A bar with the module and the revision at work."""

    def __init__(self) -> None:
        super().__init__()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def write(self, line: str) -> None:
        if self._progress is None:
            super().write(line)
        else:
            self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def planned(self, plan: Plan) -> None:
        super().planned(plan)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        self._progress = Progress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Elapsed(),
            TextColumn("{task.fields[module]} {task.fields[revision]}", markup=False),
            console=Console(stderr=True),
        )
        self._progress.start()
        self._task = self._progress.add_task("", total=len(plan.steps), module="", revision="")

    def started(self, step: Step) -> None:
        self._update(module=step.revision.module, revision=step.revision.id)

    def finished(self, done: AppliedStep) -> None:
        self.done.append(done)
        self._update(advance=1)

    def close(self) -> None:
        """Leave the bar as it stands and give the terminal back."""
        if self._progress is not None:
            self._update(module="", revision="")
            self._progress.stop()
            self._progress = None

    def _update(self, **fields: object) -> None:
        if self._progress is not None and self._task is not None:
            update: Callable[..., None] = self._progress.update
            update(self._task, **fields)
