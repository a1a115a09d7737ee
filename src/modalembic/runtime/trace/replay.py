"""A revision that is gone on with: what it did before comes again, and is not sent again."""

from __future__ import annotations

from typing import NoReturn

from modalembic.errors import RevisionInterrupted
from modalembic.history.plan import Step
from modalembic.runtime.trace.found import Trace, person_hint


class Replay:
    """The statements that `trace` says were committed have to come again as they were, in text,
    parameters and order. Nothing but SET is sent until they have."""

    def __init__(self, step: Step, trace: Trace) -> None:
        self._step = step
        self._trace = trace
        self.position = trace.position

    def rowcount(self, number: int) -> int:
        """The rows that the statement `number` changed then."""
        return self.position.rowcounts[number]

    def require_same(self, digest: str) -> None:
        """Raise RevisionInterrupted unless the statements were those that are noted."""
        if digest != self.position.digest:
            self.refuse("its statements are not those that it sent before")

    def require_complete(self, ran: int) -> None:
        """Raise RevisionInterrupted where it has ended before all came that it sent before."""
        if ran < self.position.ran:
            self.refuse("it sends fewer statements than it sent before")

    def refuse(self, reason: str) -> NoReturn:
        """Raise RevisionInterrupted."""
        revision = self._step.revision
        raise RevisionInterrupted(
            f"the {self._step.direction} of {revision.id} ({revision.module}) was interrupted "
            f"after {self.position.ran} statements, and cannot be gone on with: {reason}; nothing "
            "was run of it",
            hint=f"restore the file as it was; or {person_hint(self._trace)}",
            path=revision.path,
            line=revision.line,
        )
