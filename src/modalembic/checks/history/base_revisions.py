"""The revisions that an earlier state of the tree has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from modalembic.errors import NoModules, NotAProject
from modalembic.history.index import build_index
from modalembic.history.links import Links, links_for_copies
from modalembic.history.revision import Revision
from modalembic.project import Project
from modalembic.runtime.earlier.tree import EarlierTree

# What loading a project reads.
_READ = frozenset({".cfg", ".ini", ".py", ".toml"})


def is_read(path: Path) -> bool:
    """Whether loading a project may read a file, so that it has to be laid out."""
    return path.suffix in _READ


def revisions_of(project: Project, tree: EarlierTree) -> tuple[Revision, ...] | None:
    """The revisions of `tree`, in their places there; None where it has no project.

    The tree's own configuration says where they are. What it finds in the working tree, through an
    editable install, is read where it is laid out.
    """
    root = tree.mirror(project.root)
    assert root is not None
    cache = tree.laid_out.parent / "cache"
    try:
        links = links_for_copies(project.configuration)
        base = Project.load(root, environ={"MODALEMBIC_CACHE_DIR": str(cache), **links})
    except NotAProject:
        return None
    if any(isinstance(problem, NoModules) for problem in base.problems):
        return None
    located = (
        (module, None if module.location is None else tree.mirror(module.location))
        for module in base.modules
    )
    modules = [
        replace(module, location=location)
        for module, location in located
        if location is not None and location.is_dir()
    ]
    return build_index(
        modules,
        project=root,
        cache_directory=cache,
        search=base.search,
        recursive=base.alembic.recursive_version_locations,
        links=Links.of(base.configuration, (*base.search, tree.laid_out), modules),
    ).revisions
