"""`[[tool.modalembic.structure.ignore]]`: rules switched off for a module, with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from modalembic.checks.finding import Finding
from modalembic.checks.ignores import without_ignored
from modalembic.config.settings import StructureIgnore
from modalembic.project import Project


def without_rules_switched_off(project: Project, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The `findings` that no entry of the configuration lets pass; and one for each entry that
    matches none of them."""
    ignores = project.configuration.structure.ignores
    return without_ignored(
        project, "structure", findings, ignores, matches=_matches, unused=_unused
    )


def _matches(ignore: StructureIgnore, finding: Finding) -> bool:
    return (
        fnmatchcase(finding.rule, ignore.rule)
        and fnmatchcase(finding.module or "", ignore.module)
        and fnmatchcase(finding.name or "", ignore.name)
    )


def _unused(ignore: StructureIgnore) -> tuple[str, str]:
    return ignore.rule, (
        f"nothing of {ignore.module} breaks {ignore.rule} any more ({ignore.reason}): the entry "
        "can go"
    )
