"""Revisions that the database has run and that are not any more what it ran."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from modalembic.checks.doctor.patient import Patient
from modalembic.checks.finding import Finding, Severity
from modalembic.runtime.state.edited import Edit, Kind, edits, told
from modalembic.runtime.state.recorded import read_recorded

RULES: dict[Kind, tuple[str, Severity]] = {
    "changed": ("doctor/changed-revision", "error"),
    "deleted": ("doctor/deleted-revision", "error"),
    "moved-file": ("doctor/moved-file", "info"),
    "re-parented": ("doctor/re-parented-revision", "warning"),
    "renamed": ("doctor/renamed-revision", "error"),
    "reworded": ("doctor/reworded-revision", "info"),
    "spliced": ("doctor/spliced-revision", "error"),
}


def examine(patient: Patient) -> Iterator[Finding]:
    """A finding for each revision that was edited, renamed, put elsewhere or deleted since it ran,
    and for each that was put below one that ran."""
    recorded = read_recorded(patient.session, patient.situation.history)
    for edit in edits(patient.project, patient.situation.state, recorded):
        rule, severity = RULES[edit.kind]
        yield Finding(
            rule=rule,
            severity=severity,
            message=told(edit),
            module=edit.module,
            object="revision",
            name=edit.id,
            expected=_then(edit),
            actual=_now(patient, edit),
            path=_path(patient, edit),
            line=edit.now.line if edit.now else None,
            fix=f"modalembic repair --accept {quote(edit.id)}",
        )


def _then(edit: Edit) -> str | None:
    if edit.ran is None:
        return None
    match edit.kind:
        case "re-parented":
            return ", ".join(edit.ran.parents) or "nothing"
        case "moved-file":
            return edit.ran.path
        case "renamed" | "deleted":
            return edit.id
        case _:
            return edit.ran.content_hash


def _now(patient: Patient, edit: Edit) -> str | None:
    if edit.now is None:
        return None
    match edit.kind:
        case "re-parented":
            return ", ".join(patient.project.graph.parents[edit.id]) or "nothing"
        case "renamed":
            return edit.now.id
        case _:
            return None


def _path(patient: Patient, edit: Edit) -> Path | None:
    if edit.now is not None:
        return Path(edit.now.path)
    if edit.ran is None or edit.ran.path is None:
        return None
    return patient.project.root / edit.ran.path
