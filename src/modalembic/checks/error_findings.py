"""Errors of which a check makes findings."""

from __future__ import annotations

from modalembic.checks.finding import Finding
from modalembic.errors import ModalembicError


def finding_of(check: str, error: ModalembicError) -> Finding:
    """What a check says of an error: under its code, with its place and its hint."""
    return Finding(
        rule=f"{check}/{error.code}",
        severity="error",
        message=error.message,
        module=getattr(error, "module", None) or getattr(error, "failed", {}).get("module"),
        path=error.path,
        line=error.line,
        fix=error.hint,
    )
