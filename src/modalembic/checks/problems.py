"""What keeps the project from being planned or run, as findings.

Every run of every check says it: a check over a project that could not be read as a whole would
otherwise find nothing in what it did not see.
"""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.finding import Finding
from modalembic.checks.places import module_at
from modalembic.errors import (
    DuplicateLabel,
    DuplicateLocation,
    ModalembicError,
    MultipleHeads,
)
from modalembic.project import Project

_OF_HISTORY = (DuplicateLabel, DuplicateLocation, MultipleHeads)


def check_problems(project: Project) -> Iterator[Finding]:
    """A finding for each problem of `project`, under the code of its error."""
    for problem in project.problems:
        yield Finding(
            rule=problem_rule(problem),
            severity="error",
            message=problem.message,
            module=module_at(project, problem.path),
            path=problem.path,
            line=problem.line,
            fix=problem.hint,
        )


def problem_rule(problem: ModalembicError) -> str:
    """The rule that a problem falls under."""
    check = "history" if isinstance(problem, _OF_HISTORY) else "structure"
    return f"{check}/{problem.code}"
