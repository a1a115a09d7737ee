"""What a module may use of others."""

from __future__ import annotations

from modalembic.project import Project


def required_by(project: Project, name: str) -> frozenset[str]:
    """The modules that `name` requires, those that these require included."""
    found: set[str] = set()
    pending = list(project.module(name).requires)
    while pending:
        required = pending.pop()
        if required not in found and required in project.by_name:
            found.add(required)
            pending.extend(project.by_name[required].requires)
    return frozenset(found)
