"""`version_locations` for stock Alembic.

Stock Alembic reads the list before it runs `env.py`, so it cannot be worked out there; it has to be
written down, and it goes stale with every new module.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.config.toml import line_of
from modalembic.errors import ModalembicError
from modalembic.modules.packages import package_directory
from modalembic.project import Project

RULE = "structure/version-locations"
FIX = "modalembic check structure --fix"


def version_locations(project: Project) -> Iterator[Finding]:
    """What differs between Alembic's `version_locations` and the modules that are discovered."""
    settings = project.alembic
    file = settings.listed_in
    if file is None:
        return
    listed = {
        resolved_location(project, entry): entry
        for entry in settings.version_locations or _default(project)
    }
    line = line_of_list(file)
    covering: set[str] = set()
    for module in project.modules:
        if module.location is None:
            continue
        found = _covering(module.location, listed, settings.recursive_version_locations)
        covering |= found
        if not found:
            yield Finding(
                rule=RULE,
                severity="error",
                message=f"stock Alembic does not see the revisions of {module.name}: its version "
                "location is missing from version_locations",
                module=module.name,
                object="version location",
                name=str(module.location),
                expected="listed",
                actual="missing",
                path=file,
                line=line,
                fix=FIX,
            )
    for path, entry in listed.items():
        if path in covering:
            continue
        yield Finding(
            rule=RULE,
            severity="error",
            message=f"version_locations lists {entry}, which belongs to no module here",
            object="version location",
            name=entry,
            expected="not listed",
            actual="listed",
            path=file,
            line=line,
            fix=FIX,
        )


def _covering(location: Path, listed: Collection[str], recursive: bool) -> set[str]:
    """The listed directories in which Alembic finds the revision files of `location`."""
    real = Path(os.path.realpath(location))
    seen = (real, *real.parents) if recursive else (real,)
    return {str(path) for path in seen if str(path) in listed}


def line_of_list(file: Path) -> int | None:
    """The line (1-based) of `version_locations` in a file of Alembic's configuration, or None."""
    if file.suffix == ".toml":
        return line_of(file, ("tool", "alembic", "version_locations"))
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [n for n, text in enumerate(lines, 1) if text.startswith("version_locations")]
    return found[0] if found else None


def _default(project: Project) -> tuple[str, ...]:
    """Alembic's own default: `versions` beside `env.py`, if it is there."""
    location = project.alembic.script_location
    if location is None or not (project.root / location / "versions").is_dir():
        return ()
    return (f"{location}/versions",)


def resolved_location(project: Project, entry: str) -> str:
    """The real path of a version location as Alembic's configuration has it, `%(here)s` filled in;
    the entry itself where there is no such package."""
    package, colon, below = entry.partition(":")
    if colon and "/" not in package:
        try:
            directory = package_directory(package, project.search, named_in=project.root)
        except ModalembicError:
            return entry
        return os.path.realpath(directory / below)
    return os.path.realpath(project.root / Path(entry))
