"""`[[tool.modalembic.drift.ignore]]`: drift that is meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from modalembic.checks.finding import Finding
from modalembic.config.settings import DriftIgnore
from modalembic.project import Project


def without_ignored(project: Project, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The `findings` that no entry of the configuration lets pass; and one for each entry that
    matches none of them."""
    ignores = project.configuration.drift_ignores
    used: set[DriftIgnore] = set()
    for finding in findings:
        matching = {each for each in ignores if _matches(each, finding)}
        used |= matching
        if not matching:
            yield finding
    for each in dict.fromkeys(ignores):
        if each not in used:
            yield Finding(
                rule="drift/unused-ignore",
                severity="warning",
                message=f"nothing is drift any more that is called {each.name!r} and has a rule "
                f"{each.rule!r} ({each.reason}): the entry can go",
                object="ignore",
                name=each.name,
                path=project.configuration.file,
                line=project.configuration.line_of_entry(ignores.index(each), "drift", "ignore"),
                fix="delete the entry of [[tool.modalembic.drift.ignore]]",
            )


def _matches(ignore: DriftIgnore, finding: Finding) -> bool:
    return (
        finding.name is not None
        and fnmatchcase(finding.name, ignore.name)
        and fnmatchcase(finding.rule, ignore.rule)
    )
