"""A module's manifest, read from its source and never imported.

The shape is the application's: a call such as `ModuleDefinition(code="billing", …)`, or a dict
assigned in the file or in a class body. `ManifestShape` says which.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from modalembic.config import ManifestShape, Tier
from modalembic.errors import ManifestError
from modalembic.syntax import NotLiteral, constants, evaluate, fields, parse, unpacked


@dataclass(frozen=True)
class Manifest:
    """What a manifest says; None where it does not. `line` is where its call or dict begins.

    `unread` has the fields that it gives in a way which cannot be read statically, each with the
    error to raise unless the field is known from elsewhere.
    """

    path: Path
    line: int
    name: str | None = None
    tier: Tier | None = None
    requires: tuple[str, ...] | None = None
    versions: str | None = None
    models: str | None = None
    components: tuple[str, ...] = ()
    lists_components: bool = False
    auto_install: bool | None = None
    unread: Mapping[str, ManifestError] = field(default_factory=lambda: MappingProxyType({}))


def read_manifest(directory: Path, shape: ManifestShape) -> Manifest | None:
    """The manifest of the module in `directory`; None where its file or its symbol is not there.

    Raises ManifestError where the file does not parse or holds more than one manifest.
    """
    path = directory / shape.file
    if not path.is_file():
        return None
    try:
        tree = parse(path.read_bytes(), str(path))
    except (SyntaxError, OSError) as error:
        raise ManifestError(
            f"{path.name} cannot be read: {getattr(error, 'msg', None) or error}",
            path=path,
            line=getattr(error, "lineno", None),
        ) from error
    found = list(manifests_in(tree, shape.symbol))
    if not found:
        return None
    if len(found) > 1:
        lines = ", ".join(str(node.lineno) for node in found)
        raise ManifestError(
            f"{path.name} has {len(found)} manifests ({shape.symbol or 'a dict'}, lines {lines})",
            hint="a module has one manifest",
            path=path,
            line=found[1].lineno,
        )
    return _Reader(path, shape, tree, found[0]).manifest()


def manifests_in(tree: ast.Module, symbol: str | None) -> Iterator[ast.expr]:
    """The calls or dicts in a file that are manifests of the shape that `symbol` stands for."""
    if symbol is None:
        yield from (
            node.value
            for node in tree.body
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Dict)
        )
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_named(ast.unparse(node.func), symbol):
            yield node
    yield from _assigned(tree.body, "", symbol)


def _assigned(body: list[ast.stmt], owner: str, symbol: str) -> Iterator[ast.expr]:
    """Dicts assigned to `symbol` in a body and in the class bodies below it, in order."""
    for statement in body:
        match statement:
            case ast.ClassDef(name=name, body=inner):
                yield from _assigned(inner, f"{owner}{name}.", symbol)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as value)
            ) if _is_named(owner + name, symbol):
                yield value


def _is_named(full: str, symbol: str) -> bool:
    """Whether the dotted name `full` is `symbol`, or ends with it."""
    return full == symbol or full.endswith("." + symbol)


class _Reader:
    """One manifest's expressions as values, with the place for every complaint."""

    def __init__(self, path: Path, shape: ManifestShape, tree: ast.Module, node: ast.expr) -> None:
        self._path, self._shape, self._tree, self._node = path, shape, tree, node
        self._given = _flatten(fields(node))

    @cached_property
    def _names(self) -> Mapping[str, ast.expr]:
        return constants(self._tree)

    def manifest(self) -> Manifest:
        readers: dict[str, Callable[[], Any]] = {
            "name": lambda: self._text(self._shape.name),
            "tier": self._tier,
            "requires": self._requires,
            "versions": lambda: self._text(self._shape.versions),
            "models": lambda: self._text(self._shape.models),
            "components": self._components,
            "lists_components": lambda: self._first(self._shape.components) is not None,
            "auto_install": lambda: self._flag(self._shape.auto_install),
        }
        values: dict[str, Any] = {}
        unread: dict[str, ManifestError] = {}
        for name, read in readers.items():
            try:
                values[name] = read()
            except ManifestError as error:
                unread[name] = error
        return Manifest(
            path=self._path,
            line=self._node.lineno,
            unread=MappingProxyType(self._hidden(values) | unread),
            **values,
        )

    def _hidden(self, values: Mapping[str, Any]) -> dict[str, ManifestError]:
        """The fields that may be given where no key shows it."""
        hidden: dict[str, ManifestError] = {}
        if isinstance(self._node, ast.Call) and self._node.args and values.get("name") is None:
            error = self._unreadable("the name", self._node.args[0])
            error.message = "the manifest has an argument without a keyword, which may be the name"
            error.hint = f"write {self._shape.name[0]}=…"
            hidden["name"] = error
        more = unpacked(self._node)
        if more is not None:
            error = self._unreadable("a part of the manifest", more)
            absent = [name for name in ("name", "tier", "requires") if values.get(name) is None]
            hidden |= dict.fromkeys(absent, error)
        return hidden

    def _first(self, keys: tuple[str, ...]) -> tuple[str, ast.expr] | None:
        """The first of `keys` that is given, and not as None."""
        for key in keys:
            node = self._given.get(key)
            if node is not None and not (isinstance(node, ast.Constant) and node.value is None):
                return key, node
        return None

    def _value(self, key: str, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        try:
            return evaluate(node, self._names)
        except NotLiteral as error:
            raise self._unreadable(key, node, str(error), error.line) from None

    def _unreadable(
        self, what: str, node: ast.expr, source: str | None = None, line: int | None = None
    ) -> ManifestError:
        return ManifestError(
            f"{what} is {source or ast.unparse(node)}, which cannot be read without running the "
            "file",
            hint="write it as a literal, or give it in [tool.modalembic.module.NAME]",
            path=self._path,
            line=line or node.lineno,
        )

    def _wrong(self, key: str, value: Any, expected: str, node: ast.expr) -> ManifestError:
        return ManifestError(
            f"{key} is {value!r}, not {expected}",
            hint=f"correct {key}, or give it in [tool.modalembic.module.NAME]",
            path=self._path,
            line=node.lineno,
        )

    def _text(self, keys: tuple[str, ...]) -> str | None:
        found = self._first(keys)
        if found is None:
            return None
        key, node = found
        value = self._value(key, node)
        if value is None or isinstance(value, str):
            return value or None
        raise self._wrong(key, value, "a string", node)

    def _requires(self) -> tuple[str, ...] | None:
        return self._names_at(self._shape.requires, "a list of module names")

    def _components(self) -> tuple[str, ...]:
        """Those that are listed, and those that have a path: `paths={"services": …}`, or
        `services_path=…`."""
        listed = self._names_at(self._shape.components, "a list of names of components")
        with_path = [
            key.removeprefix("paths.").removesuffix("_path")
            for key, node in self._given.items()
            if key.startswith("paths.") != key.endswith("_path")
            and not (isinstance(node, ast.Constant) and not node.value)
        ]
        named = dict.fromkeys((*(listed or ()), *with_path))
        return tuple(name for name in named if name != "versions")

    def _names_at(self, keys: tuple[str, ...], what: str) -> tuple[str, ...] | None:
        found = self._first(keys)
        if found is None:
            return None
        key, node = found
        value = self._value(key, node)
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise self._wrong(key, value, what, node)
        return tuple(dict.fromkeys(value))

    def _tier(self) -> Tier | None:
        found = self._first(self._shape.tier)
        if found is not None:
            return self._named_tier(*found)
        if self._flag(self._shape.core):
            return "core"
        return "internal" if self._flag(self._shape.internal) else None

    def _flag(self, keys: tuple[str, ...]) -> bool | None:
        found = self._first(keys)
        if found is None:
            return None
        key, node = found
        value = self._value(key, node)
        if not isinstance(value, bool):
            raise self._wrong(key, value, "True or False", node)
        return value

    def _named_tier(self, key: str, node: ast.expr) -> Tier:
        member = _enum_member(node)
        value = self._value(key, node) if member is None else member
        for name in (value, member and member.lower()):
            known = self._shape.tiers.get(name, name) if isinstance(name, str) else None
            if known in ("core", "optional", "internal"):
                return cast(Tier, known)
        raise self._wrong(key, value, "'core', 'optional' or 'internal'", node)


def _enum_member(node: ast.expr) -> str | None:
    """`CORE` of `Tier.CORE` or `Tier.CORE.value`: an enum's member is as literal as its name."""
    match node:
        case ast.Attribute(value=ast.Attribute(attr=name), attr="value" | "name"):
            return name
        case ast.Attribute(attr=name):
            return name
    return None


def _flatten(given: dict[str, ast.expr]) -> dict[str, ast.expr]:
    """`paths={"models": …}` also as `paths.models`, the way `ManifestShape` spells it."""
    nested = {
        f"{outer}.{inner}": value
        for outer, node in given.items()
        if isinstance(node, ast.Dict | ast.Call)
        for inner, value in fields(node).items()
    }
    return nested | given
