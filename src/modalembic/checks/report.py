"""Running checks, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.checks.baseline import Baseline
from modalembic.checks.finding import Finding, Severity
from modalembic.checks.problems import check_problems
from modalembic.checks.registry import CHECKS
from modalembic.checks.request import CheckRequest
from modalembic.errors import UsageError

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


@dataclass(frozen=True)
class CheckReport:
    """The findings of `checks`, sorted; `known` is how many more the baseline has.

    Findings of the severity `fail_on`, or worse, make the project fail. `root` is the project's
    directory, `file` its configuration.
    """

    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    fail_on: Severity
    root: Path
    file: Path
    known: int = 0

    def fails(self, finding: Finding) -> bool:
        """Whether `finding` is bad enough to fail."""
        return SEVERITIES.index(finding.severity) >= SEVERITIES.index(self.fail_on)

    @property
    def ok(self) -> bool:
        """Whether no finding is bad enough to fail."""
        return not any(self.fails(finding) for finding in self.findings)

    @property
    def modules(self) -> tuple[tuple[str | None, tuple[Finding, ...]], ...]:
        """The findings by module; those of none first."""
        names = sorted({finding.module for finding in self.findings}, key=lambda name: name or "")
        return tuple((name, tuple(f for f in self.findings if f.module == name)) for name in names)


def find(request: CheckRequest, checks: Sequence[str]) -> tuple[Finding, ...]:
    """Everything that `checks` find, and what keeps the project from being planned, sorted.

    Raises UsageError for a check that there is not, UnknownModule for such a module, and what the
    checks raise.
    """
    for name in checks:
        if name not in CHECKS:
            raise UsageError(f"there is no check {name!r}", hint=f"there is {', '.join(CHECKS)}")
    for module in request.modules:
        request.project.module(module)
    found = [*check_problems(request.project)]
    for name in dict.fromkeys(checks):
        found.extend(CHECKS[name].run(request))
    wanted = (None, *request.modules)
    kept = (finding for finding in found if not request.modules or finding.module in wanted)
    return tuple(sorted(kept, key=_place))


def report(
    request: CheckRequest,
    checks: Sequence[str],
    findings: Sequence[Finding],
    *,
    fail_on: Severity = "error",
    baseline: Baseline | None = None,
) -> CheckReport:
    """The report of what `checks` found; with a baseline, of what is new."""
    configuration = request.project.configuration
    new = tuple(findings) if baseline is None else baseline.new(request.project, findings)
    stale = () if baseline is None else baseline.stale(request, checks, findings)
    return CheckReport(
        checks=tuple(checks),
        findings=tuple(sorted((*new, *stale), key=_place)),
        fail_on=fail_on,
        root=request.project.root,
        file=configuration.file,
        known=len(findings) - len(new),
    )


def _place(finding: Finding) -> tuple[str, ...]:
    return (
        finding.module or "",
        finding.rule,
        finding.name or "",
        finding.part or "",
        finding.message,
    )
