"""`[[tool.modalembic.structure.ignore]]`: rules switched off for a module, with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from modalembic.checks.finding import Finding
from modalembic.config.settings import StructureIgnore
from modalembic.project import Project


def without_ignored(project: Project, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The `findings` that no entry of the configuration lets pass; and one for each entry that
    matches none of them."""
    ignores = project.configuration.structure.ignores
    used: set[StructureIgnore] = set()
    for finding in findings:
        matching = {each for each in ignores if _matches(each, finding)}
        used |= matching
        if not matching:
            yield finding
    for each in dict.fromkeys(ignores):
        if each not in used:
            yield Finding(
                rule="structure/unused-ignore",
                severity="warning",
                message=f"nothing of {each.module} breaks {each.rule} any more ({each.reason}): "
                "the entry can go",
                object="ignore",
                name=each.rule,
                path=project.configuration.file,
                line=project.configuration.line_of_entry(
                    ignores.index(each), "structure", "ignore"
                ),
                fix="delete the entry of [[tool.modalembic.structure.ignore]]",
            )


def _matches(ignore: StructureIgnore, finding: Finding) -> bool:
    return (
        fnmatchcase(finding.rule, ignore.rule)
        and fnmatchcase(finding.module or "", ignore.module)
        and fnmatchcase(finding.name or "", ignore.name)
    )
