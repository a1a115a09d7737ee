"""Where a new module's file goes, and the packages that it needs above it."""

from __future__ import annotations

from pathlib import Path

from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.errors import NameClash


def new_file(tree: SourceTree, module: str, beside: SourceFile) -> SourceFile:
    """The file of a module, its packages made where they are missing. `beside` is where the code
    comes from: packages that are not there at all are made in the same `sys.path` entry.

    Raises NameClash where a module would have to be a package.
    """
    found = tree.file_of(module)
    if found is not None:
        return found
    package, _, name = module.rpartition(".")
    return SourceFile(_directory(tree, package, beside) / f"{name}.py", module)


def _directory(tree: SourceTree, package: str, beside: SourceFile) -> Path:
    """The directory of a package; without `__init__.py` above it, it gets none either."""
    if not package:
        return _root(beside)
    found = tree.directories_of(package)
    if found:
        below = [place for place in found if place.is_relative_to(tree.root)]
        return (below or list(found))[0]
    taken = tree.file_of(package)
    if taken is not None:
        raise NameClash(
            f"{package} is a module, so that nothing can be moved below it; nothing was written",
            hint=f"make it a package: {taken.path.with_suffix('')}/__init__.py",
            path=taken.path,
        )
    parent, _, name = package.rpartition(".")
    directory = _directory(tree, parent, beside) / name
    if not parent or tree.exists(directory.parent / "__init__.py"):
        tree.write(directory / "__init__.py", b"")
    return directory


def _root(beside: SourceFile) -> Path:
    assert beside.module is not None
    above = len(beside.module.split(".")) - (0 if beside.is_package else 1)
    return beside.path.parents[above]
