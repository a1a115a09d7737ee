"""`check structure`: the checklist of a module, and what stands in files for other tools.

Source is read and not imported, but for the models, whose foreign keys only they tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.finding import Finding
from modalembic.checks.structure.central import left_behind
from modalembic.checks.structure.components import components
from modalembic.checks.structure.ignores import without_rules_switched_off
from modalembic.checks.structure.imports import imports
from modalembic.checks.structure.keys import foreign_keys
from modalembic.checks.structure.locations import version_locations
from modalembic.checks.structure.reexports import re_exports
from modalembic.project import Project


def check_structure(project: Project) -> Iterator[Finding]:
    """Findings about how the modules of `project` are cut, but for those that its configuration
    lets pass. No database is asked."""
    yield from without_rules_switched_off(project, _findings(project))


def _findings(project: Project) -> Iterator[Finding]:
    yield from version_locations(project)
    yield from components(project)
    yield from imports(project)
    yield from foreign_keys(project)
    yield from left_behind(project)
    yield from re_exports(project)
