"""The values that a new manifest has."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from modalembic.authoring.new_module.layout import Listed, Value, as_source, quoted
from modalembic.authoring.new_module.request import Request
from modalembic.authoring.new_module.words import Words
from modalembic.config import ManifestShape
from modalembic.modules.components import USUAL

_EMPTY = {"list": "[]", "tuple": "()", "set": "set()", "frozenset": "frozenset()", "dict": "{}"}
_ABOUT = ("desc", "summary", "doc", "help", "about")


@dataclass(frozen=True)
class Values:
    """What was asked for, and what can be made up, in the words of a manifest's shape."""

    shape: ManifestShape
    request: Request
    components: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """The name of the new module."""
        return Words(self.request.name)

    def own(self, in_use: Collection[str]) -> dict[str, Value]:
        """Name, tier and requirements, each under the key that is in use for it (dotted for a
        nested one), else under the first of its keys; components where a key is in use."""
        shape = self.shape
        name = _first(shape.name, in_use)
        found: dict[str, Value] = {name: quoted(self.request.name)}
        flags = {"core": shape.core, "internal": shape.internal}
        if any(key in in_use for key in shape.tier) or not any(
            key in in_use for keys in flags.values() for key in keys
        ):
            found[_first(shape.tier, in_use)] = quoted(self._tier_name())
        elif self.request.tier in flags:
            found[_first(flags[self.request.tier], in_use)] = "True"
        required = tuple(quoted(each) for each in self.request.requires)
        found[_first(shape.requires, in_use)] = Listed("[", required, "]")
        listed = next((key for key in shape.components if key in in_use), None)
        if listed is not None:
            found[listed] = Listed("[", tuple(quoted(each) for each in self.components), "]")
        return found

    def is_about_nothing(self, key: str) -> bool:
        """Whether a field is the path to a component that the new module does not have."""
        component = key.removesuffix("_path")
        return component != key and component in USUAL and component not in self.components

    def _tier_name(self) -> str:
        own = (name for name, tier in self.shape.tiers.items() if tier == self.request.tier)
        return next(own, self.request.tier)

    def instead_of(self, key: str, node: ast.expr, other: Words) -> Value | None:
        """A value for a field that nobody gave, in place of what the module `other` has there; None
        where none can be made up."""
        match node:
            case ast.Constant(value=str(text)):
                renamed = self.words.in_text_of(other, text)
                return quoted(renamed if renamed != text else self._text(key))
            case ast.Constant():
                return as_source(node)
            case ast.List():
                return "[]"
            case ast.Tuple():
                return "()"
            case ast.Set():
                return "set()"
            case ast.Dict():
                return "{}"
        return None

    def of_kind(self, key: str, annotation: str) -> Value | None:
        """A value for a field of a class by its annotation; None where none can be made up."""
        kind = annotation.partition("[")[0].strip().lower()
        if kind == "str":
            return quoted(self._text(key))
        return _EMPTY.get(kind) or {"bool": "False", "int": "0", "float": "0.0"}.get(kind)

    def _text(self, key: str) -> str:
        about = any(word in key.lower() for word in _ABOUT)
        return f"The {self.words.title.lower()} module" if about else self.words.title


def nested(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Fields with dotted keys as dicts in a field."""
    found: dict[str, Value] = {}
    for key, value in fields.items():
        outer, _, inner = key.partition(".")
        if not inner:
            found[outer] = value
            continue
        element = f"{quoted(inner)}: {value if isinstance(value, str) else value.on_one_line}"
        before = found.get(outer)
        elements = before.elements if isinstance(before, Listed) else ()
        found[outer] = Listed("{", (*elements, element), "}")
    return found


def like(node: ast.expr, value: Value) -> Value:
    """A list as a tuple or a set, where `node`, the same field of another module, is one."""
    if not isinstance(value, Listed) or value.begin != "[":
        return value
    match node:
        case ast.Tuple():
            return Listed("(", value.elements, ")")
        case ast.Set():
            return Listed("{", value.elements, "}") if value.elements else "set()"
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple" as maker)):
            return Listed(f"{maker}([", value.elements, "])") if value.elements else f"{maker}()"
    return value


def _first(keys: tuple[str, ...], in_use: Collection[str]) -> str:
    return next((key for key in keys if key in in_use), keys[0])


def flat_keys(fields: Mapping[str, ast.expr]) -> Iterator[str]:
    """The keys of a manifest, those of a dict or call in a field dotted too."""
    from modalembic.syntax import fields as fields_of

    for key, node in fields.items():
        yield key
        if isinstance(node, ast.Dict | ast.Call):
            yield from (f"{key}.{inner}" for inner in fields_of(node))
