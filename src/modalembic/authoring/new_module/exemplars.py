"""The manifests that the project's modules have: what a new one should look like."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modalembic.authoring.new_module.words import Words
from modalembic.modules import Module
from modalembic.modules.manifest import manifests_in
from modalembic.modules.sources import SourceFile
from modalembic.project import Project
from modalembic.syntax import fields


@dataclass(frozen=True)
class Exemplar:
    """The manifest of a module: its file, the call or dict, and the statement that holds it."""

    module: Module
    file: SourceFile
    node: ast.expr
    statement: ast.stmt

    @property
    def words(self) -> Words:
        """The name of its module."""
        return Words(self.module.name)

    @cached_property
    def fields(self) -> Mapping[str, ast.expr]:
        """Its keywords or keys, in order, with their expressions."""
        return fields(self.node)

    def imports_of(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """For each name in `node` that the file imports: the name, and the import of it alone."""
        names = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
        for name in sorted(names & self.file.imports.keys()):
            yield name, self._import(name)

    def _import(self, name: str) -> str:
        found = self.file.imports[name]
        if found.attribute is None:
            given = "" if found.module == name else f" as {name}"
            return f"import {found.module}{given}"
        given = "" if found.attribute == name else f" as {name}"
        return f"from {found.module} import {found.attribute}{given}"

    def made_of_imports(self, node: ast.AST) -> bool:
        """Whether `node` has no names but those that the file imports."""
        names = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
        return names <= self.file.imports.keys()


def exemplars(project: Project) -> tuple[Exemplar, ...]:
    """The manifests of the project's modules, those whose fields most others have too first."""
    found = [each for module in project.modules for each in _of(project, module)]
    common = Counter(tuple(each.fields) for each in found)
    return tuple(
        sorted(found, key=lambda each: (-common[tuple(each.fields)], str(each.module.directory)))
    )


def _of(project: Project, module: Module) -> Iterator[Exemplar]:
    if module.directory is None or not module.directory.is_relative_to(project.root):
        return
    shape = project.configuration.manifest
    path = module.directory / shape.file
    dotted = f"{module.package or module.name}.{Path(shape.file).stem}"
    try:
        text = path.read_bytes()
        file = SourceFile(dotted, path, text, ast.parse(text, str(path)))
    except (OSError, SyntaxError, ValueError):
        return
    for node in manifests_in(file.tree, shape.symbol):
        for statement in file.tree.body:
            if any(child is node for child in ast.walk(statement)):
                yield Exemplar(module, file, node, statement)
