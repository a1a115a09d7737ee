"""Which dotted names a plan changes: those of the moved code, and those under which the packages
above its old place re-export it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from modalembic.authoring.move.carried import Carried, imports_at_top
from modalembic.authoring.move.concerned import imports_of
from modalembic.authoring.move.dissect import defined_names
from modalembic.authoring.move.parsed import Parsed, dotted_of, parse_source
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.reexports import listed_names, read_re_exports
from modalembic.authoring.move.relocations import Place, Relocations
from modalembic.authoring.move.toplevel import small_statements
from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.errors import MoveUnclear, StillImported


def old_packages(tree: SourceTree, moves: Iterable[Move]) -> tuple[SourceFile, ...]:
    """The packages above the old places that are not above the new ones, from below upwards."""
    found: dict[str, SourceFile] = {}
    kept: set[str] = set()
    for move in moves:
        above = _above(move.target)
        for package in _above(move.old.module):
            if package in above:
                kept.add(package)
            file = tree.file_of(package)
            if file is not None and file.is_package:
                found[package] = file
    deepest = sorted(found.items(), key=lambda item: (-item[0].count("."), item[0]))
    return tuple(file for package, file in deepest if package not in kept)


def relocations_of(
    tree: SourceTree, moves: Sequence[Move], packages: Sequence[SourceFile]
) -> Relocations:
    """All names that change. Raises SourceUnreadable."""
    targets: dict[str, Place] = {}
    for move in moves:
        targets.update(_of_move(tree, move))
    for package in packages:
        assert package.module is not None
        known = Relocations.of(targets.items())
        for name, place in _re_exported(tree, package, known):
            targets.setdefault(f"{package.module}.{name}", place)
    return Relocations.of(targets.items())


def exported_names(tree: SourceTree, modules: Iterable[SourceFile]) -> dict[str, tuple[str, ...]]:
    """What `__all__` of each module lists, of those that have one."""
    found: dict[str, tuple[str, ...]] = {}
    for file in modules:
        listed = listed_names(parse_source(tree.read(file.path), file.path))
        if listed and file.module is not None:
            found[file.module] = listed
    return found


def refuse_stars(
    tree: SourceTree, relocations: Relocations, exported: dict[str, tuple[str, ...]]
) -> None:
    """Raise MoveUnclear for a star import from where something moves, unless `__all__` says what
    it brings."""
    for file in tree.mentioning(_last_parts(relocations)):
        for name, line in imports_of(file, tree.read(file.path)):
            module = name.removesuffix(".*")
            if module == name or module in exported:
                continue
            if relocations.find(module) is not None or relocations.contains(module):
                raise MoveUnclear(
                    f"from {module} import * brings names that no __all__ of {module} lists; "
                    "nothing was written",
                    hint="import the names, or give the module an __all__",
                    path=file.path,
                    line=line,
                )


def refuse_still_imported(tree: SourceTree, relocations: Relocations) -> None:
    """Raise StillImported for a revision file that imports an old path."""
    for file in tree.kept_files():
        for name, line in imports_of(file, tree.read(file.path)):
            found = relocations.find(name.removesuffix(".*"))
            if found is not None:
                raise StillImported(
                    f"{file.path.name} imports {name}; revision files are not rewritten, so that "
                    "the old path has to stay",
                    hint="leave out --no-shim",
                    path=file.path,
                    line=line,
                )


def imported_from(tree: SourceTree, module: str) -> frozenset[str]:
    """The names of a module that other files may use: imported from it, or used through it."""
    found: set[str] = set()
    last = module.rpartition(".")[2]
    for file in (*tree.mentioning([last]), *tree.kept_files()):
        if file.module != module:
            found.update(_used_of(file, tree.read(file.path), module))
    return frozenset(found)


def _used_of(file: SourceFile, content: bytes, module: str) -> Iterator[str]:
    names = {name for name, _ in imports_of(file, content)}
    prefix = f"{module}."
    yield from (n.removeprefix(prefix).partition(".")[0] for n in names if n.startswith(prefix))
    if module in names or f"{prefix}*" in names:
        # Through the module anything may be used.
        yield from _attributes(content, file)


def _attributes(content: bytes, file: SourceFile) -> Iterator[str]:
    import ast

    for node in ast.walk(ast.parse(content, str(file.path))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


def _of_move(tree: SourceTree, move: Move) -> Iterator[tuple[str, Place]]:
    if not move.settled:
        yield move.old.dotted, move.new
        return
    module = parse_source(tree.read(move.source.path), move.source.path)
    exports = read_re_exports(module)
    for name, place in exports.names.items():
        if move.name in (None, name):
            yield f"{move.old.module}.{name}", place
    if move.name is None:
        yield move.old.module, Place(move.target)


def _re_exported(
    tree: SourceTree, package: SourceFile, known: Relocations
) -> Iterator[tuple[str, Place]]:
    """The names under which a package has what moves."""
    parsed = Parsed(tree.read(package.path), package.path)
    for name, place in read_re_exports(parsed.module).names.items():
        found = known.find(place.dotted)
        if found is not None:
            yield name, found.place
        elif any(place == target for target in known.targets.values()) or any(
            target.name is None and target.module == place.module
            for target in known.targets.values()
        ):
            yield name, place
    for each, _ in imports_at_top(package, parsed.module):
        if each.name is not None:
            found = known.find(f"{each.module}.{each.name}")
            if found is not None and f"{package.module}.{each.binds}" not in known.targets:
                yield from _unless_module(package, each, found.place, tree)
    yield from _by_star(tree, package, parsed.module, known)


def _unless_module(
    package: SourceFile, imported: Carried, place: Place, tree: SourceTree
) -> Iterator[tuple[str, Place]]:
    """`from . import tier` binds the module, whose name changes anyway."""
    if tree.file_of(f"{package.module}.{imported.binds}") is None:
        yield imported.binds, place


def _by_star(
    tree: SourceTree, package: SourceFile, module: cst.Module, known: Relocations
) -> Iterator[tuple[str, Place]]:
    for statement in module.body:
        for small in small_statements(statement):
            if not isinstance(small, cst.ImportFrom) or not isinstance(small.names, cst.ImportStar):
                continue
            origin = package.absolute(len(small.relative), dotted_of(small.module) or "")
            file = None if origin is None else tree.file_of(origin)
            if file is None:
                continue
            for name in _public(parse_source(tree.read(file.path), file.path)):
                found = known.find(f"{origin}.{name}")
                if found is not None:
                    yield name, found.place


def _public(module: cst.Module) -> Iterable[str]:
    return listed_names(module) or (
        name for name in defined_names(module) if not name.startswith("_")
    )


def _above(module: str) -> tuple[str, ...]:
    """The packages above a module, the nearest first."""
    parts = module.split(".")
    return tuple(".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))


def _last_parts(relocations: Relocations) -> tuple[str, ...]:
    """The last parts of the modules from which something moves."""
    modules = {dotted.rpartition(".")[0] for dotted in relocations.targets}
    modules |= {dotted for dotted, place in relocations.targets.items() if place.name is None}
    return tuple(sorted({module.rpartition(".")[2] for module in modules if module}))
