"""Readers of the configuration's values: each takes what TOML gave and returns it typed, or raises
ValueError with what it expected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from modalembic.config.duration import parse_duration
from modalembic.config.settings import DriftIgnore, StructureIgnore, Tier


def string(raw: Any) -> str:
    """A string that is not empty."""
    if not isinstance(raw, str) or not raw:
        raise ValueError(f"expected a string, not {kind(raw)}")
    return raw


def strings(raw: Any) -> tuple[str, ...]:
    """A list of such strings."""
    if not isinstance(raw, list) or not all(isinstance(item, str) and item for item in raw):
        raise ValueError(f"expected a list of strings, not {kind(raw)}")
    return tuple(raw)


def command(raw: Any) -> tuple[str, ...]:
    """A program and its arguments."""
    if not raw or not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise ValueError(f"expected a list of a program and its arguments, not {kind(raw)}")
    if not raw[0]:
        raise ValueError("the program has no name")
    return tuple(raw)


def string_or_strings(raw: Any) -> tuple[str, ...]:
    """One string, or a list of them."""
    return (raw,) if isinstance(raw, str) and raw else strings(raw)


def boolean(raw: Any) -> bool:
    """A truth value."""
    if not isinstance(raw, bool):
        raise ValueError(f"expected true or false, not {kind(raw)}")
    return raw


def count(raw: Any) -> int:
    """A whole number, zero or more."""
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise ValueError(f"expected a whole number, zero or more, not {kind(raw)}")
    return raw


def duration(raw: Any) -> float:
    """A length of time in seconds."""
    if not isinstance(raw, str | int | float):
        raise ValueError(f"expected a length of time such as '5s', not {kind(raw)}")
    return parse_duration(raw)


def mapping(raw: Any) -> Mapping[str, str]:
    """A table of strings."""
    if not isinstance(raw, dict):
        raise ValueError(f"expected a table of strings, not {kind(raw)}")
    for name, value in raw.items():
        if not isinstance(value, str) or not value:
            raise ValueError(f"expected a table of strings, but {name} is {kind(value)}")
    return MappingProxyType(dict(raw))


def tier(raw: Any) -> Tier:
    """A tier."""
    if raw not in ("core", "optional", "internal"):
        raise ValueError(f"expected 'core', 'optional' or 'internal', not {kind(raw)}")
    return cast(Tier, raw)


def tiers(raw: Any) -> Mapping[str, Tier]:
    """A table of tiers."""
    return MappingProxyType({name: tier(value) for name, value in mapping(raw).items()})


def kind(raw: Any) -> str:
    """What a value is, for messages."""
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return repr(raw)
        case dict():
            return "a table"
        case list():
            return f"the list {raw!r}"
        case _:
            return f"the {type(raw).__name__} {raw!r}"


def symbol(raw: Any) -> str | None:
    """A manifest's symbol; the empty string stands for a bare dict."""
    if not isinstance(raw, str):
        raise ValueError(f"expected a string, not {kind(raw)}")
    return raw or None


def drift_ignores(raw: Any) -> tuple[DriftIgnore, ...]:
    """The entries of `[[tool.modalembic.drift.ignore]]`."""
    needed, optional = ("name", "reason"), ("rule",)
    return tuple(DriftIgnore(**entry) for entry in _entries(raw, needed, optional))


def structure_ignores(raw: Any) -> tuple[StructureIgnore, ...]:
    """The entries of `[[tool.modalembic.structure.ignore]]`."""
    needed, optional = ("rule", "reason"), ("module", "name")
    return tuple(StructureIgnore(**entry) for entry in _entries(raw, needed, optional))


def _entries(
    raw: Any, needed: tuple[str, ...], optional: tuple[str, ...]
) -> Iterator[Mapping[str, str]]:
    """Tables of strings that have all keys of `needed`, and of others none but `optional`."""
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise ValueError(f"expected a list of tables, not {kind(raw)}")
    for table in raw:
        missing = [key for key in needed if key not in table]
        if missing:
            raise ValueError(f"an entry has no {missing[0]}")
        unknown = sorted(table.keys() - {*needed, *optional})
        if unknown:
            known = f"{', '.join((*needed, *optional)[:-1])} and {(*needed, *optional)[-1]}"
            raise ValueError(f"unknown key {unknown[0]!r}; an entry has {known}")
        yield mapping(table)


_MADE_BY_MIGRATIONS = ("function", "policy", "rule", "trigger", "view")


def compared(raw: Any) -> tuple[str, ...]:
    """Kinds of objects that only migrations make."""
    kinds = strings(raw)
    unknown = sorted(set(kinds) - set(_MADE_BY_MIGRATIONS))
    if unknown:
        known = ", ".join(_MADE_BY_MIGRATIONS)
        raise ValueError(f"{unknown[0]!r} is none of {known}")
    return kinds


def class_reference(raw: Any) -> str:
    """A class as in `app.db:Base`."""
    text = string(raw)
    if not re.fullmatch(r"[^\W\d][\w.]*:[^\W\d][\w.]*", text):
        raise ValueError(f"expected a class as in 'app.db:Base', not {raw!r}")
    return text
