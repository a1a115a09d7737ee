"""What models need and only migrations make: lent to the models' database before they are created.

What is lent is the same on both sides, so no comparison of it finds anything; what is lent and that
nothing of the models' uses is taken back, so that what is left over is seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from modalembic.postgres.catalog.keys import relation_key, routine_key, type_key
from modalembic.postgres.catalog.model import Catalog, Routine, Sequence, Table, View

_TYPES = ("enums", "domains", "composites", "ranges")
_LENT = (*_TYPES, "sequences", "routines")


def lendable(catalog: Catalog, made: Collection[str], compared: Collection[str] = ()) -> Catalog:
    """What to lend of the migrated `catalog`: schemas, extensions, collations, and the types, free
    sequences and functions of which nothing requires a table, a view or what is in `made` (the keys
    of what the models make themselves).

    Where functions are `compared`, only those are lent that a table or a type requires.
    """
    there = {key for key, _ in _keyed(catalog)}
    there |= {relation_key(each.schema, each.name) for each in _relations(catalog)}
    lent = {
        key: value
        for key, value in _keyed(catalog)
        if key not in made and not (isinstance(value, Sequence) and value.owned_by is not None)
    }
    if "function" in compared:
        needed = _closure(required_by(catalog), dict(_keyed(catalog)))
        lent = {k: v for k, v in lent.items() if not isinstance(v, Routine) or k in needed}
    while True:
        bare = [k for k, v in lent.items() if any(r in there - lent.keys() for r in _requires(v))]
        if not bare:
            break
        for key in bare:
            del lent[key]
    kept = _with_only(catalog, lent.keys())
    return replace(
        kept,
        sequences=tuple(each for each in kept.sequences if each.owned_by is None),
        others=tuple(
            each for each in catalog.others if each.kind == "collation" and each.definition
        ),
        tables=(),
        views=(),
    )


def taken_back(models: Catalog, lent: Catalog, compared: Collection[str] = ()) -> Catalog:
    """The catalog of the `models`, without the types and sequences that were lent and that nothing
    there requires. Functions stay unless they are `compared`: what uses them (a trigger, say) may
    be something that models cannot express."""
    borrowed = dict(_keyed(lent))
    own = {key: value for key, value in _keyed(models) if key not in borrowed}
    needed = _closure([*required_by(models), *own], dict(_keyed(models)))
    if "function" not in compared:
        routines = {k for k, value in borrowed.items() if isinstance(value, Routine)}
        needed = _closure([*needed, *routines], dict(_keyed(models)))
    # A composite type or a range is nothing that models can say: that one is unused is no drift.
    inexpressible = {type_key(each.schema, each.name) for each in lent.composites}
    inexpressible |= {type_key(each.schema, each.name) for each in lent.ranges}
    return _with_only(models, needed | own.keys() | inexpressible)


def without(lent: Catalog, name: str) -> Catalog:
    """`lent` without what is called `name`, which the models turned out to make themselves."""
    changed: dict[str, Any] = {
        field.name: tuple(each for each in value if getattr(each, "name", None) != name)
        for field in fields(lent)
        if isinstance(value := getattr(lent, field.name), tuple)
    }
    return replace(lent, **changed)


def with_also(lent: Catalog, more: Catalog, name: str) -> Catalog:
    """`lent` and the types and sequences of `more` that are called `name`, schema or not."""
    last = name.rpartition(".")[2]
    changed: dict[str, Any] = {}
    for kind in (*_TYPES, "sequences"):
        there = getattr(lent, kind)
        added = [each for each in getattr(more, kind) if each.name == last and each not in there]
        changed[kind] = (*there, *added)
    return replace(lent, **changed)


def required_by(catalog: Catalog) -> set[str]:
    """The keys of what the tables and views of `catalog` require, with all that is in them."""
    found: set[str] = set()
    for relation in _relations(catalog):
        found.update(relation.requires)
        for column in relation.columns:
            found.update(column.requires)
        for index in relation.indexes:
            found.update(index.requires)
    for table in catalog.tables:
        for constraint in table.constraints:
            found.update(constraint.requires)
    return found


def _relations(catalog: Catalog) -> tuple[Table | View, ...]:
    return (*catalog.tables, *catalog.views)


def _closure(keys: Iterable[str], objects: dict[str, Any]) -> set[str]:
    """`keys` and what they require in turn."""
    found: set[str] = set()
    left = list(keys)
    while left:
        key = left.pop()
        if key not in found:
            found.add(key)
            left += _requires(objects[key]) if key in objects else ()
    return found


def _requires(value: Any) -> tuple[str, ...]:
    return tuple(getattr(value, "requires", ()))


def _keyed(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    for kind in _TYPES:
        for each in getattr(catalog, kind):
            yield type_key(each.schema, each.name), each
    for sequence in catalog.sequences:
        yield relation_key(sequence.schema, sequence.name), sequence
    for routine in catalog.routines:
        yield routine_key(routine.schema, routine.name, routine.signature), routine


def _with_only(catalog: Catalog, keys: Collection[str]) -> Catalog:
    kept = {id(value) for key, value in _keyed(catalog) if key in keys}

    def stays(value: Any) -> bool:
        return id(value) in kept or (isinstance(value, Sequence) and value.owned_by is not None)

    changed: dict[str, Any] = {
        kind: tuple(v for v in getattr(catalog, kind) if stays(v)) for kind in _LENT
    }
    return replace(catalog, **changed)
