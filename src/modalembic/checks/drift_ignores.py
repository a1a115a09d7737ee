"""`[[tool.modalembic.drift.ignore]]`: drift that is meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from modalembic.checks.finding import Finding
from modalembic.checks.ignores import without_ignored
from modalembic.config.settings import DriftIgnore
from modalembic.project import Project


def without_drift_that_is_meant(project: Project, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The `findings` that no entry of the configuration lets pass; and one for each entry that
    matches none of them."""
    ignores = project.configuration.drift_ignores
    return without_ignored(project, "drift", findings, ignores, matches=_matches, unused=_unused)


def _matches(ignore: DriftIgnore, finding: Finding) -> bool:
    return (
        finding.name is not None
        and fnmatchcase(finding.name, ignore.name)
        and fnmatchcase(finding.rule, ignore.rule)
    )


def _unused(ignore: DriftIgnore) -> tuple[str, str]:
    return ignore.name, (
        f"nothing is drift any more that is called {ignore.name!r} and has a rule "
        f"{ignore.rule!r} ({ignore.reason}): the entry can go"
    )
