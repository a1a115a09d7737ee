"""The manifest of a new module, in the shape that those of the project have."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from modalembic.authoring.new_module.exemplars import Exemplar, exemplars
from modalembic.authoring.new_module.fresh import fresh_shape
from modalembic.authoring.new_module.layout import (
    Listed,
    Value,
    as_source,
    call,
    dictionary,
    joined_imports,
    placed,
)
from modalembic.authoring.new_module.request import Request
from modalembic.authoring.new_module.skeleton import PLACEHOLDER, skeleton
from modalembic.authoring.new_module.values import Values, flat_keys, like, nested
from modalembic.authoring.new_module.words import Words
from modalembic.errors import ManifestError, ModuleTemplateError
from modalembic.modules.manifest import Manifest, read_manifest
from modalembic.project import Project


def has_manifest(project: Project) -> bool:
    """Whether a new module gets a manifest: if others have one, or if the configuration has no
    tables that say what one would."""
    tables = project.configuration.module.keys() - project.configuration.locations.keys()
    return bool(exemplars(project)) or not tables


def manifest_text(
    project: Project, request: Request, package: str, components: tuple[str, ...]
) -> str:
    """The file of the manifest for `request`: with the fields that those of other modules have;
    for the first one, with those that the class of the configured name takes."""
    known = exemplars(project)
    values = Values(project.configuration.manifest, request, components)
    imports, statement = _like_others(known, values) if known else _first(project, values, package)
    title = Words(request.name).title.lower()
    parts = (f'"""The {title} module."""', "\n".join(imports))
    head = "\n\n".join(part for part in parts if part)
    apart = "\n\n\n" if statement.startswith(("class ", "def ", "@", "async ")) else "\n\n"
    return f"{head}{apart}{statement}\n"


def _first(project: Project, values: Values, package: str) -> tuple[tuple[str, ...], str]:
    fresh = fresh_shape(project, package)
    own = values.own(fresh.keys)
    for key, annotation in fresh.required.items():
        value = values.of_kind(key, annotation)
        if key not in own and value is not None:
            own[key] = value
    made = nested(own)
    text = call(fresh.function, made) if fresh.function else dictionary(made)
    return fresh.imports, placed(fresh.holder, PLACEHOLDER, text)


def _like_others(known: tuple[Exemplar, ...], values: Values) -> tuple[tuple[str, ...], str]:
    model = known[0]
    fields = _Fields(known, values)
    given = dict(fields.like_model())
    if isinstance(model.node, ast.Call):
        fields.need(model, model.node.func)
        text = call(ast.unparse(model.node.func), given)
    else:
        text = dictionary(given)
    holder = skeleton(model.statement, model.node)
    fields.need(model, holder)
    held = values.words.instead_of(model.words, ast.unparse(holder))
    return joined_imports(fields.imports), placed(held, PLACEHOLDER, text)


@dataclass
class _Fields:
    """The fields of the new manifest, and the `imports` that their values need."""

    known: tuple[Exemplar, ...]
    values: Values
    imports: set[str] = field(default_factory=set)

    def need(self, exemplar: Exemplar, node: ast.AST) -> None:
        """Note the imports of the names in `node`, which was written in `exemplar`'s file."""
        self.imports |= {line for _, line in exemplar.imports_of(node)}

    def like_model(self) -> Iterator[tuple[str, Value]]:
        """The fields of the first exemplar, in its order: those with a meaning of modalembic's, and
        those that all exemplars have. Then what it lacks and was asked for."""
        in_use = {key for each in self.known for key in flat_keys(each.fields)}
        left = nested(self.values.own(in_use))
        for key, node in self.known[0].fields.items():
            if key in left:
                yield key, self._tier(key) or like(node, left[key])
                del left[key]
            elif self._is_wanted(key):
                value = self._other(key, node)
                if value is not None:
                    yield key, value
        for key, value in left.items():
            if key in in_use or not self._says_nothing(key, value):
                yield key, self._tier(key) or value

    def _says_nothing(self, key: str, value: Value) -> bool:
        """Whether this is what holds without the field as well."""
        if key in self.values.shape.tier:
            return self.values.request.tier == "optional"
        return isinstance(value, Listed) and not value.elements

    def _is_wanted(self, key: str) -> bool:
        """Whether a field that nobody asked for is one that every manifest has."""
        shape = self.values.shape
        flags = {*shape.core, *shape.internal, *shape.tier}
        if key in flags or self.values.is_about_nothing(key):
            return False
        return all(key in each.fields for each in self.known)

    def _tier(self, key: str) -> Value | None:
        """The tier as other manifests write it, where that is an enum's member."""
        if key not in self.values.shape.tier:
            return None
        wanted = self.values.request.tier
        written = [(each, each.fields[key]) for each in self.known if key in each.fields]
        members = [(e, n) for e, n in written if isinstance(n, ast.Attribute)]
        for each, node in sorted(members, key=lambda found: found[0].module.tier != wanted):
            theirs = each.module.tier
            text = as_source(node)
            if theirs != wanted:
                text = text.replace(f".{theirs.upper()}", f".{wanted.upper()}")
                text = text.replace(f".{theirs}", f".{wanted}")
            if each.made_of_imports(node):
                self.need(each, node)
                return text
        return None

    def _other(self, key: str, node: ast.expr) -> Value | None:
        """The value of a field that is not modalembic's: the one that all have, or one like it."""
        model = self.known[0]
        same = {as_source(each.fields[key]) for each in self.known}
        own = self.values.words.instead_of(model.words, as_source(node))
        if len(same) == 1 and own == as_source(node) and model.made_of_imports(node):
            self.need(model, node)
            return as_source(node)
        return self.values.instead_of(key, node, model.words)


def check_manifest(project: Project, request: Request, text: str) -> Manifest:
    """What modalembic reads in the manifest `text`, which has to be what was asked for.

    Raises ModuleTemplateError where it is not.
    """
    shape = project.configuration.manifest
    with tempfile.TemporaryDirectory(prefix="modalembic-manifest-") as directory:
        path = Path(directory, shape.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        try:
            found = read_manifest(Path(directory), shape)
        except ManifestError as error:
            raise _wrong(request, f"cannot be read: {error.message}") from error
    if found is None:
        raise _wrong(request, f"has no {shape.symbol or 'dict'}")
    said = (found.name or request.name, found.tier or "optional", found.requires or ())
    if said != (request.name, request.tier, request.requires) or found.unread:
        raise _wrong(request, f"says name {said[0]}, tier {said[1]}, requires {list(said[2])}")
    return found


def _wrong(request: Request, what: str) -> ModuleTemplateError:
    return ModuleTemplateError(
        f"the manifest that was made for {request.name} {what}; nothing was written",
        hint="write a template of your own: `templates` in [tool.modalembic.new_module]",
    )
