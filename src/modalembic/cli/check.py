"""`check`: questions with findings for answers."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from modalembic.cli import exits
from modalembic.cli.frame import Frame, command
from modalembic.errors import UsageError

CHECKS = ("structure",)
_SEVERITIES = ("info", "warning", "error")


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    command(app, "check")(_check)


def _check(
    frame: Frame,
    checks: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(CHECKS)} (default: all).")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended without choice.")
    ] = False,
    fail_on: Annotated[
        Literal["error", "warning"], typer.Option("--fail-on", help="What makes the exit code 1.")
    ] = "error",
) -> int:
    """Check the project; findings make the exit code 1."""
    from modalembic.authoring.locations import write_version_locations
    from modalembic.checks.structure import check_structure
    from modalembic.reporting.document import check_document
    from modalembic.reporting.text import findings_lines, shown

    run = {"structure": check_structure}
    chosen = tuple(checks or CHECKS)
    for name in chosen:
        if name not in CHECKS:
            raise UsageError(f"there is no check {name!r}", hint=f"there is {', '.join(CHECKS)}")
    project = frame.load()
    if fix and "structure" in chosen:
        for path in write_version_locations(project):
            frame.tell([f"wrote version_locations in {shown(path)}"])
        project = frame.load(warn=False)
    findings = [finding for name in chosen for finding in run[name](project)]
    limit = _SEVERITIES.index(fail_on)
    ok = not any(_SEVERITIES.index(finding.severity) >= limit for finding in findings)
    frame.show(
        lambda: check_document(ok, chosen, findings),
        lambda: findings_lines(findings) if findings else [f"no findings ({', '.join(chosen)})"],
    )
    return 0 if ok else exits.FINDINGS
