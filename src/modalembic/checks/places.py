"""Where things are: which module a file belongs to, and which files are the project's own."""

from __future__ import annotations

from pathlib import Path

from modalembic.project import Project


def module_at(project: Project, path: Path | None) -> str | None:
    """The module in whose directory or version location `path` lies, the innermost; else None."""
    if path is None:
        return None
    found = [
        (len(place.parts), module.name)
        for module in project.modules
        for place in (module.directory, module.location)
        if place is not None and path.is_relative_to(place)
    ]
    return max(found)[1] if found else None


def is_own(project: Project, path: Path) -> bool:
    """Whether `path` is a file of the project, and not one of an installed package."""
    return path.is_relative_to(project.root) and "site-packages" not in path.parts


def repository_of(root: Path) -> Path:
    """The top of the repository that `root` lies in, which reports name files from; `root` itself
    where there is none."""
    return next((place for place in (root, *root.parents) if (place / ".git").exists()), root)
