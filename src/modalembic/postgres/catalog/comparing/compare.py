"""How two catalogs differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from modalembic.postgres.catalog.comparing.difference import (
    Difference,
    Severity,
    severity_of,
    shown,
)
from modalembic.postgres.catalog.comparing.pairing import Pairs, paired
from modalembic.postgres.catalog.comparing.parts import described, differing
from modalembic.postgres.catalog.comparing.relations import table_differences, view_differences
from modalembic.postgres.catalog.comparing.types import composite_differences, domain_differences
from modalembic.postgres.catalog.model import Catalog, Other, Routine, Sequence
from modalembic.postgres.catalog.names import literal, qualified, quote

# Since then partitions draw from the identity of their parent; before, they had one of their own.
IDENTITY_OF_PARTITIONS = 17
_OF_PARTITIONS = ("identity", True)
_ORDER = {"error": 0, "warning": 1, "info": 2}


def differences(
    expected: Catalog, actual: Catalog, *, live: bool = False
) -> tuple[Difference, ...]:
    """Every difference between the catalogs as they are spelled, in a fixed order.

    `live`: `actual` is a database in which others may have made objects of their own, so that a
    table, view, function or type too many is a warning.
    """
    found = [*_server(expected, actual)]
    extra: Severity = "warning" if live else "error"
    found += _simple("schema", expected.schemas, actual.schemas, "info")
    found += _simple("extension", expected.extensions, actual.extensions, "info")
    found += _simple("enum", expected.enums, actual.enums, extra)
    found += _simple("range", expected.ranges, actual.ranges, extra)
    found += composite_differences(expected.composites, actual.composites, extra)
    found += domain_differences(expected.domains, actual.domains, extra)
    found += _sequences(expected, actual)
    found += table_differences(expected.tables, actual.tables, extra)
    found += view_differences(expected.views, actual.views, extra)
    found += _routines(expected.routines, actual.routines, extra)
    found += _others(expected.others, actual.others, extra)
    found = list(_without_renamed_sequences(found, _sequence_pairs(expected, actual).renamed))
    if not (expected.access and actual.access):
        found = [each for each in found if each.part not in {"owner", "grants"}]
    if expected.major < 18 or actual.major < 18:
        found = [each for each in found if each.part != "not-null-name"]
    if (expected.major < IDENTITY_OF_PARTITIONS) != (actual.major < IDENTITY_OF_PARTITIONS):
        partitions = _partitions(expected) | _partitions(actual)
        found = [each for each in found if (each.part, each.table in partitions) != _OF_PARTITIONS]
    return tuple(sorted(found, key=_order))


def _partitions(catalog: Catalog) -> set[str]:
    return {_name(table) for table in catalog.tables if table.partition_of is not None}


def _order(each: Difference) -> tuple[Any, ...]:
    return (_ORDER[each.severity], each.table or each.name, each.object, each.name, each.part or "")


def _server(expected: Catalog, actual: Catalog) -> Iterator[Difference]:
    if expected.major != actual.major:
        ours, theirs = str(expected.major), str(actual.major)
        yield Difference("server", "PostgreSQL", "version", ours, theirs, "info")


def _name(value: Any) -> str:
    return qualified(value.schema, value.name) if _has_schema(value) else quote(value.name)


def _has_schema(value: Any) -> bool:
    return hasattr(value, "schema") and not hasattr(value, "version")


def _simple(
    kind: str, expected: Iterable[Any], actual: Iterable[Any], extra: Severity
) -> Iterator[Difference]:
    pairs = paired(expected, actual, _name)
    for item in pairs.missing:
        yield Difference(kind, _name(item), None, described(item), None, "error")
    for item in pairs.extra:
        yield Difference(kind, _name(item), None, None, described(item), extra)
    for ours, theirs in pairs.same:
        for part, before, after in differing(ours, theirs):
            severity = severity_of(kind, part, before, after)
            yield Difference(kind, _name(ours), part, shown(before), shown(after), severity)


def _sequences(expected: Catalog, actual: Catalog) -> Iterator[Difference]:
    """A sequence that came or went with its column, or with the column's identity, is no difference
    of its own; one that serves the same column under another name is a renamed one."""
    ours, theirs = _columns(expected), _columns(actual)
    pairs = _sequence_pairs(expected, actual)
    for sequence, other in (*pairs.same, *pairs.renamed):
        table = (sequence.owned_by or other.owned_by or "").rpartition(".")[0] or None
        if sequence.name != other.name:
            yield Difference(
                "sequence", _name(sequence), "name", sequence.name, other.name, "warning", table
            )
        for part, before, after in differing(sequence, other):
            severity = severity_of("sequence", part, before, after)
            yield Difference(
                "sequence", _name(sequence), part, shown(before), shown(after), severity, table
            )
    for sequence in pairs.missing:
        if sequence.owned_by is None or _serves(sequence, theirs):
            yield Difference("sequence", _name(sequence), None, sequence.type, None, "error")
    for sequence in pairs.extra:
        if sequence.owned_by is None or _serves(sequence, ours):
            yield Difference("sequence", _name(sequence), None, None, sequence.type, "warning")


def _sequence_pairs(expected: Catalog, actual: Catalog) -> Pairs[Sequence]:
    def definition(sequence: Sequence) -> object:
        return sequence.owned_by or object()

    return paired(expected.sequences, actual.sequences, _name, definition)


def _without_renamed_sequences(
    found: Iterable[Difference], renamed: Iterable[tuple[Sequence, Sequence]]
) -> Iterator[Difference]:
    """The differences without the defaults of columns that draw from their own sequence under
    either name."""
    drawn = {
        (ours.owned_by, f"nextval({literal(_name(ours))}::regclass)"): (
            f"nextval({literal(_name(theirs))}::regclass)"
        )
        for ours, theirs in renamed
    }
    for each in found:
        same = each.part == "default" and drawn.get((each.name, each.expected or ""))
        if not (same and same == each.actual):
            yield each


def _columns(catalog: Catalog) -> dict[str, bool]:
    """Whether each column is an identity column."""
    return {
        f"{qualified(table.schema, table.name)}.{quote(column.name)}": column.identity is not None
        for table in catalog.tables
        for column in table.columns
    }


def _serves(sequence: Sequence, columns: dict[str, bool]) -> bool:
    """Whether the column of `sequence` is there and, if it is an identity's, is one."""
    return columns.get(sequence.owned_by or "", not sequence.identity) is sequence.identity and (
        sequence.owned_by in columns
    )


def _routines(
    expected: Iterable[Routine], actual: Iterable[Routine], extra: Severity
) -> Iterator[Difference]:
    def name(routine: Routine) -> str:
        return f"{qualified(routine.schema, routine.name)}({routine.signature})"

    pairs = paired(expected, actual, name)
    for routine in pairs.missing:
        yield Difference(routine.kind, name(routine), None, described(routine), None, "error")
    for routine in pairs.extra:
        yield Difference(routine.kind, name(routine), None, None, described(routine), extra)
    for ours, theirs in pairs.same:
        for part, before, after in differing(ours, theirs):
            severity = severity_of(ours.kind, part, before, after)
            yield Difference(ours.kind, name(ours), part, shown(before), shown(after), severity)


def _others(
    expected: Iterable[Other], actual: Iterable[Other], extra: Severity
) -> Iterator[Difference]:
    def name(other: Other) -> str:
        return f"{other.kind} {qualified(other.schema, other.name)}"

    pairs = paired(expected, actual, name)
    for other in pairs.missing:
        yield Difference(other.kind, _name(other), None, other.kind, None, "error")
    for other in pairs.extra:
        yield Difference(other.kind, _name(other), None, None, other.kind, extra)
    for ours, theirs in pairs.same:
        if ours.definition != theirs.definition:
            before, after = ours.definition, theirs.definition
            yield Difference(ours.kind, _name(ours), "definition", before, after, "error")
