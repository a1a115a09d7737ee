"""What models need and only migrations make: lent to the models' database before they are created.

What is lent is the same on both sides, so no comparison of it finds anything; what is lent and that
nothing of the models' uses is taken back, so that what is left over is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from modalembic.postgres.catalog.keys import relation_key, routine_key, type_key
from modalembic.postgres.catalog.model import Catalog, Routine, Sequence, Table, View
from modalembic.runtime.drift.compared import Compared

_TYPES = ("enums", "domains", "composites", "ranges")
_LENT = (*_TYPES, "sequences", "routines")
NOTHING = Compared()


def lendable(catalog: Catalog, made: Collection[str], compared: Compared = NOTHING) -> Catalog:
    """What to lend of the migrated `catalog`: schemas, extensions, collations, and the types, free
    sequences and functions of which nothing requires a table, a view or what is in `made` (the keys
    of what the models make themselves).

    Of the functions that are `compared`, only those are lent that something else requires; what is
    registered with alembic_utils is made by itself.
    """
    there = {key for key, _ in _keyed(catalog)}
    there |= {relation_key(each.schema, each.name) for each in _relations(catalog)}
    lent = {
        key: value
        for key, value in _keyed(catalog)
        if key not in made and not (isinstance(value, Sequence) and value.owned_by is not None)
    }
    needed = _needed_routines(catalog, compared)
    lent = {k: v for k, v in lent.items() if not isinstance(v, Routine) or needed(k, v)}
    while True:
        bare = [k for k, v in lent.items() if any(r in there - lent.keys() for r in _requires(v))]
        if not bare:
            break
        for key in bare:
            del lent[key]
    kept = _with_only(catalog, lent.keys())
    registered = {name for _, name in compared.registered_names("extension")}
    return replace(
        kept,
        extensions=tuple(each for each in kept.extensions if each.name not in registered),
        sequences=tuple(each for each in kept.sequences if each.owned_by is None),
        others=tuple(
            each for each in catalog.others if each.kind == "collation" and each.definition
        ),
        tables=(),
        views=(),
    )


def _needed_routines(catalog: Catalog, compared: Compared) -> Callable[[str, Routine], bool]:
    """Whether a function is to be lent, by its key."""
    if not compared.any_function:
        return lambda _key, _routine: True
    objects = dict(_keyed(catalog))
    by_tables = _closure(required_by(catalog), objects)
    by_any = _closure([*by_tables, *_required_by_attached(catalog)], objects)
    registered = compared.registered_names("function")

    def needed(key: str, routine: Routine) -> bool:
        if (routine.schema, routine.name) in registered:
            return False
        if "function" in compared.kinds:
            return key in by_tables
        return key in by_any or not compared.has("function", routine)

    return needed


def taken_back(models: Catalog, lent: Catalog, compared: Compared = NOTHING) -> Catalog:
    """The catalog of the `models`, without the types and sequences that were lent and that nothing
    there requires. Functions stay unless they are `compared`: what uses them (a trigger, say) may
    be something that models cannot express."""
    borrowed = dict(_keyed(lent))
    own = {key: value for key, value in _keyed(models) if key not in borrowed}
    stay = {
        key
        for key, value in borrowed.items()
        if isinstance(value, Routine) and not compared.has("function", value)
    }
    required = [*required_by(models), *_required_by_attached(models)]
    needed = _closure([*required, *own, *stay], dict(_keyed(models)))
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


def _required_by_attached(catalog: Catalog) -> set[str]:
    """The keys of what triggers and policies require."""
    return {
        key
        for table in catalog.tables
        for attached in (table.triggers, table.policies)
        for each in attached
        for key in each.requires
    }


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
