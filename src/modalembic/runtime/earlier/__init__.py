"""An earlier state of the project's tree: laid out from git, and read in a process of its own.

`tree` lays it out, `process` reads it (`child` is what runs there), and what comes back are frozen
values: tables with owners and DDL, revisions, catalogs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from modalembic.postgres.catalog import Catalog
    from modalembic.project import Project
    from modalembic.runtime.options import Observer
    from modalembic.runtime.scratch.server import Scratch

Side = Literal["migrations", "models"]


def earlier_catalog(
    project: Project, reference: str, side: Side, scratch: Scratch, observer: Observer
) -> Catalog:
    """The catalog that the tree of the commit `reference` makes on the server of `scratch`: its
    migrations', or its models'.

    Raises BaseUnavailable where git does not have the commit, and every error of reading a project,
    importing its models and running its migrations, which says at which commit.
    """
    from modalembic.runtime.earlier.process import read_earlier
    from modalembic.runtime.earlier.tree import commit_of, earlier_tree

    commit = commit_of(project.root, reference)
    with earlier_tree(project.root, commit, called=reference) as tree:
        earlier = read_earlier(
            project,
            tree,
            catalogs=(side,),
            server=scratch.server,
            keep=scratch.store.keeps,
            observer=observer,
        )
    return earlier.catalogs[side]
