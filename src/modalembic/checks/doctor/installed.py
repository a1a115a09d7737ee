"""Modules that were uninstalled, and what speaks against that."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding
from modalembic.runtime.tables.installed.which import lacking


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding for each module that was uninstalled and has revisions that are applied, or is
    required by one that is installed."""
    yield from _applied(patient)
    yield from _required(patient)


def _applied(patient: Patient) -> Iterator[Finding]:
    project, situation = patient.project, patient.situation
    for name, fact in situation.facts.items():
        if fact.installed or name not in project.by_name:
            continue
        own = project.graph.of_module.get(name, ())
        last = project.graph.tops(id_ for id_ in own if id_ in situation.state.applied)
        if last:
            yield Finding(
                rule="doctor/uninstalled-applied",
                severity="warning",
                message=f"{name} was uninstalled by {fact.who} at {fact.since:%Y-%m-%d %H:%M:%S %Z}"
                f", and the database is at {', '.join(last)} of it",
                module=name,
                object="module",
                name=name,
                fix=f"modalembic uninstall {name}, or modalembic install {name} if it is to stay",
            )


def _required(patient: Patient) -> Iterator[Finding]:
    installed = patient.situation.state.installed or frozenset()
    for name, required in lacking(patient.project, installed):
        yield Finding(
            rule="doctor/requires-uninstalled",
            severity="warning",
            message=f"{name} requires {required}, which was uninstalled in this database: the next "
            f"revision of {name} is refused",
            module=name,
            object="module",
            name=required,
            fix=f"modalembic install {required}, or modalembic uninstall {name}",
        )
