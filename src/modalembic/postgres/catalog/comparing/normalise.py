"""Comparing what catalogs mean, not how they are spelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from modalembic.postgres.catalog.comparing.compare import differences
from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.comparing.spelling import may_be_spelling, respelled
from modalembic.postgres.catalog.model import Catalog, Column, Domain, Table, View
from modalembic.postgres.catalog.names import qualified, quote


@dataclass(frozen=True, slots=True)
class Values:
    """Two expressions that may have one value, and the type that it takes where it is stored: the
    expected one, whatever there is."""

    type: str
    expected: str
    actual: str


class Normaliser(Protocol):
    """What knows how Postgres spells things."""

    def rebuilt(self, catalog: Catalog) -> Catalog:
        """The catalog of a database that was created from `catalog`, and so on, until it changes no
        more."""

    def same_values(self, catalog: Catalog, pairs: Sequence[Values]) -> tuple[bool, ...]:
        """For each pair: whether both are constant or stable and have one value, evaluated in one
        transaction of a database with the types and functions of `catalog`."""


def compare(
    expected: Catalog,
    actual: Catalog,
    *,
    normaliser: Normaliser | None = None,
    live: bool = False,
) -> tuple[Difference, ...]:
    """Every difference between the catalogs, in a fixed order.

    With a `normaliser`, what differs in spelling alone is no difference, and a default that has the
    same value in another spelling is an `info`. Without one, spelling is compared too. `live` as in
    `differences`.
    """
    found = differences(expected, actual, live=live)
    if normaliser is None or not may_be_spelling(found):
        return found
    expected = respelled(expected, normaliser.rebuilt(expected))
    actual = respelled(actual, normaliser.rebuilt(actual))
    found = differences(expected, actual, live=live)
    return _by_value(expected, actual, found, normaliser)


def _by_value(
    expected: Catalog,
    actual: Catalog,
    found: tuple[Difference, ...],
    normaliser: Normaliser,
) -> tuple[Difference, ...]:
    """`found`, in which defaults of one value are told as a matter of spelling."""
    ours, theirs = _types(expected), _types(actual)
    doubtful = [
        each
        for each in found
        if each.part == "default"
        and each.expected is not None
        and each.actual is not None
        and each.name in ours.keys() & theirs.keys()
    ]
    if not doubtful:
        return found
    pairs = [Values(ours[d.name], d.expected or "", d.actual or "") for d in doubtful]
    same = {
        each
        for each, equal in zip(doubtful, normaliser.same_values(expected, pairs), strict=True)
        if equal
    }
    graded = [replace(each, severity="info") if each in same else each for each in found]
    return tuple(sorted(graded, key=lambda each: each.severity == "info"))


def _types(catalog: Catalog) -> dict[str, str]:
    """The type of every default's place, by the name that a difference has."""
    relations: tuple[Table | View, ...] = (*catalog.tables, *catalog.views)
    columns: list[tuple[str, Column]] = [
        (f"{qualified(relation.schema, relation.name)}.{quote(column.name)}", column)
        for relation in relations
        for column in relation.columns
    ]
    domains: list[tuple[str, Domain]] = [
        (qualified(domain.schema, domain.name), domain) for domain in catalog.domains
    ]
    return {name: column.type for name, column in columns} | {
        name: domain.type for name, domain in domains
    }
