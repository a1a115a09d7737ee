"""From what is asked for to what goes where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modalembic.authoring.move.dissect import defined_names
from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.reexports import read_re_exports, without_re_exports
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.requests import Request
from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.errors import NameClash, SourceNotFound, UsageError
from modalembic.project import Project


@dataclass(frozen=True)
class Move:
    """A file (`name` is None) or one name of it that goes into the module `target`. `settled`: it
    is there already, and the old place has nothing but its re-export."""

    source: SourceFile
    name: str | None
    target: str
    settled: bool = False

    @property
    def old(self) -> Place:
        """Where it was."""
        assert self.source.module is not None
        return Place(self.source.module, self.name)

    def old_name(self, name: str) -> Place:
        """A name of the old place."""
        return Place(self.old.module, name)

    @property
    def new(self) -> Place:
        """Where it is to be."""
        return Place(self.target, self.name)


def planned(project: Project, tree: SourceTree, requests: Sequence[Request]) -> tuple[Move, ...]:
    """Every move, in the order in which they are asked for.

    Raises UsageError, SourceNotFound, NameClash, SourceUnreadable and UnknownModule.
    """
    moves = [move for request in requests for move in _moves(project, tree, request)]
    _refuse_twice(moves)
    return tuple(moves)


def _moves(project: Project, tree: SourceTree, request: Request) -> Iterator[Move]:
    for place in request.sources:
        source = _source(tree, place)
        target = _target(project, tree, request, place)
        if target == place.module:
            raise UsageError(f"{place} is at home in {target}: there is nothing to move")
        if place.name is None and _is_one_file(project, tree, request.target):
            for name in defined_names(parse_source(tree.read(source.path), source.path)):
                yield Move(source, name, target)
            continue
        if place.name is None and source.is_package and not _is_settled(tree, source, target):
            _refuse_modules(project, source)
            yield from _of_package(tree, source, target)
            continue
        yield _move(tree, source, place, target)


def _is_settled(tree: SourceTree, source: SourceFile, target: str) -> bool:
    """Whether a file has nothing but re-exports that lead to `target`."""
    module = parse_source(tree.read(source.path), source.path)
    exports = read_re_exports(module).names
    rest = defined_names(without_re_exports(module))
    return bool(exports) and not rest and _all_lead_to(exports, target)


def _refuse_modules(project: Project, package: SourceFile) -> None:
    """A module of the application is more than its files."""
    for module in project.modules:
        if f"{module.package or ''}.".startswith(f"{package.module}."):
            raise UsageError(
                f"{package.module} has the module {module.name}, and modules do not move; nothing "
                "was written",
                path=package.path,
            )


def _of_package(tree: SourceTree, package: SourceFile, target: str) -> Iterator[Move]:
    """Every file below a package, each to its place below `target`."""
    assert package.module is not None
    if f"{target}.".startswith(f"{package.module}."):
        raise UsageError(f"{package.module} cannot move below itself, to {target}")
    files = [
        file
        for file in tree.files()
        if f"{file.module}.".startswith(f"{package.module}.") and file.path.suffix == ".py"
    ]
    for file in files:
        defined = defined_names(parse_source(tree.read(file.path), file.path))
        if file.is_package and defined:
            raise UsageError(
                f"{file.module} is a package that defines {defined[0]} itself; nothing was written",
                hint=f"move that first, to a file: {file.module}:{defined[0]}",
                path=file.path,
            )
    if all(file.is_package for file in files):
        raise UsageError(f"{package.module} is a package without modules: there is nothing to move")
    for file in files:
        if not file.is_package and file.module is not None:
            below = file.module.removeprefix(package.module)
            yield _move(tree, file, Place(file.module), f"{target}{below}")


def _move(tree: SourceTree, source: SourceFile, place: Place, target: str) -> Move:
    module = parse_source(tree.read(source.path), source.path)
    exports = read_re_exports(module).names
    if place.name is None:
        settled = _is_settled(tree, source, target)
        taken = tree.file_of(target)
        if taken is not None and not settled:
            raise NameClash(
                f"there is a module {target} already; nothing was written",
                hint=f"to move single names into it: {place}:Name",
                path=taken.path,
            )
    else:
        settled = place.name in exports and exports[place.name].module == target
    return Move(source, place.name, target, settled)


def _all_lead_to(exports: Mapping[str, Place], target: str) -> bool:
    return {place.module for place in exports.values()} == {target}


def _source(tree: SourceTree, place: Place) -> SourceFile:
    found = tree.file_of(place.module)
    if found is None:
        owner, _, name = place.module.rpartition(".")
        above = tree.file_of(owner) if owner and place.name is None else None
        known = above is not None and name in defined_names(
            parse_source(tree.read(above.path), above.path)
        )
        raise SourceNotFound(
            f"the project has no module {place.module}; nothing was written",
            hint=f"a name in a module is written with a colon: {owner}:{name}"
            if known
            else f"it is looked for in {', '.join(map(str, tree.search))}",
        )
    if not found.path.is_relative_to(tree.root) or tree.is_kept(found.path):
        raise SourceNotFound(
            f"{place.module} is no source of this project that could move; nothing was written",
            path=found.path,
        )
    return found


def _target(project: Project, tree: SourceTree, request: Request, place: Place) -> str:
    """The module into which a source goes."""
    target = request.target
    if ":" in target or not all(map(str.isidentifier, target.split("."))):
        raise UsageError(
            f"{target!r} is no place to move to",
            hint="name a module (billing), or a dotted path to one; move renames nothing",
        )
    stem = place.module.rpartition(".")[2]
    if "." not in target:
        root = _models_of(project, target)
        return root if _is_one_file(project, tree, target) else f"{root}.{stem}"
    files = [each for each in request.sources if each.name is None]
    into = tree.file_of(target)
    if place.name is None and (len(files) > 1 or (into is not None and into.is_package)):
        return f"{target}.{stem}"
    if place.name is None and into is None and tree.directories_of(target):
        return f"{target}.{stem}"
    return target


def _models_of(project: Project, name: str) -> str:
    module = project.module(name)
    if module.package is None:
        raise UsageError(f"{name} has no package to which code could move", path=module.origin.path)
    return module.models[0] if module.models else f"{module.package}.models"


def _is_one_file(project: Project, tree: SourceTree, target: str) -> bool:
    """Whether the models of the module `target` are one file, into which names go."""
    if "." in target or target not in project.by_name:
        return False
    found = tree.file_of(_models_of(project, target))
    return found is not None and not found.is_package


def _refuse_twice(moves: Sequence[Move]) -> None:
    seen: dict[Place, Move] = {}
    for move in moves:
        whole = seen.get(Place(move.old.module))
        if move.old in seen or whole is not None:
            raise UsageError(f"{move.old} is to move twice; nothing was written")
        same = next((each for each in seen.values() if each.new == move.new), None)
        if same is not None:
            raise NameClash(
                f"{same.old} and {move.old} would both become {move.new}; nothing was written",
                hint="give one of them another target",
                path=move.source.path,
            )
        seen[move.old] = move
