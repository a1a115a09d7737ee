"""What the project's models derive from, found in their source: a new module's models share it, so
that all tables are in one MetaData."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.config import Configuration
from modalembic.errors import ObjectNotFound
from modalembic.modules.classes import ClassReader, ClassSource, makes_a_base
from modalembic.modules.ownership import read_ownership
from modalembic.modules.sources import Import, SourceFile, Sources, Symbol
from modalembic.project import Project

_MAKERS = frozenset({"declarative_base", "generate_base", "automap_base"})
_MENTIONED = (b"eclarative", b"generate_base", b"SQLModel", b".Model")


@dataclass(frozen=True, order=True)
class Base:
    """`name` as imported from `module`, and the expression to derive from: the name itself, or an
    attribute of it (`db.Model`)."""

    module: str
    name: str
    expression: str

    @property
    def statement(self) -> str:
        """The import that a file of models needs."""
        return f"from {self.module} import {self.name}"


def find_base(project: Project, package: str, given: str | None = None) -> Base | None:
    """The base for a new module `package`: the one that is `given` or configured (`module:Class`),
    else the one behind `metadata`, else the one that most models derive from. None where the
    source has none.

    Raises ObjectNotFound for a given one that the source does not have.
    """
    tops = _tops(project, package)
    sources = Sources(project.search, tops)
    named = given or project.configuration.new_module.base
    if named is not None:
        return _named(sources, named, project.configuration)
    behind = _behind_metadata(sources, project.configuration.metadata)
    if behind is not None:
        return behind
    finder = _Finder(sources)
    ownership = read_ownership(project.modules, project.search, project.configuration)
    of_modules = {name for files in ownership.sources.files.values() for name in files}
    return finder.most_used(sorted(of_modules)) or finder.most_used(_everything(sources, tops))


def _tops(project: Project, package: str) -> tuple[str, ...]:
    """The top-level packages of the project's own."""
    names = [package, *(module.package for module in project.modules if module.package)]
    names += [name.partition(":")[0] for name in (project.configuration.metadata,) if name]
    names += [models for models in project.configuration.models if "{" not in models]
    found = {name.partition(".")[0] for name in names}
    for root in project.search:
        found |= {path.parent.name for path in root.glob("*/__init__.py")}
    return tuple(sorted(found - {"tests", "test"}))


def _everything(sources: Sources, tops: Iterable[str]) -> Iterator[str]:
    """Every file that mentions what a base is made of."""
    for top in tops:
        for dotted, path in sources.below(top):
            if any(word in _bytes(path) for word in _MENTIONED):
                yield dotted


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _named(sources: Sources, named: str, configuration: Configuration) -> Base:
    module, _, expression = named.partition(":")
    name = expression.partition(".")[0]
    file = sources.file(module)
    own = file is None or sources.resolve(file, name) is not None
    if not name or (file is None and sources.path(module.partition(".")[0]) is not None) or not own:
        raise ObjectNotFound(
            f"the base {named} is not in the source; nothing was written",
            hint="write it as module:Class, as in app.db:Base",
            path=configuration.file,
            line=configuration.line_of("new_module", "base"),
        )
    return Base(module, name, expression)


def _behind_metadata(sources: Sources, metadata: str | None) -> Base | None:
    """The base whose `metadata` the configuration names (`app.db:Base.metadata`)."""
    module, _, attribute = (metadata or "").partition(":")
    owner, _, last = attribute.rpartition(".")
    file = sources.file(module) if module else None
    if last != "metadata" or not owner.isidentifier() or file is None:
        return None
    symbol = sources.resolve(file, owner)
    if symbol is None:
        return None
    if _is_base(symbol):
        return Base(module, owner, owner)
    return Base(module, owner, f"{owner}.Model")


class _Finder:
    """Counts what classes derive from in the end."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._classes = ClassReader(sources)

    def most_used(self, files: Iterable[str]) -> Base | None:
        """The base that most classes in `files` derive from; by name among equals."""
        counted: Counter[Base] = Counter()
        for dotted in files:
            file = self._sources.file(dotted)
            if file is not None:
                counted.update(self._bases_in(file))
        if not counted:
            return None
        return min(counted, key=lambda base: (-counted[base], base))

    def _bases_in(self, file: SourceFile) -> Iterator[Base]:
        for name, node in file.classes.items():
            if makes_a_base(node):
                yield Base(file.module, name, name)
                continue
            found = ClassSource(file, node)
            for link in (found, *self._classes.ancestors(found)):
                yield from self._roots_of(link)
        for name, value in file.values.items():
            if _is_made(value):
                yield Base(file.module, name, name)

    def _roots_of(self, link: ClassSource) -> Iterator[Base]:
        for base in link.node.bases:
            expression = base.value if isinstance(base, ast.Subscript) else base
            if self._is_root(link.file, expression):
                spelled = self._spelled(link.file, expression)
                if spelled is not None:
                    yield spelled

    def _is_root(self, file: SourceFile, expression: ast.expr) -> bool:
        symbol = self._sources.resolve_expression(file, expression)
        if symbol is not None:
            return _is_base(symbol)
        if isinstance(expression, ast.Attribute) and expression.attr == "Model":
            owner = self._sources.resolve_expression(file, expression.value)
            return owner is not None and owner.name is not None and owner.file is not None
        return False

    def _spelled(self, file: SourceFile, expression: ast.expr) -> Base | None:
        """The base as this file imports it."""
        match expression:
            case ast.Name(id=name):
                return self._imported(file, name, "")
            case ast.Attribute(value=ast.Name(id=name), attr="Model"):
                return self._imported(file, name, ".Model")
        symbol = self._sources.resolve_expression(file, expression)
        if symbol is None or symbol.name is None:
            return None
        return Base(symbol.module, symbol.name, symbol.name)

    def _imported(self, file: SourceFile, name: str, attribute: str) -> Base | None:
        match file.imports.get(name):
            case Import(module=module, attribute=str(imported)):
                return Base(module, imported, imported + attribute)
        symbol = self._sources.resolve(file, name)
        if symbol is None or symbol.name is None:
            return None
        return Base(symbol.module, symbol.name, symbol.name + attribute)


def _is_base(symbol: Symbol) -> bool:
    if symbol.file is None or symbol.name is None:
        return (symbol.module.partition(".")[0], symbol.name) == ("sqlmodel", "SQLModel")
    node = symbol.file.classes.get(symbol.name)
    if node is not None:
        return makes_a_base(node)
    return _is_made(symbol.file.values.get(symbol.name))


def _is_made(value: ast.expr | None) -> bool:
    """Whether this is `declarative_base()` or `registry().generate_base()`."""
    match value:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _MAKERS
    return False
