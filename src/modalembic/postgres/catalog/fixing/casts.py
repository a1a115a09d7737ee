"""Which types Postgres casts to which by itself when a value is stored (assignment casts)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from modalembic.postgres.catalog.model import Catalog
from modalembic.postgres.catalog.names import qualified

# From pg_cast, for types that columns have; the same in PostgreSQL 14 to 18, which a test holds.
_NUMBERS = ("bigint", "double precision", "integer", "numeric", "real", "smallint")
_TIMES: Final = {
    "date": ("timestamp with time zone", "timestamp without time zone"),
    "time with time zone": ("time without time zone",),
    "time without time zone": ("interval", "time with time zone"),
    "timestamp with time zone": (
        "date",
        "time with time zone",
        "time without time zone",
        "timestamp without time zone",
    ),
    "timestamp without time zone": ("date", "time without time zone", "timestamp with time zone"),
    "interval": ("time without time zone",),
}
CASTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(_NUMBERS, _NUMBERS),
        "bigint": (*_NUMBERS, "money", "oid"),
        "integer": (*_NUMBERS, "money", "oid"),
        "smallint": (*_NUMBERS, "oid"),
        "oid": ("bigint", "integer"),
        "numeric": (*_NUMBERS, "money"),
        "money": ("numeric",),
        **_TIMES,
        "bit": ("bit varying",),
        "bit varying": ("bit",),
        "box": ("polygon",),
        "character": ('"char"', "character varying", "name", "text"),
        "character varying": ('"char"', "character", "name", "text"),
        "inet": ("cidr",),
        "cidr": ("inet",),
        "json": ("jsonb",),
        "jsonb": ("json",),
        "macaddr": ("macaddr8",),
        "macaddr8": ("macaddr",),
        "name": ("character", "character varying", "text"),
        "path": ("polygon",),
        "point": ("box",),
        "polygon": ("path",),
        "text": ('"char"', "character", "character varying", "name"),
    }
)
# Whatever can be printed can be stored as one of these; citext says the same of itself.
_STRINGS = frozenset({"character", "character varying", "name", "text"})
_MODIFIER = re.compile(r"\((?:-?\d+)(?:,-?\d+)?\)")


def base_of(catalog: Catalog, type_: str) -> str:
    """A type without modifiers; for a domain, the type below it."""
    domains = {qualified(each.schema, each.name): each.type for each in catalog.domains}
    array = type_.endswith("[]")
    plain = _MODIFIER.sub("", type_.removesuffix("[]"))
    plain = "interval" if plain.startswith("interval ") else plain
    while not array and plain in domains:
        plain = _MODIFIER.sub("", domains[plain])
    return f"{plain}[]" if array else plain


def casts(catalog: Catalog, old: str, new: str) -> bool:
    """Whether `ALTER COLUMN … TYPE new` needs no USING on a column of the type `old`. `catalog` has
    the domains of both. What is not known of a type (an extension's, say) counts as no."""
    source, target = base_of(catalog, old), base_of(catalog, new)
    if source == target:
        return True
    if source.endswith("[]") and target.endswith("[]"):
        return casts(catalog, source.removesuffix("[]"), target.removesuffix("[]"))
    strings = _STRINGS | _citext(catalog)
    if target in strings:
        return True
    return target in CASTS.get("text" if source in strings else source, ())


def _citext(catalog: Catalog) -> set[str]:
    return {
        qualified(each.schema, "citext") for each in catalog.extensions if each.name == "citext"
    } | {"citext"}
