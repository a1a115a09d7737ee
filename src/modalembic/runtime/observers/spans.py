"""A span of OpenTelemetry for a run, and one for each revision in it.

Where `opentelemetry-api` is not installed there are none. It is not even looked for before there is
something to run, so that a run that has nothing to do costs nothing and leaves no span. Who listens
to spans is for the process to say that calls modalembic, as `opentelemetry-instrument` does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modalembic._version import __version__
from modalembic.history.plan import Plan, Step
from modalembic.postgres.redaction import redact, redact_urls
from modalembic.runtime.options import Observer

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from modalembic.postgres.url import DatabaseURL
    from modalembic.runtime.applied import AppliedStep


class Spans(Observer):
    """Makes the spans of one call of `command`."""

    def __init__(self, command: str, target: str) -> None:
        self._name = command
        self._attributes: dict[str, Any] = {
            "db.system.name": "postgresql",
            "modalembic.target": target,
        }
        self._url: DatabaseURL | None = None
        self._start = 0
        self._tracer: Tracer | None = None
        self._run: Span | None = None
        self._revision: Span | None = None
        self._attached: Any = None

    def begun(self, run_id: str) -> None:
        self._start = time.time_ns()
        self._attributes["modalembic.run_id"] = run_id

    def connecting(self, url: DatabaseURL | None) -> None:
        self._url = url
        if url is not None:
            self._attributes["db.namespace"] = url.database or url.user or ""

    def planned(self, plan: Plan) -> None:
        self._begin(len(plan.steps))

    def stamping(self, before: Sequence[str], after: Sequence[str]) -> None:
        self._begin(len(set(after) - set(before)))

    def started(self, step: Step) -> None:
        if self._tracer is None or self._run is None:
            return
        from opentelemetry import context, trace

        revision = step.revision
        self._revision = self._tracer.start_span(
            f"{step.direction} {revision.module} {revision.id}",
            trace.set_span_in_context(self._run),
            attributes={
                **self._attributes,
                "modalembic.revision": revision.id,
                "modalembic.module": revision.module,
                "modalembic.direction": step.direction,
                "modalembic.attempt": 1,
            },
        )
        # What the revision does itself (SQLAlchemy has spans too) belongs below it.
        self._attached = context.attach(trace.set_span_in_context(self._revision))

    def retrying(self, step: Step, attempt: int, pause: float, why: str) -> None:
        del step
        if self._revision is not None:
            self._revision.set_attribute("modalembic.attempt", attempt + 1)
            self._revision.add_event("retry", {"reason": why, "pause_ms": round(pause * 1000)})

    def finished(self, done: AppliedStep) -> None:
        if self._revision is not None:
            for lock in done.locks:
                self._revision.add_event("lock held", {**lock.document, "table": lock.table or ""})
        self._end_revision()

    def failed(self, step: Step, error: BaseException) -> None:
        del step
        self._fail(self._revision, error)
        self._end_revision()

    def ended(self) -> None:
        if self._run is not None:
            self._run.end()

    def broken(self, error: BaseException) -> None:
        if self._run is None:
            self._begin(0)
        self._fail(self._run, error)
        self.ended()

    def _begin(self, revisions: int) -> None:
        try:
            from opentelemetry import trace
        except ImportError:
            return
        self._tracer = trace.get_tracer("modalembic", __version__)
        self._run = self._tracer.start_span(
            f"modalembic {self._name}",
            start_time=self._start,
            attributes={**self._attributes, "modalembic.revisions": revisions},
        )

    def _end_revision(self) -> None:
        if self._revision is None:
            return
        from opentelemetry import context

        context.detach(self._attached)
        self._revision.end()
        self._revision = None

    def _fail(self, span: Span | None, error: BaseException) -> None:
        if span is None:
            return
        from opentelemetry.trace import Status, StatusCode

        message = self._scrubbed(str(error) or type(error).__name__)
        # Its own way to record an exception has the traceback too, with whatever that says.
        span.add_event(
            "exception",
            {
                "exception.type": f"{type(error).__module__}.{type(error).__qualname__}",
                "exception.message": message,
            },
        )
        span.set_attribute("error.type", getattr(error, "code", type(error).__qualname__))
        span.set_status(Status(StatusCode.ERROR, message))

    def _scrubbed(self, text: str) -> str:
        return redact_urls(text if self._url is None else redact(text, self._url))
