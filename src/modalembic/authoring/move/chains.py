"""Uses of what moves through the module or package that holds it: `models.User`, `app.models.User`.

Which import a name comes from is LibCST's answer (scopes and qualified names), so that a local
variable of the same name is left alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst
from libcst import metadata

from modalembic.authoring.move.imports import ImportStatement
from modalembic.authoring.move.names import names_in
from modalembic.authoring.move.parsed import Parsed, dotted_expression, dotted_of
from modalembic.authoring.move.relocations import Place, Relocated, Relocations
from modalembic.authoring.move.replace import Replacements
from modalembic.authoring.move.strings import quoted, relocated_expression
from modalembic.authoring.move.tree import SourceFile


@dataclass
class Uses:
    """What `Chains` has found: how often each name that a statement binds was and was not
    rewritten, and the whole dotted names of uses that stay."""

    rewritten: Counter[tuple[int, str]] = field(default_factory=Counter)
    left: Counter[tuple[int, str]] = field(default_factory=Counter)
    left_names: set[str] = field(default_factory=set)


class Chains(cst.CSTVisitor):
    """Goes through the expressions of a file, and notes in `wanted` and in the statements what has
    to change."""

    def __init__(
        self,
        file: SourceFile,
        parsed: Parsed,
        statements: Sequence[ImportStatement],
        relocations: Relocations,
        wanted: Replacements,
    ) -> None:
        super().__init__()
        self.uses = Uses()
        self._file = file
        self._parsed = parsed
        self._relocations = relocations
        self._wanted = wanted
        self._by_local = _by_local(statements)
        self._locals: dict[tuple[int, str], str] = {}
        self._taken = set(names_in(parsed.module))
        self._annotations = 0

    def visit_Import(self, node: cst.Import) -> bool:
        del node
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        del node
        return False

    def visit_Annotation(self, node: cst.Annotation) -> None:
        del node
        self._annotations += 1

    def leave_Annotation(self, original_node: cst.Annotation) -> None:
        del original_node
        self._annotations -= 1

    def visit_Arg(self, node: cst.Arg) -> bool:
        # The keyword is a name that comes from nowhere.
        node.value.visit(self)
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        dotted = dotted_of(node)
        if dotted is None:
            node.value.visit(self)
            return False
        self._use(node, dotted)
        return False

    def visit_Name(self, node: cst.Name) -> None:
        self._use(node, node.value)

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        value = node.evaluated_value
        scope = self._parsed.scopes.get(node)
        if not self._annotations or not isinstance(value, str) or scope is None:
            return
        changed = relocated_expression(value, lambda dotted: self._in_string(scope, dotted))
        if changed is not None:
            self._wanted.expressions[node] = quoted(node, changed)

    def _use(self, node: cst.Name | cst.Attribute, dotted: str) -> None:
        scope = self._parsed.scopes.get(node)
        statement = None if scope is None else self._binding(scope, dotted)
        if statement is None or scope is None:
            return
        full = self._full(scope, dotted)
        found = None if full is None else self._relocations.find(full)
        key = (id(statement), dotted.partition(".")[0])
        if found is None or full is None or self._goes_by_itself(statement, full, dotted):
            self.uses.left[key] += 1
            self.uses.left_names.add(full or dotted)
            return
        self.uses.rewritten[key] += 1
        part = _without(node, len(full.split(".")) - found.taken)
        self._wanted.expressions[part] = dotted_expression(self._written(statement, found, dotted))

    def _in_string(self, scope: metadata.Scope, dotted: str) -> str | None:
        statement = self._binding(scope, dotted)
        full = None if statement is None else self._full(scope, dotted)
        found = None if full is None else self._relocations.find(full)
        if statement is None or found is None or full is None:
            return None
        if self._goes_by_itself(statement, full, dotted):
            return None
        self.uses.rewritten[id(statement), dotted.partition(".")[0]] += 1
        return ".".join((self._written(statement, found, dotted), *found.rest))

    def _binding(self, scope: metadata.Scope, dotted: str) -> ImportStatement | None:
        """The statement that binds the first part of a chain to a package from which something
        moves."""
        base = dotted.partition(".")[0]
        if base not in self._by_local or self._parsed.imported_name(scope, base) is None:
            return None
        nodes = {
            assignment.node
            for assignment in scope[base]
            if isinstance(assignment, metadata.ImportAssignment)
        }
        return next((each for each in self._by_local[base] if each.node in nodes), None)

    def _full(self, scope: metadata.Scope, dotted: str) -> str | None:
        name = self._parsed.imported_name(scope, dotted)
        base, dot, rest = dotted.partition(".")
        if name is None or name.lstrip(".").partition(".")[0] == base:
            owner = self._parsed.imported_name(scope, base)
            name = None if owner is None else f"{owner}{dot}{rest}"
        if name is None:
            return None
        level = len(name) - len(name.lstrip("."))
        return self._file.absolute(level, name.lstrip("."))

    def _goes_by_itself(self, statement: ImportStatement, full: str, dotted: str) -> bool:
        """Whether the name stays right because its own import is rewritten."""
        base = dotted.partition(".")[0]
        return full != dotted and base not in statement.containers

    def _written(self, statement: ImportStatement, found: Relocated, dotted: str) -> str:
        """The expression for what was found, its import added to the statement's."""
        place = found.place
        base = dotted.partition(".")[0]
        alias = statement.containers[base]
        if isinstance(statement.node, cst.Import) and alias.evaluated_alias is None:
            statement.modules[place.module, None] = None
            statement.changed = True
            return place.dotted
        local = self._local(statement, place.module)
        return local if place.name is None else f"{local}.{place.name}"

    def _local(self, statement: ImportStatement, module: str) -> str:
        """What the new module is called in this file: by its last part, or more where that is
        taken."""
        key = (id(statement), module)
        if key not in self._locals:
            parts = module.split(".")
            names = ["_".join(parts[-count:]) for count in range(1, len(parts) + 1)]
            local = next((name for name in names if name not in self._taken), f"{names[-1]}_")
            self._taken.add(local)
            self._locals[key] = local
            parent, _, last = module.rpartition(".")
            if parent:
                statement.bring(Place(parent, last), local)
            else:
                statement.modules[module, None if local == module else local] = None
            statement.changed = True
        return self._locals[key]


def _by_local(statements: Sequence[ImportStatement]) -> Mapping[str, list[ImportStatement]]:
    found: dict[str, list[ImportStatement]] = defaultdict(list)
    for statement in statements:
        for local in statement.containers:
            found[local].append(statement)
    return found


def _without(node: cst.Name | cst.Attribute, count: int) -> cst.CSTNode:
    """A chain but for its last parts."""
    part: cst.CSTNode = node
    for _ in range(count):
        assert isinstance(part, cst.Attribute)
        part = part.value
    return part
