"""Running checks, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

from modalembic.checks.baseline import Baseline
from modalembic.checks.finding import Finding, Severity
from modalembic.checks.move import Move
from modalembic.checks.problems import check_problems
from modalembic.checks.registry import CHECKS
from modalembic.checks.request import CheckRequest
from modalembic.errors import UsageError

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


@dataclass(frozen=True)
class Found:
    """What checks found, sorted: findings, and the tables that moved (none where no check looked
    for them)."""

    findings: tuple[Finding, ...]
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True)
class CheckReport:
    """The findings of `checks`, sorted; `known` is how many more the baseline has. `moves` are the
    tables that moved since the base.

    Findings of the severity `fail_on`, or worse, make the project fail. `root` is the project's
    directory, `file` its configuration.
    """

    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    fail_on: Severity
    root: Path
    file: Path
    known: int = 0
    moves: tuple[Move, ...] = ()

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


def find(request: CheckRequest, checks: Sequence[str]) -> Found:
    """Everything that `checks` find, and what keeps the project from being planned, sorted; of the
    modules that the request names alone, if it names any.

    Raises UsageError for a check that there is not, UnknownModule for such a module, and what the
    checks raise.
    """
    for name in checks:
        if name not in CHECKS:
            raise UsageError(f"there is no check {name!r}", hint=f"there is {', '.join(CHECKS)}")
    for module in request.modules:
        request.project.module(module)
    found: list[Finding | Move] = [*check_problems(request.project)]
    with _with_scratch(request, checks) as shared:
        for name in dict.fromkeys(checks):
            found.extend(CHECKS[name].run(shared))
    kept = [each for each in found if not request.modules or _is_of(each, request.modules)]
    return Found(
        tuple(
            sorted((each for each in kept if isinstance(each, Finding)), key=attrgetter("place"))
        ),
        tuple(sorted((each for each in kept if isinstance(each, Move)), key=_table)),
    )


@contextmanager
def _with_scratch(request: CheckRequest, checks: Sequence[str]) -> Iterator[CheckRequest]:
    """The request with a scratch server for all `checks`, which starts for the first that needs
    it."""
    if request.scratch is not None or not any(CHECKS[name].needs_database for name in checks):
        yield request
        return
    from modalembic.runtime.scratch.server import Scratch

    with Scratch(request.project, request.observer, cache=request.cache) as scratch:
        yield replace(request, scratch=scratch)


def _is_of(each: Finding | Move, modules: Sequence[str]) -> bool:
    if isinstance(each, Move):
        return each.source in modules or each.target in modules
    return each.module is None or each.module in modules


def _table(move: Move) -> str:
    return move.table


def report(
    request: CheckRequest,
    checks: Sequence[str],
    found: Found,
    *,
    fail_on: Severity = "error",
    baseline: Baseline | None = None,
) -> CheckReport:
    """The report of what `checks` found; with a baseline, of what is new."""
    findings = found.findings
    configuration = request.project.configuration
    new = findings if baseline is None else baseline.new(request.project, findings)
    stale = () if baseline is None else baseline.stale(request, checks, findings)
    return CheckReport(
        checks=tuple(checks),
        findings=tuple(sorted((*new, *stale), key=attrgetter("place"))),
        fail_on=fail_on,
        root=request.project.root,
        file=configuration.file,
        known=len(findings) - len(new),
        moves=found.moves,
    )
