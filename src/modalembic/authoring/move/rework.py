"""The whole change to the source, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from modalembic.authoring.move.carried import Carried
from modalembic.authoring.move.emptied import remove_emptied_packages
from modalembic.authoring.move.extra import rewrite_extra_files
from modalembic.authoring.move.insert import with_imports
from modalembic.authoring.move.listing import with_listed, without_listed
from modalembic.authoring.move.mapping import (
    exported_names,
    old_packages,
    refuse_stars,
    refuse_still_imported,
    relocations_of,
)
from modalembic.authoring.move.parsed import parse_source
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.reexports import (
    ReExports,
    listed_names,
    read_re_exports,
    with_re_exports,
    without_re_exports,
)
from modalembic.authoring.move.references import (
    Handed,
    Settled,
    rewrite_references,
    rewrite_strings,
)
from modalembic.authoring.move.relocations import Place, Relocations
from modalembic.authoring.move.removed import follow_removed
from modalembic.authoring.move.stubs import move_stub, refuse_stub
from modalembic.authoring.move.tidying import tidy
from modalembic.authoring.move.toplevel import bindings, says_nothing
from modalembic.authoring.move.transplant import Taken, move_file, move_names
from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.authoring.move.trimming import without_imports
from modalembic.errors import UsageError


@dataclass(frozen=True)
class Terms:
    """How a plan is carried out: `shim` leaves re-exports, `tasks` are the names by which Celery
    knows what moves, `keep` those of all tasks, which no string loses; `homes` are the packages of
    modules, which import nothing for others, `extra` the patterns of other files, `width` the
    length of lines; `packages` says that the packages above the old places follow."""

    shim: bool
    tasks: Mapping[Place, str]
    keep: frozenset[str]
    homes: frozenset[str]
    extra: tuple[str, ...]
    width: int
    packages: bool = True


@dataclass
class Reworked:
    """What was done: the dotted names that changed, the definitions that moved, old names that
    still lead to the new place, and what should be said of it."""

    relocations: Relocations
    moved: dict[Place, Place] = field(default_factory=dict)
    aliases: dict[Place, Place] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def rework(tree: SourceTree, moves: Sequence[Move], terms: Terms) -> Reworked:
    """Change `tree` as the plan wants. Raises what the steps raise; `tree` is then of no use."""
    if terms.shim:
        _refuse_settled(moves)
    packages = old_packages(tree, moves) if terms.packages else ()
    relocations = relocations_of(tree, moves, packages)
    sources = {move.source for move in moves}
    exported = exported_names(tree, [*sources, *packages])
    refuse_stars(tree, relocations, exported)
    if not terms.shim:
        refuse_still_imported(tree, relocations)
    lazily = frozenset(package.module for package in packages if package.module)
    settled = Settled(
        relocations,
        terms.keep,
        exported,
        lazily,
        stars=not terms.shim,
        width=terms.width,
    )
    handed = rewrite_references(tree, settled)
    work = _Rework(tree, terms, Reworked(relocations))
    for source in sorted(sources):
        work.empty(source, [move for move in moves if move.source == source])
    if not terms.shim:
        follow_removed(tree, moves, terms.keep)
    for package in packages:
        work.settle_package(package, handed.get(package.module or "", Handed()), relocations)
    if not terms.shim:
        remove_emptied_packages(tree, moves)
    tidy(tree, moves, packages, terms.width)
    rewrite_extra_files(tree, terms.extra, relocations, terms.keep)
    return work.result


def _refuse_settled(moves: Iterable[Move]) -> None:
    for move in moves:
        if move.settled:
            raise UsageError(
                f"{move.old} has moved to {move.target} already",
                hint="with --no-shim, the re-export that it left goes too",
                path=move.source.path,
            )


class _Rework:
    def __init__(self, tree: SourceTree, terms: Terms, result: Reworked) -> None:
        self._tree = tree
        self._terms = terms
        self.result = result

    def empty(self, source: SourceFile, moves: Sequence[Move]) -> None:
        """Take everything out of a file that is to leave it, and leave what is to stay."""
        whole = next((move for move in moves if move.name is None), None)
        tasks = {
            place.name: name
            for place, name in self._terms.tasks.items()
            if place.module == source.module and place.name is not None
        }
        wanted = {move.name: move.target for move in moves if move.name and not move.settled}
        self._note_settled(source, moves)
        if whole is not None and whole.settled:
            self._tree.write(source.path, None)
        elif whole is not None:
            listed = listed_names(parse_source(self._tree.read(source.path), source.path))
            taken = move_file(self._tree, whole, tasks)
            move_stub(self._tree, source, whole.target)
            self._note(source, taken)
            self._leave_file(whole, taken, listed)
        elif wanted:
            refuse_stub(self._tree, source)
            taken = move_names(self._tree, source, wanted, tasks, self._terms.width)
            self._note(source, taken)
            self._leave_names(source, taken, wanted)
            rewrite_strings(self._tree, source.module or "", taken.patched, self._terms.keep)
        gone = [move.name for move in moves if move.name is not None and move.settled]
        if gone:
            self._drop(source, gone)

    def _note(self, source: SourceFile, taken: Taken) -> None:
        self.result.notes += taken.notes
        for name, place in taken.moved.items():
            self.result.moved[Place(source.module or "", name)] = place

    def _note_settled(self, source: SourceFile, moves: Iterable[Move]) -> None:
        """What moved earlier, so that the proof knows where it is."""
        exports = read_re_exports(parse_source(self._tree.read(source.path), source.path))
        for move in moves:
            for name, place in exports.names.items() if move.settled else ():
                if move.name in {None, name}:
                    self.result.moved[move.old_name(name)] = place

    def settle_package(self, package: SourceFile, handed: Handed, relocations: Relocations) -> None:
        """Give an old package the lazy re-exports of what it has handed over."""
        module = parse_source(self._tree.read(package.path), package.path)
        before = read_re_exports(module)
        exports = before.joined(
            handed.names, {*handed.modules, *(place.module for place in handed.names.values())}
        )
        gone = [n for n in exports.names if f"{package.module}.{n}" in relocations.targets]
        if not self._terms.shim:
            exports = exports.without(gone)
        if exports == before:
            return
        rest = without_re_exports(module)
        if self._terms.shim and handed.names and not listed_names(rest):
            rest = with_listed(rest, _public_names(rest, handed.names), create=True)
        if not self._terms.shim:
            rest = without_listed(rest, gone)
        self._write_exports(package, rest, exports)
        self._mirror(package, handed)

    def _leave_file(self, move: Move, taken: Taken, listed: Sequence[str]) -> None:
        if not self._terms.shim:
            self._tree.write(move.source.path, None)
            return
        target = self._tree.file_of(move.target)
        assert target is not None
        before = parse_source(self._tree.read(target.path), target.path)
        module = cst.parse_module(f'"""Moved to {move.target}."""\n').with_changes(
            default_newline=before.default_newline
        )
        names = [name for name in taken.moved if not name.startswith("_")]
        module = with_listed(module, listed or names, create=True)
        exports = ReExports(taken.moved, (move.target,))
        self._write_exports(move.source, module, exports)

    def _leave_names(self, source: SourceFile, taken: Taken, wanted: Mapping[str, str]) -> None:
        module = parse_source(self._tree.read(source.path), source.path)
        before = read_re_exports(module)
        rest = without_re_exports(module)
        lazy = {
            name: place
            for name, place in taken.moved.items()
            if name in wanted and name not in taken.imported
        }
        for name in wanted.keys() & taken.imported:
            self.result.aliases[Place(source.module or "", name)] = taken.moved[name]
        if self._terms.shim:
            exports = before.joined(lazy, {place.module for place in lazy.values()})
            self._write_exports(source, rest, exports)
            return
        rest = without_listed(rest, lazy)
        self._write_exports(source, rest, before)
        self._remove_if_empty(source)

    def _drop(self, source: SourceFile, names: Iterable[str]) -> None:
        """Take re-exports away that an earlier move left."""
        module = parse_source(self._tree.read(source.path), source.path)
        exports = read_re_exports(module).without(names)
        used = {place.module for place in exports.names.values()}
        if not source.is_package:
            exports = ReExports(exports.names, tuple(m for m in exports.modules if m in used))
        rest = without_listed(without_re_exports(module), names)
        self._write_exports(source, rest, exports)
        self._remove_if_empty(source)

    def _write_exports(self, file: SourceFile, rest: cst.Module, exports: ReExports) -> None:
        module = with_re_exports(file, rest, exports, self._terms.width)
        if not exports.names:
            module = without_imports(module, frozenset())
        self._tree.write(file.path, module.bytes)
        for name, place in exports.names.items():
            self.result.aliases[Place(file.module or "", name)] = place

    def _remove_if_empty(self, file: SourceFile) -> None:
        module = parse_source(self._tree.read(file.path), file.path)
        if not file.is_package and all(map(says_nothing, module.body)):
            self._tree.write(file.path, None)

    def _mirror(self, package: SourceFile, handed: Handed) -> None:
        """What the old package had at hand, the new one has too."""
        wanted: dict[str, list[Carried]] = {}
        for local, place in sorted(handed.names.items()):
            if place.name is not None:
                parent = place.module.rpartition(".")[0]
                wanted.setdefault(parent, []).append(Carried(place.module, place.name, local))
        for name in handed.modules:
            parent, _, last = name.rpartition(".")
            wanted.setdefault(parent, []).append(Carried(parent, last, last))
        for parent, imports in sorted(wanted.items()):
            file = self._tree.file_of(parent) if parent else None
            above = f"{package.module}.".startswith(f"{parent}.")
            if file is not None and file.is_package and not above:
                self._add_to_package(file, imports)

    def _add_to_package(self, file: SourceFile, imports: Sequence[Carried]) -> None:
        if file.module in self._terms.homes or not file.path.is_relative_to(self._tree.root):
            return
        module = parse_source(self._tree.read(file.path), file.path)
        listed = bool(listed_names(module)) or all(map(says_nothing, module.body))
        taken = {binding.name for binding in bindings(module)}
        new = [each for each in imports if each.binds not in taken]
        if listed:
            new = [_plain(each) for each in new]
        module = with_imports(file, module, new, self._terms.width)
        module = with_listed(module, [each.binds for each in new], create=listed and bool(new))
        self._tree.write(file.path, module.bytes)


def _plain(imported: Carried) -> Carried:
    """Without the `as` that says a name is re-exported, which `__all__` says too."""
    local = None if imported.local == imported.name else imported.local
    return Carried(imported.module, imported.name, local)


def _public_names(module: cst.Module, names: Iterable[str]) -> set[str]:
    bound = {binding.name for binding in bindings(module)}
    return {name for name in (*bound, *names) if not name.startswith("_")} - {"TYPE_CHECKING"}
