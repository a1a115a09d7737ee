"""The rows of the version table: implied by another, or of nobody here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding
from modalembic.runtime.tables.origins import Origin, read_origins


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding for each row that is not simply a revision that this code has."""
    yield from _implied(patient)
    yield from _unknown(patient)
    yield from _unwritten(patient)


def _implied(patient: Patient) -> Iterator[Finding]:
    situation = patient.situation
    for row, by in situation.state.implied.items():
        revision = patient.project.graph.revisions[row]
        yield Finding(
            rule="doctor/implied-row",
            severity="warning",
            message=f"{situation.versions.name} has both {row} and {by}, which implies it; stock "
            'Alembic stops at that ("overlaps")',
            module=revision.module,
            object="row",
            name=row,
            path=Path(revision.path),
            line=revision.line,
            fix="modalembic repair",
        )


def _unknown(patient: Patient) -> Iterator[Finding]:
    situation = patient.situation
    origins = read_origins(patient.session, situation.history, situation.orphans)
    for row, module in situation.orphans.items():
        if module is None:
            yield _of_nobody(row)
        elif module in patient.project.by_name:
            yield _ahead(row, module, origins.get(row))
        else:
            yield _orphan(patient, row, module, origins.get(row))


def _of_nobody(row: str) -> Finding:
    return Finding(
        rule="doctor/unknown-row",
        severity="error",
        message=f"the row {row} names a revision that neither this code nor the history table has; "
        "every upgrade stops at it",
        object="row",
        name=row,
        fix=f"is this the right database, and is the code up to date? If so: modalembic repair "
        f"--retire {row}",
    )


def _ahead(row: str, module: str, origin: Origin | None) -> Finding:
    return Finding(
        rule="doctor/ahead",
        severity="error",
        message=f"the database is at {row} of {module}, which this code does not have"
        f"{_told(origin)}",
        module=module,
        object="row",
        name=row,
        fix_reason="the code is older than the database: run the code that has the revision, or a "
        "newer one",
    )


def _orphan(patient: Patient, row: str, module: str, origin: Origin | None) -> Finding:
    state = patient.situation.state
    held = f"; {len(state.held)} revisions of modules here are below it" if state.held else ""
    return Finding(
        rule="doctor/orphan",
        severity="warning",
        message=f"the row {row} belongs to {module}, a module that is not discovered here"
        f"{_told(origin)}{held}; stock Alembic cannot run with it",
        module=module,
        object="row",
        name=row,
        fix=f"install the package of {module} again; or modalembic repair --retire {module}, which "
        "keeps its tables",
    )


def _told(origin: Origin | None) -> str:
    return "" if origin is None else f" ({origin})"


def _unwritten(patient: Patient) -> Iterator[Finding]:
    """Applied revisions that the history table has nothing of, although it is there."""
    situation = patient.situation
    if not (situation.history.exists and situation.history.may_read):
        return
    missing = situation.state.applied - situation.recorded.keys() - situation.twins
    missing -= situation.spliced.keys()
    by_module: dict[str, list[str]] = {}
    for id_ in sorted(missing):
        by_module.setdefault(patient.project.graph.revisions[id_].module, []).append(id_)
    for module, ids in sorted(by_module.items()):
        yield Finding(
            rule="doctor/not-in-history",
            severity="info",
            message=f"{len(ids)} applied revision{'' if len(ids) == 1 else 's'} of {module} "
            f"{'is' if len(ids) == 1 else 'are'} not in the history table ({', '.join(ids[:3])}"
            f"{', …' if len(ids) > 3 else ''}): run by stock Alembic, or before modalembic",
            module=module,
            object="revision",
            name=ids[0],
            fix_reason="the next upgrade takes them into the history",
        )
