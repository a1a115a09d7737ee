"""Packages from which everything has gone."""

from __future__ import annotations

import os
from collections.abc import Iterable

from modalembic.authoring.move.concerned import imports_of, strings_of
from modalembic.authoring.move.mapping import old_packages
from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.toplevel import says_nothing
from modalembic.authoring.move.tree import SourceFile, SourceTree


def remove_emptied_packages(tree: SourceTree, moves: Iterable[Move]) -> None:
    """Remove the old packages that are left with an `__init__` that says nothing, and that nobody
    names."""
    for package in old_packages(tree, moves):
        if _is_empty(tree, package) and not _is_named(tree, package.module or ""):
            tree.write(package.path, None)


def _is_empty(tree: SourceTree, package: SourceFile) -> bool:
    module = parse_source(tree.read(package.path), package.path)
    if not tree.exists(package.path) or not all(map(says_nothing, module.body)):
        return False
    directory = package.path.parent
    there = (
        directory.joinpath(place, name)
        for place, _, names in os.walk(directory)
        for name in names
        if not name.endswith(".pyc")
    )
    planned = (change.path for change in tree.changes().changes)
    below = {*there, *(path for path in planned if path.is_relative_to(directory))}
    return not any(tree.exists(path) for path in below - {package.path})


def _is_named(tree: SourceTree, package: str) -> bool:
    last = package.rpartition(".")[2]
    for file in (*tree.mentioning([last]), *tree.kept_files()):
        content = tree.read(file.path)
        names = [name for name, _ in (*imports_of(file, content), *strings_of(file, content))]
        if any(f"{name}.".startswith(f"{package}.") for name in names):
            return True
    return False
