"""Which names a module's models re-export from elsewhere.

A file re-exports a name that it imports at run time, at its top level, where

1. the file has an `__all__`: the name is in it;
2. it has none: the name is imported as itself (`import X as X`); or the file is an `__init__.py`
   or holds nothing but imports; or it is the one file of the models (`models.py`) and its own code
   does not use the name.

So a model that `models/invoice.py` imports for a relationship is not re-exported by it, and neither
is what stands under TYPE_CHECKING. A star import counts for every name that it brings.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.modules.sources import SourceFile, Sources, Symbol

_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class ReExport:
    """`module` re-exports `symbol`, which the file `source` (a dotted name) defines."""

    module: str
    source: str
    symbol: str
    path: Path
    line: int


def re_exported(sources: Sources, file: SourceFile, *, root: bool) -> Iterator[tuple[Symbol, int]]:
    """What `file` re-exports of the project's other files, each with the line of its import. `root`
    says that this file is the module's whole models, or the top of their package."""
    for name, line in _exported_names(sources, file, root=root):
        found = sources.resolve(file, name)
        if found is not None and found.file not in (None, file) and found.name is not None:
            yield found, line


def imported_modules(sources: Sources, file: SourceFile, *, root: bool) -> Iterator[str]:
    """The modules from which `file` imports what it re-exports, as written."""
    for name, _ in _exported_names(sources, file, root=root):
        if name in file.imports:
            yield file.imports[name].module
    yield from (star.module for star in file.stars)


def _exported_names(sources: Sources, file: SourceFile, *, root: bool) -> Iterator[tuple[str, int]]:
    bound = {name: imported.line for name, imported in file.imports.items()}
    for star in file.stars:
        target = sources.file(star.module)
        for name in sources.public_names(target) if target is not None else ():
            bound.setdefault(name, star.line)
    if file.all is not None:
        for name in file.all:
            if name in bound or name in file.values:
                yield name, bound.get(name, 1)
        return
    everything = file.is_package or not _defines_anything(file)
    used = None if everything or not root else _used_names(file.tree)
    for name, line in bound.items():
        explicit = name in file.imports and file.imports[name].itself
        if explicit or everything or (used is not None and name not in used):
            yield name, line


def _defines_anything(file: SourceFile) -> bool:
    return bool(file.classes or file.functions or file.values.keys() - {"__all__"})


def _used_names(tree: ast.Module) -> frozenset[str]:
    """The names that code uses, in strings too: `Mapped["User"]`, `relationship("User")`."""
    used: set[str] = set()
    docstrings: set[ast.expr] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                used.add(name)
            case ast.Expr(value=ast.Constant()):
                docstrings.add(node.value)
            case ast.Constant(value=str() as text) if node not in docstrings:
                used.update(_WORD.findall(text))
    return frozenset(used)
