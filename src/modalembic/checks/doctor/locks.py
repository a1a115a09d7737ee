"""Who holds the locks that an upgrade waits for."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding
from modalembic.postgres.lock import Holder
from modalembic.runtime.holders import run_holder, work_holder


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding where a run is at work, or where one is dead and its backend is not."""
    table = patient.situation.versions
    run, work = run_holder(patient.session, table), work_holder(patient.session, table)
    if run is not None:
        yield _finding(
            "doctor/running",
            "info",
            f"a run is at work: it holds the lock ({run})",
            run,
            "wait for it; what is found beside this may be of its making",
        )
    elif work is not None:
        yield _finding(
            "doctor/dead-run",
            "warning",
            f"a run is gone, and its backend is still at work and holds the lock ({work})",
            work,
            f"wait until its statement ends; or SELECT pg_terminate_backend({work.pid})",
        )


def _finding(rule: str, severity: str, message: str, holder: Holder, reason: str) -> Finding:
    return Finding(
        rule=rule,
        severity="info" if severity == "info" else "warning",
        message=message,
        object="backend",
        name=str(holder.pid),
        fix_reason=reason,
    )
