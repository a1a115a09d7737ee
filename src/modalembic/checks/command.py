"""`check`, for callers in Python."""

from __future__ import annotations

from collections.abc import Sequence

from modalembic.checks.finding import Severity
from modalembic.checks.names import usual_checks
from modalembic.checks.report import CheckReport, find, report
from modalembic.checks.request import CheckRequest
from modalembic.project import Project
from modalembic.runtime.options import Observer


def check(
    project: Project,
    checks: Sequence[str] = (),
    *,
    base: str | None = None,
    modules: Sequence[str] = (),
    against: str | None = None,
    database: str | None = None,
    static: bool = False,
    pure: bool = False,
    fail_on: Severity = "error",
    cache: bool = True,
    observer: Observer | None = None,
) -> CheckReport:
    """Run `checks` (default: the usual ones; with `against` drift) and report what they find.

    `base` is the git reference to compare with (default: the configuration's), `modules` limits the
    findings, `against` is a live database for drift, `static` and `pure` are for moves. Without
    `cache` all catalogs are made anew. Raises UsageError, UnknownModule, and what the checks raise.
    """
    base = base or project.configuration.base
    usual = usual_checks(moves=base is not None or static or pure)
    chosen = tuple(checks) or (usual if against is None else ("drift",))
    request = CheckRequest(
        project,
        base,
        tuple(modules),
        against=against,
        database=database,
        observer=observer,
        static=static,
        pure=pure,
        cache=cache,
    )
    return report(request, chosen, find(request, chosen), fail_on=fail_on)
