"""Taking definitions to where they belong: whole files, and single names of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst
from libcst import matchers

from modalembic.authoring.move.carried import Carried, imports_at_top
from modalembic.authoring.move.dissect import Dissection, defined_names, dissect
from modalembic.authoring.move.insert import with_definitions, with_imports
from modalembic.authoring.move.listing import with_listed
from modalembic.authoring.move.mapping import exported_names, imported_from
from modalembic.authoring.move.names import names_in
from modalembic.authoring.move.newplaces import new_file
from modalembic.authoring.move.parsed import Parsed, dotted_of, parse_source
from modalembic.authoring.move.plan import Move
from modalembic.authoring.move.reexports import listed_names
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.replace import in_place_of
from modalembic.authoring.move.tasks import with_task_names
from modalembic.authoring.move.toplevel import bindings, is_type_checking
from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.authoring.move.trimming import (
    is_import_line,
    module_names,
    spelled_out,
    split_comments,
    without_imports,
)
from modalembic.authoring.move.uses import Uses
from modalembic.errors import MoveUnclear, NameClash


@dataclass
class Taken:
    """What left a file: the names that moved, with their new places; which of them the file itself
    still imports because it uses them; and names that nobody imports, but that strings
    (`mock.patch`) may know there, with the places where they are needed now."""

    moved: dict[str, Place] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    patched: dict[str, Place] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def move_file(tree: SourceTree, move: Move, tasks: Mapping[str, str]) -> Taken:
    """Give a file its new place; the old one is empty afterwards."""
    source = move.source
    target = new_file(tree, move.target, source)
    parsed = Parsed(tree.read(source.path), source.path)
    uses = Uses(parsed)
    module = with_task_names(parsed, tasks)
    names = defined_names(module)
    notes = module_names(parsed, uses, range(len(module.body)), move.target)
    if source.package != target.package:
        module = spelled_out(source, module)
    tree.write(target.path, module.bytes)
    tree.write(source.path, b"")
    listed = [name for name in listed_names(module) if name not in names]
    return Taken({name: Place(move.target, name) for name in (*names, *listed)}, notes=notes)


def move_names(
    tree: SourceTree,
    source: SourceFile,
    wanted: Mapping[str, str],
    tasks: Mapping[str, str],
    width: int,
) -> Taken:
    """Take the `wanted` names of a file into the modules that are said with them.

    Raises SourceNotFound, MoveUnclear and NameClash.
    """
    assert source.module is not None
    content = tree.read(source.path)
    original = Parsed(content, source.path)
    parsed = Parsed(with_task_names(original, tasks).bytes, source.path)
    uses = Uses(parsed)
    public = imported_from(tree, source.module) | set(listed_names(parsed.module))
    cut = dissect(parsed, uses, wanted, frozenset(public))
    surgery = _Surgery(tree, source, parsed, uses, cut, width)
    for target in sorted(set(cut.goes.values())):
        surgery.insert(target)
    return surgery.close(frozenset(public))


class _Surgery:
    def __init__(
        self,
        tree: SourceTree,
        source: SourceFile,
        parsed: Parsed,
        uses: Uses,
        cut: Dissection,
        width: int,
    ) -> None:
        self._tree = tree
        self._source = source
        self._parsed = parsed
        self._uses = uses
        self._cut = cut
        self._width = width
        self._at_top = list(imports_at_top(source, parsed.module))
        self._staying = [i for i in range(len(parsed.module.body)) if i not in cut.goes]
        self._notes: list[str] = []

    def insert(self, target: str) -> None:
        """Bring what goes into `target` there, with what it needs."""
        file = new_file(self._tree, target, self._source)
        module = parse_source(self._tree.read(file.path), file.path)
        if not module.body:
            module = module.with_changes(default_newline=self._parsed.module.default_newline)
        indices = [index for index in sorted(self._cut.goes) if self._cut.goes[index] == target]
        names = [name for name, place in self._cut.names.items() if place == target]
        self._refuse_taken(file, module, names)
        copied = self._copied(indices)
        module = with_imports(file, module, self._needed(indices, target), self._width)
        statements = [self._uncommented(self._parsed.module.body[i]) for i in indices]
        module = with_definitions(module, [*copied, *statements], names)
        listed = set(listed_names(self._parsed.module))
        module = with_listed(module, listed.intersection(names), create=False)
        if listed_names(module):
            module = with_listed(module, [n for n in names if not n.startswith("_")], create=False)
        self._notes += module_names(self._parsed, self._uses, indices, target)
        self._tree.write(file.path, module.bytes)

    def close(self, public: frozenset[str]) -> Taken:
        """Leave the source without what has gone, and without the imports that only that needed."""
        module = self._without_gone()
        wanted = list(self._wanted_back())
        unused = self._unused(public)
        module = with_imports(self._source, without_imports(module, unused), wanted, self._width)
        self._tree.write(self._source.path, module.bytes)
        return Taken(
            {name: Place(target, name) for name, target in self._cut.names.items()},
            {each.binds for each in wanted},
            dict(self._patched(unused)),
            self._notes,
        )

    def _patched(self, unused: Iterable[str]) -> Iterator[tuple[str, Place]]:
        yield from ((name, Place(target, name)) for name, target in self._cut.names.items())
        for name in unused:
            targets = {
                target for index, target in self._cut.goes.items() if name in self._uses.of(index)
            }
            if len(targets) == 1:
                yield name, Place(targets.pop(), name)

    def _refuse_taken(self, file: SourceFile, module: cst.Module, names: Iterable[str]) -> None:
        taken = {binding.name: binding for binding in bindings(module)}
        for name in names:
            if name in taken:
                parsed = Parsed(self._tree.read(file.path), file.path)
                found = [each for each in bindings(parsed.module) if each.name == name]
                raise NameClash(
                    f"{file.module} has a {name} already; nothing was written",
                    hint="rename one of the two first",
                    path=file.path,
                    line=parsed.line(found[0].node),
                )

    def _needed(self, indices: Sequence[int], target: str) -> Iterator[Carried]:
        """The imports without which what goes to `target` would not work there."""
        wanted: set[Carried] = set()
        for index in indices:
            early = self._uses.early.get(index, set())
            for name in self._uses.of(index):
                wanted.update(self._import_of(name, target, late=name not in early))
        wanted.update(self._from_stars(indices))
        order = {each: number for number, (each, _) in enumerate(self._at_top)}
        future = [each for each, _ in self._at_top if each.module == "__future__"]
        yield from future
        yield from sorted(wanted, key=lambda each: (order.get(each, len(order)), each.binds))

    def _import_of(self, name: str, target: str, *, late: bool) -> Iterator[Carried]:
        if name in self._cut.names:
            if self._cut.names[name] != target:
                yield Carried(self._cut.names[name], name, None, typing=late)
            return
        found = [each for each, _ in self._at_top if each.binds == name]
        if found:
            yield from (each for each in found if (each.module, each.name) != (target, name))
        elif self._is_own(name):
            assert self._source.module is not None
            yield Carried(self._source.module, name, None, typing=late)

    def _is_own(self, name: str) -> bool:
        """Whether the file itself gives a name its value."""
        known = any(binding.name == name for binding in bindings(self._parsed.module))
        return known and not self._is_conditional_import(name)

    def _from_stars(self, indices: Sequence[int]) -> Iterator[Carried]:
        wanted = {name for name, users in self._uses.unbound.items() if users.intersection(indices)}
        if not wanted:
            return
        for node in matchers.findall(
            self._parsed.module, matchers.ImportFrom(names=matchers.ImportStar())
        ):
            assert isinstance(node, cst.ImportFrom)
            module = self._source.absolute(len(node.relative), dotted_of(node.module) or "") or ""
            file = self._tree.file_of(module)
            listed = {} if file is None else exported_names(self._tree, [file])
            if module not in listed:
                raise MoveUnclear(
                    f"{', '.join(sorted(wanted))} may come from a star import of {module}, which "
                    "has no __all__ that can be read; nothing was written",
                    hint="import the names",
                    path=self._source.path,
                    line=self._parsed.line(node),
                )
            for name in sorted(wanted.intersection(listed[module])):
                yield Carried(module, name, None)

    def _copied(self, indices: Sequence[int]) -> list[cst.BaseStatement]:
        """Imports under a condition (`try: import x`), which go along whole."""
        used = {name for index in indices for name in self._uses.of(index)}
        found = {
            binding.index
            for binding in bindings(self._parsed.module)
            if binding.name in used and self._is_conditional_import(binding.name)
        }
        body = self._parsed.module.body
        return [self._uncommented(body[index]) for index in sorted(found)]

    def _is_conditional_import(self, name: str) -> bool:
        found = [b for b in bindings(self._parsed.module) if b.name == name]
        return any(
            each.kind == "conditional" and isinstance(each.node, cst.Import | cst.ImportFrom)
            for each in found
        )

    def _wanted_back(self) -> Iterator[Carried]:
        """The moved names that what stays uses."""
        early: dict[str, None] = {}
        late: dict[str, None] = {}
        for index in self._staying:
            needs = self._uses.early.get(index, set())
            for name in sorted(self._uses.of(index) & self._cut.names.keys()):
                (early if name in needs else late)[name] = None
        for name in early:
            yield Carried(self._cut.names[name], name, None)
        for name in late:
            if name not in early:
                yield Carried(self._cut.names[name], name, None, typing=True)

    def _unused(self, public: frozenset[str]) -> frozenset[str]:
        """Names that were imported for what has gone, and that nobody needs any more."""
        if self._source.is_package:
            return frozenset()
        gone = {name for index in self._cut.goes for name in self._uses.of(index)}
        left: set[str] = set()
        for index in self._staying:
            left |= self._uses.of(index)
            statement = self._parsed.module.body[index]
            if not is_import_line(statement) and not is_type_checking(statement):
                left |= names_in(statement)
        imported = {each.binds for each, _ in self._at_top}
        return frozenset((gone & imported) - left - public)

    def _without_gone(self) -> cst.Module:
        """The statements that stay; comments that stand apart from what goes stay too."""
        module = self._parsed.module
        body: list[cst.CSTNode] = []
        gone: list[cst.CSTNode] = []
        for index, statement in enumerate(module.body):
            if index in self._cut.goes:
                apart, _ = split_comments(statement)
                gone.append(statement.with_changes(leading_lines=apart))
                continue
            body.append(in_place_of(gone, statement))
            gone = []
        left = [line for each in gone for line in getattr(each, "leading_lines", ())]
        footer = (*left, *module.footer) if any(line.comment for line in left) else module.footer
        return module.with_changes(body=body, footer=footer)

    @staticmethod
    def _uncommented(statement: cst.BaseStatement) -> cst.BaseStatement:
        """A statement with those comments that stand right above it, and no others."""
        _, own = split_comments(statement)
        changed = statement.with_changes(leading_lines=own)
        assert isinstance(changed, cst.BaseStatement)
        return changed
