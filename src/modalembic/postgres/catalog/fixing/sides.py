"""Two catalogs and their differences, as far as fixes look things up in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.proposal import Holder, Named
from modalembic.postgres.catalog.keys import (
    column_key,
    constraint_key,
    index_key,
    relation_key,
    routine_key,
    type_key,
)
from modalembic.postgres.catalog.model import Catalog, Column, Sequence, Table, View
from modalembic.postgres.catalog.names import qualified, quote

Relation = Table | View
_GROUPS = {
    "aggregate": "routine",
    "function": "routine",
    "materialized view": "view",
    "procedure": "routine",
    "window function": "routine",
}
_MEMBERS = ("column", "constraint", "index", "trigger", "rule", "policy")
_PLURAL = {
    "index": "indexes",
    "policy": "policies",
}


def group(kind: str) -> str:
    """What a kind of objects is looked up as: routines and views have one space of names each."""
    return _GROUPS.get(kind, kind)


def relation_name(relation: Relation | Sequence) -> str:
    """The qualified name."""
    return qualified(relation.schema, relation.name)


@dataclass(frozen=True)
class Found:
    """An object, and the table or view that it belongs to, or the domain or composite type."""

    value: Any
    of: Any = None


def everything(catalog: Catalog) -> Iterator[tuple[Named, Found]]:
    """Every object of a catalog, as differences name them."""
    for kind, objects in _plain(catalog).items():
        for each in objects:
            alone = kind in {"schema", "extension"}
            name = quote(each.name) if alone else qualified(each.schema, each.name)
            yield (kind, name), Found(each)
    for routine in catalog.routines:
        name = f"{qualified(routine.schema, routine.name)}({routine.signature})"
        yield ("routine", name), Found(routine)
    for other in catalog.others:
        yield (other.kind, qualified(other.schema, other.name)), Found(other)
    yield from _parts(catalog)


def _plain(catalog: Catalog) -> dict[str, tuple[Any, ...]]:
    return {
        "schema": catalog.schemas,
        "extension": catalog.extensions,
        "enum": catalog.enums,
        "range": catalog.ranges,
        "domain": catalog.domains,
        "composite type": catalog.composites,
        "sequence": catalog.sequences,
        "table": catalog.tables,
        "view": catalog.views,
    }


def members(relation: Relation) -> Iterator[tuple[Named, Found]]:
    """What a table or view consists of."""
    of = relation_name(relation)
    for kind in _MEMBERS:
        for member in getattr(relation, _PLURAL.get(kind, f"{kind}s"), ()):
            yield (kind, f"{of}.{quote(member.name)}"), Found(member, relation)


def _parts(catalog: Catalog) -> Iterator[tuple[Named, Found]]:
    for domain in catalog.domains:
        for check in domain.constraints:
            name = f"{qualified(domain.schema, domain.name)}.{quote(check.name)}"
            yield ("domain constraint", name), Found(check, domain)
    for composite in catalog.composites:
        for attribute in composite.attributes:
            name = f"{qualified(composite.schema, composite.name)}.{quote(attribute.name)}"
            yield ("attribute", name), Found(attribute, composite)
    relations: tuple[Relation, ...] = (*catalog.tables, *catalog.views)
    for relation in relations:
        yield from members(relation)


def keys_of(named: Named, found: Found) -> set[str]:
    """The keys by which others require an object."""
    value, of = found.value, found.of
    match named[0]:
        case "table" | "view":
            names = {column_key(value.schema, value.name, c.name) for c in value.columns}
            return {relation_key(value.schema, value.name), *names}
        case "sequence":
            return {relation_key(value.schema, value.name)}
        case "enum" | "domain" | "composite type" | "range":
            return {type_key(value.schema, value.name)}
        case "routine":
            return {routine_key(value.schema, value.name, value.signature)}
        case "column":
            return {column_key(of.schema, of.name, value.name)}
        case "constraint":
            return {constraint_key(of.schema, of.name, value.name)}
        case "index":
            return {index_key(of.schema, value.name)}
    return set()


def relation_of(named: Named, found: Found) -> str | None:
    """The name that an object has among tables, views, sequences and indexes."""
    kind, name = named
    if kind in {"table", "view", "sequence"}:
        return name
    keyed = getattr(found.value, "kind", None) in {"primary key", "unique", "exclusion"}
    if kind == "index" or (kind == "constraint" and keyed):
        return qualified(found.of.schema, found.value.name)
    return None


class Sides:
    """`expected` and `actual`; `whole` is the catalog of the database that the fixes are for, of
    which `actual` may be a part."""

    def __init__(
        self,
        expected: Catalog,
        actual: Catalog,
        differences: Iterable[Difference],
        whole: Catalog,
    ) -> None:
        self.expected, self.actual, self.whole = expected, actual, whole
        self.differences = tuple(differences)
        self.ours = dict(everything(expected))
        self.theirs = dict(everything(actual))
        self.tables = {relation_name(table): table for table in expected.tables}
        self.actual_tables = {relation_name(table): table for table in whole.tables}
        self._renamed = {
            (each.object, each.name): each.actual
            for each in self.differences
            if each.part == "name" and each.actual is not None
        }

    def mine(self, difference: Difference) -> Found | None:
        """The object as it is expected."""
        return self.ours.get((group(difference.object), difference.name))

    def other(self, difference: Difference) -> Found | None:
        """The object as it is there, under another name maybe."""
        renamed = self._renamed.get((difference.object, difference.name))
        name = difference.name
        if renamed is not None:
            prefix = difference.table or ""
            if difference.object == "sequence":
                prefix = quote(self.ours["sequence", name].value.schema)
            elif difference.object == "domain constraint":
                domain = self.ours["domain constraint", name].of
                prefix = qualified(domain.schema, domain.name)
            name = f"{prefix}.{quote(renamed)}"
        return self.theirs.get((group(difference.object), name))

    @cached_property
    def columns(self) -> dict[str, tuple[Table, Column]]:
        """The columns of the expected tables, by the spelling of a sequence's `owned_by`."""
        return {
            f"{name}.{quote(column.name)}": (table, column)
            for name, table in self.tables.items()
            for column in table.columns
        }

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """The names of the expected tables that inherit from each, or are its partitions."""
        return _children(self.expected)

    @cached_property
    def actual_children(self) -> dict[str, list[str]]:
        """The same of the tables that are there."""
        return _children(self.whole)

    def descendants(self, name: str) -> Iterator[Table]:
        """The tables that are there and inherit from table `name`, at any depth."""
        for child in self.actual_children.get(name, ()):
            if child in self.actual_tables:
                yield self.actual_tables[child]
                yield from self.descendants(child)

    @cached_property
    def _holders(self) -> dict[str, list[Holder]]:
        found: defaultdict[str, list[Holder]] = defaultdict(list)
        for named, each in everything(self.whole):
            for key in getattr(each.value, "requires", ()):
                found[key].append(Holder(named, _told(named, each), frozenset({key})))
        return found

    def holders(self, keys: Iterable[str], *without: Named) -> tuple[Holder, ...]:
        """What is there and requires one of `keys`, but for the objects `without`."""
        found: dict[Named, Holder] = {}
        for key in keys:
            for holder in self._holders.get(key, ()):
                if holder.of in without:
                    continue
                known = found.get(holder.of)
                by = holder.by if known is None else holder.by | known.by
                found[holder.of] = replace(holder, by=by)
        return tuple(found[named] for named in sorted(found))

    def clashes(self, name: str) -> bool:
        """Whether a table, view, sequence or index is expected to have the name of one that is
        there and too much."""
        return name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        names = (relation_of(named, found) for named, found in self.ours.items())
        return frozenset(name for name in names if name is not None)


def _children(catalog: Catalog) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for table in catalog.tables:
        for parent in (*table.inherits, table.partition_of):
            if parent is not None:
                found[parent].append(relation_name(table))
    return dict(found)


def _told(named: Named, found: Found) -> str:
    kind, name = named
    value = found.value
    if kind in {"trigger", "rule", "policy", "constraint"}:
        return f"{kind} {quote(value.name)} of {relation_name(found.of)}"
    if kind == "column":
        return f"{'generated column' if value.generated else 'the default of column'} {name}"
    return f"{getattr(value, 'kind', kind)} {name}"
