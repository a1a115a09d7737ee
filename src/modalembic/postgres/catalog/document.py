"""A catalog as a JSON document and back.

What is null, false or empty is left out of the document; everything else is in it, so that a reader
can take what it does not find for null, false or empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from modalembic.errors import DumpError
from modalembic.postgres.catalog.model import Catalog

VERSION = 1
_EMPTY: dict[Any, Any] = {tuple: (), bool: False}


def to_document(catalog: Catalog) -> dict[str, Any]:
    """The document of `schema dump`, without its version."""
    return {
        "server_version": catalog.server_version,
        "catalog": {
            name: value for name, value in _written(catalog).items() if name != "server_version"
        },
    }


def _written(value: Any) -> Any:
    if is_dataclass(value):
        found = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: _written(item) for field, item in found if _is_said(field, item)}
    return [_written(item) for item in value] if isinstance(value, tuple) else value


def _is_said(field: Field[Any], item: Any) -> bool:
    return not (item is None or item == () or (item is False and field.default is not True))


def loads(text: str | bytes) -> Catalog:
    """The catalog in the text of a document. Raises DumpError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DumpError(f"this is no JSON: {error}", hint=_HINT) from None
    return load(document)


_HINT = "such a file is written by: modalembic schema dump --format json --output FILE"


def load(document: object) -> Catalog:
    """The catalog in a document. Every type is checked. Raises DumpError, which says where."""
    if not isinstance(document, dict) or "catalog" not in document:
        raise DumpError("this is no dump of a schema: it has no catalog", hint=_HINT)
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise DumpError(
            f"this dump is of version {version!r}; this modalembic reads version {VERSION}",
            hint=_HINT,
        )
    inner = document["catalog"]
    if not isinstance(inner, dict):
        raise _wrong("catalog", "an object", inner)
    value = {**inner, "server_version": document.get("server_version")}
    catalog = _read(Catalog, value, "catalog")
    assert isinstance(catalog, Catalog)
    return catalog


def _read(wanted: Any, value: object, where: str) -> Any:
    origin = get_origin(wanted)
    if is_dataclass(wanted):
        return _read_object(wanted, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(where, "a list", value)
        (item, _) = get_args(wanted)
        return tuple(_read(item, each, f"{where}[{n}]") for n, each in enumerate(value))
    if origin is UnionType or type(None) in get_args(wanted):
        (inner,) = (option for option in get_args(wanted) if option is not type(None))
        return None if value is None else _read(inner, value, where)
    if origin is Literal:
        choices = get_args(wanted)
        if not isinstance(value, str) or value not in choices:
            raise _wrong(where, "one of " + ", ".join(choices), value)
        return value
    return _read_plain(wanted, value, where)


def _read_plain(wanted: Any, value: object, where: str) -> Any:
    if type(value) is not wanted:
        raise _wrong(
            where, {str: "a string", int: "a number", bool: "true or false"}[wanted], value
        )
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _wrong(where, "a string of valid characters", value) from None
        if "\0" in value:
            raise _wrong(where, "a string without null characters", value)
    return value


def _read_object(wanted: Any, value: object, where: str) -> Any:
    if not isinstance(value, dict):
        raise _wrong(where, "an object", value)
    hints = _hints(wanted)
    unknown = sorted(str(key) for key in value.keys() - hints.keys())
    if unknown:
        raise DumpError(f"{where} has an unknown key: {unknown[0]!r}"[:300], hint=_HINT)
    return wanted(**dict(_members(wanted, hints, value, where)))


def _members(
    wanted: Any, hints: dict[str, Any], value: dict[str, object], where: str
) -> Iterator[tuple[str, Any]]:
    for field in fields(wanted):
        hint = hints[field.name]
        if field.name in value:
            yield field.name, _read(hint, value[field.name], f"{where}.{field.name}")
        elif field.default is MISSING:
            empty = _EMPTY.get(get_origin(hint) or hint)
            if empty is None:
                raise DumpError(f"{where} has no {field.name}", hint=_HINT)
            yield field.name, empty


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    return get_type_hints(wanted)


def _wrong(where: str, wanted: str, value: object) -> DumpError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return DumpError(f"{where} is not {wanted}, but {shown}", hint=_HINT)
