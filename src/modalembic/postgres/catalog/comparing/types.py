"""How types of several members differ: domains and composite types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modalembic.postgres.catalog.comparing.difference import (
    Difference,
    Severity,
    severity_of,
    shown,
)
from modalembic.postgres.catalog.comparing.pairing import paired
from modalembic.postgres.catalog.comparing.parts import definition, described, differing
from modalembic.postgres.catalog.model import Attribute, Composite, Domain, DomainConstraint
from modalembic.postgres.catalog.names import qualified, quote


def _name(type_: Composite | Domain) -> str:
    return qualified(type_.schema, type_.name)


def _by_name(member: Attribute | DomainConstraint) -> str:
    return member.name


def domain_differences(
    expected: Iterable[Domain], actual: Iterable[Domain], extra: Severity
) -> Iterator[Difference]:
    """Differences between domains and their CHECKs."""
    pairs = paired(expected, actual, _name)
    for domain in pairs.missing:
        yield Difference("domain", _name(domain), None, domain.type, None, "error")
    for domain in pairs.extra:
        yield Difference("domain", _name(domain), None, None, domain.type, extra)
    for ours, theirs in pairs.same:
        for part, before, after in differing(ours, theirs):
            severity = severity_of("domain", part, before, after)
            yield Difference("domain", _name(ours), part, shown(before), shown(after), severity)
        yield from _checks(_name(ours), ours.constraints, theirs.constraints)


def _checks(
    domain: str, expected: Iterable[DomainConstraint], actual: Iterable[DomainConstraint]
) -> Iterator[Difference]:
    kind = "domain constraint"
    pairs = paired(expected, actual, _by_name, definition)
    for check in pairs.missing:
        yield Difference(
            kind, f"{domain}.{quote(check.name)}", None, check.expression, None, "error"
        )
    for check in pairs.extra:
        yield Difference(
            kind, f"{domain}.{quote(check.name)}", None, None, check.expression, "error"
        )
    for ours, theirs in pairs.renamed:
        name = f"{domain}.{quote(ours.name)}"
        yield Difference(kind, name, "name", ours.name, theirs.name, "warning")
    for ours, theirs in (*pairs.same, *pairs.renamed):
        for part, before, after in differing(ours, theirs):
            severity = severity_of(kind, part, before, after)
            name = f"{domain}.{quote(ours.name)}"
            yield Difference(kind, name, part, shown(before), shown(after), severity)


def composite_differences(
    expected: Iterable[Composite], actual: Iterable[Composite], extra: Severity
) -> Iterator[Difference]:
    """Differences between composite types. The order of their fields has a meaning."""
    pairs = paired(expected, actual, _name)
    for type_ in pairs.missing:
        yield Difference("composite type", _name(type_), None, "composite type", None, "error")
    for type_ in pairs.extra:
        yield Difference("composite type", _name(type_), None, None, "composite type", extra)
    for ours, theirs in pairs.same:
        # The fields themselves are compared one by one.
        for part, before, after in differing(ours, theirs):
            if part != "attributes":
                severity = severity_of("composite type", part, before, after)
                yield Difference(
                    "composite type", _name(ours), part, shown(before), shown(after), severity
                )
        yield from _attributes(ours, theirs)


def _attributes(ours: Composite, theirs: Composite) -> Iterator[Difference]:
    pairs = paired(ours.attributes, theirs.attributes, _by_name)
    of = _name(ours)
    for attribute in pairs.missing:
        name = f"{of}.{quote(attribute.name)}"
        yield Difference("attribute", name, None, described(attribute), None, "error")
    for attribute in pairs.extra:
        name = f"{of}.{quote(attribute.name)}"
        yield Difference("attribute", name, None, None, described(attribute), "error")
    for attribute, other in pairs.same:
        for part, before, after in differing(attribute, other):
            name = f"{of}.{quote(attribute.name)}"
            severity = severity_of("attribute", part, before, after)
            yield Difference("attribute", name, part, shown(before), shown(after), severity)
    common = {attribute.name for attribute, _ in pairs.same}
    orders = [
        tuple(attribute.name for attribute in type_.attributes if attribute.name in common)
        for type_ in (ours, theirs)
    ]
    if orders[0] != orders[1]:
        yield Difference(
            "composite type", of, "attribute-order", shown(orders[0]), shown(orders[1]), "error"
        )
