"""Revisions that left their transaction and have not ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding
from modalembic.runtime.holders import work_holder
from modalembic.runtime.trace.found import Trace, read_open
from modalembic.runtime.trace.outcome import Outcome, outcome_of
from modalembic.runtime.trace.require import REPAIR, fix_of, is_moot


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding for each, the newest first: how far it came, and what mends it."""
    holder = work_holder(patient.session, patient.situation.versions)
    for trace in read_open(patient.session, patient.situation.history):
        if holder is not None:
            yield _finding(
                patient,
                trace,
                "doctor/not-ended",
                f"{trace.title} has not ended: {trace.reached}; a backend still holds the lock "
                f"({holder})",
                reason="it may be at work; ask again when it is gone",
            )
        elif is_moot(trace, patient.situation):
            yield _finding(
                patient,
                trace,
                "doctor/interrupted",
                f"{trace.title}, and the version rows say that it was done since",
                fix=REPAIR,
            )
        elif trace.settled:
            yield _settled(patient, trace)
        else:
            yield _unsettled(patient, trace, outcome_of(patient.session, trace))


def _settled(patient: Patient, trace: Trace) -> Finding:
    return _finding(
        patient,
        trace,
        "doctor/half-done",
        f"{trace.title}: {trace.reached}; the next {trace.direction} goes on from there",
        fix="modalembic upgrade heads"
        if trace.direction == "upgrade"
        else f"modalembic downgrade {trace.module}@-1",
    )


def _unsettled(patient: Patient, trace: Trace, outcome: Outcome) -> Finding:
    error = f"; it failed with: {trace.error}" if trace.error else ""
    became = outcome.text if outcome.is_proven else outcome.reason
    message = f"{trace.title}: {trace.reached}; {became}{error}"
    return _finding(patient, trace, "doctor/interrupted", message, fix=fix_of(trace, outcome))


def _finding(
    patient: Patient,
    trace: Trace,
    rule: str,
    message: str,
    *,
    fix: str | None = None,
    reason: str | None = None,
) -> Finding:
    revision = patient.project.graph.revisions.get(trace.revision)
    return Finding(
        rule=rule,
        severity="warning" if rule == "doctor/not-ended" else "error",
        message=message,
        module=trace.module,
        object="revision",
        name=trace.revision,
        path=None if revision is None else Path(revision.path),
        line=None if revision is None else revision.line,
        fix=fix,
        fix_reason=reason,
    )
