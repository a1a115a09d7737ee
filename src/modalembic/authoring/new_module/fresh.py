"""The shape of a project's first manifest: what the configuration calls it, as a class of that name
in the source takes it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from modalembic.authoring.new_module.skeleton import PLACEHOLDER
from modalembic.modules.sources import Sources
from modalembic.project import Project

_OWN = "ModuleDefinition"
_OWN_KEYS = ("name", "tier", "requires", "description")


@dataclass(frozen=True)
class Fresh:
    """`function` is what is called (None: a dict), `holder` the statement around it, with a
    placeholder. `keys` are those that it takes, `required` the annotations of those that it has
    to be given."""

    function: str | None
    holder: str
    imports: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    required: Mapping[str, str] = field(default_factory=dict)


def fresh_shape(project: Project, package: str) -> Fresh:
    """The shape for the project that has no manifest yet; `package` is the new module's."""
    shape = project.configuration.manifest
    if shape.symbol is None:
        return Fresh(None, PLACEHOLDER)
    name = shape.symbol.rpartition(".")[2]
    held = f"definition = {PLACEHOLDER}"
    found = next(_classes(project, package, name), None)
    if found is not None:
        module, node = found
        fields = dict(_fields(node))
        required = {key: kind for key, (kind, has_default) in fields.items() if not has_default}
        return Fresh(name, held, (f"from {module} import {name}",), tuple(fields), required)
    if shape.symbol == _OWN:
        return Fresh(name, held, (f"from modalembic import {name}",), _OWN_KEYS)
    owner = shape.symbol.rpartition(".")[0]
    if owner:
        return Fresh(None, f"class {owner}:\n    {name} = {PLACEHOLDER}")
    return Fresh(None, f"{name} = {PLACEHOLDER}")


def _classes(project: Project, package: str, name: str) -> Iterator[tuple[str, ast.ClassDef]]:
    """The classes of that name, with the modules that define them."""
    top = package.partition(".")[0]
    sources = Sources(project.search, (top,))
    for dotted, path in sources.below(top):
        if f"class {name}".encode() in path.read_bytes():
            file = sources.file(dotted)
            if file is not None and name in file.classes:
                yield dotted, file.classes[name]


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, tuple[str, bool]]]:
    """The annotated names of a class's body, or the parameters of its `__init__`: the annotation,
    and whether there is a default."""
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                yield name, (ast.unparse(annotation), value is not None)
            case ast.FunctionDef(name="__init__", args=arguments):
                yield from _parameters(arguments)


def _parameters(arguments: ast.arguments) -> Iterator[tuple[str, tuple[str, bool]]]:
    plain = [*arguments.posonlyargs, *arguments.args][1:]
    without = len(plain) - len(arguments.defaults)
    for number, each in enumerate(plain):
        yield each.arg, (_kind(each), number >= without)
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield each.arg, (_kind(each), default is not None)


def _kind(argument: ast.arg) -> str:
    return "" if argument.annotation is None else ast.unparse(argument.annotation)
