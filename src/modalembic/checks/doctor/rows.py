"""The rows of the version table: implied by another, or of nobody here."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding for each row that is not simply a revision that this code has."""
    yield from _implied(patient)
    yield from _orphans(patient)


def _implied(patient: Patient) -> Iterator[Finding]:
    situation = patient.situation
    for row, by in situation.state.implied.items():
        yield Finding(
            rule="doctor/implied-row",
            severity="warning",
            message=f"{situation.versions.name} has both {row} and {by}, which implies it; stock "
            'Alembic stops at that ("overlaps")',
            module=patient.project.graph.revisions[row].module,
            object="row",
            name=row,
            fix="modalembic repair",
        )


def _orphans(patient: Patient) -> Iterator[Finding]:
    yield from ()
