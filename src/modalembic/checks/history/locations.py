"""Version locations as stock Alembic lists them."""

from __future__ import annotations

from collections.abc import Iterator

from modalembic.checks.finding import Finding
from modalembic.checks.structure.locations import FIX, line_of_list, resolved_location
from modalembic.project import Project


def locations_listed_twice(project: Project) -> Iterator[Finding]:
    """Entries of `version_locations` that lead where another one leads."""
    settings = project.alembic
    seen: dict[str, str] = {}
    for entry in settings.version_locations or ():
        first = seen.setdefault(resolved_location(project, entry), entry)
        if first is entry or settings.listed_in is None:
            continue
        name = entry.removeprefix(f"{project.root.as_posix()}/")
        yield Finding(
            rule="history/version-location-twice",
            severity="warning",
            message=f"version_locations lists {name} twice, and stock Alembic warns of every "
            "revision there",
            object="version location",
            name=name,
            expected="listed once",
            actual="listed twice",
            path=settings.listed_in,
            line=line_of_list(settings.listed_in),
            fix=FIX,
        )
