"""Everything in a file that names what moves: imports, uses through packages, strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import libcst as cst

from modalembic.authoring.move.chains import Chains
from modalembic.authoring.move.concerned import concerned
from modalembic.authoring.move.imports import ImportStatement
from modalembic.authoring.move.order import in_order
from modalembic.authoring.move.parsed import Parsed, dotted_of, parse_source
from modalembic.authoring.move.relocations import Place, Relocations
from modalembic.authoring.move.replace import Replacements
from modalembic.authoring.move.statements import WIDTH, Imported, import_from
from modalembic.authoring.move.strings import MAPPING, StringRewriter
from modalembic.authoring.move.toplevel import small_statements
from modalembic.authoring.move.tree import SourceFile, SourceTree
from modalembic.errors import NameClash

_PARTS = cst.Else | cst.ExceptHandler | cst.ExceptStarHandler | cst.Finally | cst.MatchCase


@dataclass(frozen=True)
class Settled:
    """What all files have in common. `keep` are names of tasks, which stay; `exported` the names of
    modules that list them; `lazily` the old packages, whose re-exports must not import eagerly;
    `stars` says that star imports lose the names that move."""

    relocations: Relocations
    keep: frozenset[str] = frozenset()
    exported: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lazily: frozenset[str] = frozenset()
    stars: bool = False
    width: int = WIDTH


@dataclass
class Handed:
    """What an old package no longer imports: re-exported names with their places, and modules that
    it imported for their effect."""

    names: dict[str, Place] = field(default_factory=dict)
    modules: dict[str, None] = field(default_factory=dict)


def rewrite_references(tree: SourceTree, settled: Settled) -> dict[str, Handed]:
    """Rewrite every file; what each old package handed over.

    Raises SourceUnreadable and NameClash.
    """
    handed: dict[str, Handed] = {}
    for file in list(concerned(tree, settled.relocations)):
        rewriter = _FileRewriter(file, tree.read(file.path), settled)
        content = rewriter.rewritten()
        if content is not None:
            tree.write(file.path, content)
        if file.module in settled.lazily and file.module is not None:
            handed[file.module] = rewriter.handed
    return handed


def rewrite_strings(
    tree: SourceTree, module: str, names: Mapping[str, Place], keep: frozenset[str]
) -> None:
    """Rewrite the strings that name something of `module` by its whole path."""
    relocations = Relocations.of((f"{module}.{name}", place) for name, place in names.items())
    for file in list(tree.mentioning([f"{module}.", f"{module}:"])):
        parsed = parse_source(tree.read(file.path), file.path)
        wanted = Replacements()
        parsed.visit(StringRewriter(relocations, keep, wanted))
        if wanted:
            tree.write(file.path, wanted.applied(parsed).bytes)


class _FileRewriter:
    def __init__(self, file: SourceFile, content: bytes, settled: Settled) -> None:
        self._file = file
        self._settled = settled
        self._content = content
        self._parsed = Parsed(content, file.path)
        self._wanted = Replacements()
        self._lazy = file.module in settled.lazily
        self.handed = Handed()

    def rewritten(self) -> bytes | None:
        """The new content; None where nothing changes."""
        module = self._parsed.module
        statements = [self._statement(node) for node in _imports(module)]
        if any(statement.containers for statement in statements):
            self._follow_chains(statements)
        for statement in statements:
            self._finish(statement)
        if self._may_have_strings:
            module.visit(
                StringRewriter(self._settled.relocations, self._settled.keep, self._wanted)
            )
        if not self._wanted:
            return None
        own = (self._file.module or "").partition(".")[0]
        return in_order(module, self._wanted.applied(module), own, self._settled.width).bytes

    @property
    def _may_have_strings(self) -> bool:
        """Whether the text has an old path, or a relationship, which may have the end of one."""
        paths = (dotted.rpartition(".")[0] for dotted in self._settled.relocations.targets)
        return any(word.encode() in self._content for word in {*paths, *MAPPING})

    def _statement(self, node: cst.Import | cst.ImportFrom) -> ImportStatement:
        # The column matters for long lines alone.
        statement = ImportStatement(self._file, node, 4, self._settled.width)
        statement.sort(self._settled.relocations)
        if isinstance(node.names, cst.ImportStar):
            self._star(statement)
        self._refuse_itself(statement)
        if self._lazy:
            self._hand_over(statement)
        return statement

    def _follow_chains(self, statements: list[ImportStatement]) -> None:
        chains = Chains(
            self._file, self._parsed, statements, self._settled.relocations, self._wanted
        )
        self._parsed.module.visit(chains)
        for statement in statements:
            for local, alias in statement.containers.items():
                key = (id(statement), local)
                if chains.uses.rewritten[key] and self._is_free(statement, local, alias, chains):
                    statement.drop(alias)
            self._keep_parents(statement, chains)

    def _is_free(
        self, statement: ImportStatement, local: str, alias: cst.ImportAlias, chains: Chains
    ) -> bool:
        """Whether nothing else needs a name that was used for what moves."""
        if self._file.is_package and not self._lazy:
            return False
        if isinstance(statement.node, cst.Import) and alias.evaluated_alias is None:
            dotted = alias.evaluated_name
            return not any(f"{name}.".startswith(f"{dotted}.") for name in chains.uses.left_names)
        return not chains.uses.left[id(statement), local]

    def _keep_parents(self, statement: ImportStatement, chains: Chains) -> None:
        """`import a.b.c` made `a.b` usable too."""
        if not isinstance(statement.node, cst.Import):
            return
        for alias in statement.aliases:
            found = self._settled.relocations.find(alias.evaluated_name)
            parent = alias.evaluated_name.rpartition(".")[0]
            if found is None or alias.evaluated_alias is not None or not parent:
                continue
            if any(name.startswith(f"{parent}.") for name in chains.uses.left_names):
                statement.modules[parent, None] = None

    def _finish(self, statement: ImportStatement) -> None:
        if statement.changed and statement.node not in self._wanted.smalls:
            self._wanted.smalls[statement.node] = statement.result()

    def _star(self, statement: ImportStatement) -> None:
        origin = statement.origin
        found = None if origin is None else self._settled.relocations.find(origin)
        if found is not None and found.place.name is None:
            self._moved_star(statement, found.place.module)
        elif origin is not None and self._settled.relocations.contains(origin):
            self._robbed_star(statement, origin)

    def _moved_star(self, statement: ImportStatement, module: str) -> None:
        assert isinstance(statement.node, cst.ImportFrom)
        assert statement.origin is not None
        if self._lazy:
            for name in self._settled.exported.get(statement.origin, ()):
                self.handed.names[name] = Place(module, name)
            self._wanted.smalls[statement.node] = []
            return
        spelled = import_from(module, [Imported("x", "x")])
        self._wanted.smalls[statement.node] = [
            statement.node.with_changes(module=spelled.module, relative=())
        ]

    def _robbed_star(self, statement: ImportStatement, origin: str) -> None:
        """A star import from a module that stays, of names some of which move."""
        moved = {
            name: place
            for name in self._settled.exported.get(origin, ())
            if (place := self._settled.relocations.targets.get(f"{origin}.{name}")) is not None
        }
        if self._lazy:
            left = [n for n in self._settled.exported.get(origin, ()) if n not in moved]
            spelled = cst.Module([]).code_for_node(statement.node).split()[1]
            self._wanted.smalls[statement.node] = (
                [import_from(spelled, [Imported(name, name) for name in left])] if left else []
            )
            self.handed.names.update(moved)
        elif self._settled.stars:
            used = _unbound(self._parsed)
            for name, place in moved.items():
                if name in used:
                    statement.bring(place, name)
            if statement.names:
                self._wanted.smalls[statement.node] = [statement.node, *statement.result()]

    def _refuse_itself(self, statement: ImportStatement) -> None:
        """The target file needs no import of what it now defines."""
        own = statement.names.pop(self._file.module or "", [])
        for name in own:
            if name.name != name.local:
                raise NameClash(
                    f"{self._file.path.name} imports {name.name}, which moves into it, as "
                    f"{name.local}; nothing was written",
                    hint=f"use it as {name.name} there first",
                    path=self._file.path,
                    line=self._parsed.line(statement.node),
                )

    def _hand_over(self, statement: ImportStatement) -> None:
        """Take out what an old package imports for nothing but to have it."""
        top = {small for line in self._parsed.module.body for small in small_statements(line)}
        if statement.node not in top:
            return
        for module, names in list(statement.names.items()):
            left = [name for name in names if self._is_used(name.local)]
            for name in names:
                if name not in left:
                    self._note(module, name)
            if left:
                statement.names[module] = left
            else:
                del statement.names[module]
        for module, local in list(statement.modules):
            if local is None or not self._is_used(local):
                self.handed.modules[module] = None
                del statement.modules[module, local]

    def _note(self, module: str, name: Imported) -> None:
        whole = f"{module}.{name.name}"
        moved = {place.module for place in self._settled.relocations.targets.values()}
        if whole in moved:
            self.handed.modules[whole] = None
        else:
            self.handed.names[name.local] = Place(module, name.name)

    def _is_used(self, local: str) -> bool:
        scope = self._parsed.global_scope
        return any(
            True
            for assignment in scope.assignments
            if assignment.name == local
            for _ in assignment.references
        )


def _imports(node: cst.CSTNode) -> Iterator[cst.Import | cst.ImportFrom]:
    """The imports of a file, wherever they are. Expressions hold none and are not gone through."""
    for child in node.children:
        if isinstance(child, cst.Import | cst.ImportFrom):
            yield child
        elif isinstance(child, cst.BaseStatement | cst.BaseSuite | _PARTS):
            yield from _imports(child)


def _unbound(parsed: Parsed) -> set[str]:
    """The names that a file uses and does not bind."""
    found: set[str] = set()
    for scope in {each for each in parsed.scopes.values() if each is not None}:
        for access in scope.accesses:
            if not access.referents and isinstance(access.node, cst.Name | cst.Attribute):
                found.add((dotted_of(access.node) or "").partition(".")[0])
    return found
