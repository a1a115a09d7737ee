"""How tables and views differ, with all that belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from modalembic.postgres.catalog.comparing.descent import Known, without_repetition
from modalembic.postgres.catalog.comparing.difference import (
    Difference,
    Severity,
    severity_of,
    shown,
)
from modalembic.postgres.catalog.comparing.pairing import paired
from modalembic.postgres.catalog.comparing.parts import definition, described, differing
from modalembic.postgres.catalog.model import Column, Table, View
from modalembic.postgres.catalog.names import qualified, quote


def _name(relation: Table | View) -> str:
    return qualified(relation.schema, relation.name)


def _by_name(member: Any) -> str:
    return str(member.name)


def table_differences(
    expected: Iterable[Table], actual: Iterable[Table], extra: Severity
) -> Iterator[Difference]:
    """Differences between tables."""
    pairs = paired(expected, actual, _name)
    for table in pairs.missing:
        yield Difference("table", _name(table), None, table.kind, None, "error", _name(table))
    for table in pairs.extra:
        yield Difference("table", _name(table), None, None, table.kind, extra, _name(table))
    known = {_name(ours): (ours, theirs) for ours, theirs in pairs.same}
    for ours, theirs in pairs.same:
        if ours != theirs:
            yield from _table(ours, theirs, known)


def _table(ours: Table, theirs: Table, known: Known) -> Iterator[Difference]:
    name = _name(ours)
    renamed: dict[str, str] = {}
    members = [*_columns(name, ours.columns, theirs.columns)]
    for kind, mine, others in (
        ("constraint", ours.constraints, theirs.constraints),
        ("index", ours.indexes, theirs.indexes),
        ("trigger", ours.triggers, theirs.triggers),
        ("rule", ours.rules, theirs.rules),
        ("policy", ours.policies, theirs.policies),
    ):
        members += _members(kind, name, mine, others, renamed)
    own = differing(ours, theirs)
    identity = ours.replica_identity.partition("index ")[2]
    if f"index {renamed.get(identity)}" == theirs.replica_identity:
        own = [each for each in own if each[0] != "replica-identity"]
    for part, before, after in own:
        severity = severity_of("table", part, before, after)
        yield Difference("table", name, part, shown(before), shown(after), severity, name)
    yield from without_repetition(members, ours, theirs, known)


def view_differences(
    expected: Iterable[View], actual: Iterable[View], extra: Severity
) -> Iterator[Difference]:
    """Differences between views. What columns one has follows from its definition."""
    pairs = paired(expected, actual, lambda view: f"{view.kind} {_name(view)}")
    for view in pairs.missing:
        yield Difference(view.kind, _name(view), None, view.kind, None, "error", _name(view))
    for view in pairs.extra:
        yield Difference(view.kind, _name(view), None, None, view.kind, extra, _name(view))
    for ours, theirs in pairs.same:
        name = _name(ours)
        for part, before, after in differing(ours, theirs):
            severity = severity_of(ours.kind, part, before, after)
            yield Difference(ours.kind, name, part, shown(before), shown(after), severity, name)
        columns = _columns(name, ours.columns, theirs.columns)
        if ours.definition != theirs.definition:
            columns = (each for each in columns if each.part in {"comment", "default", "grants"})
        yield from columns
        renamed: dict[str, str] = {}
        yield from _members("index", name, ours.indexes, theirs.indexes, renamed)
        yield from _members("trigger", name, ours.triggers, theirs.triggers, renamed)
        yield from _members("rule", name, ours.rules, theirs.rules, renamed)


def _columns(
    table: str, expected: tuple[Column, ...], actual: tuple[Column, ...]
) -> Iterator[Difference]:
    pairs = paired(expected, actual, _by_name)
    for column in pairs.missing:
        name = f"{table}.{quote(column.name)}"
        yield Difference("column", name, None, described(column), None, "error", table)
    for column in pairs.extra:
        name = f"{table}.{quote(column.name)}"
        yield Difference("column", name, None, None, described(column), "error", table)
    for ours, theirs in pairs.same:
        name = f"{table}.{quote(ours.name)}"
        for part, before, after in differing(ours, theirs):
            severity = _column_severity(ours, theirs, part)
            if severity is not None:
                yield Difference("column", name, part, shown(before), shown(after), severity, table)
    common = {ours.name for ours, _ in pairs.same}
    orders = [
        tuple(column.name for column in columns if column.name in common)
        for columns in (expected, actual)
    ]
    if orders[0] != orders[1]:
        before, after = map(shown, orders)
        yield Difference("table", table, "column-order", before, after, "info", table)


def _column_severity(ours: Column, theirs: Column, part: str) -> Severity | None:
    """None where the part follows from another one that differs as well."""
    if part == "not-null-name":
        return "warning" if ours.not_null and theirs.not_null else None
    if part == "generated-kind" and (ours.generated is None or theirs.generated is None):
        return None
    return severity_of("column", part, None, None)


def _members(
    kind: str,
    table: str,
    expected: Iterable[Any],
    actual: Iterable[Any],
    renamed: dict[str, str],
) -> Iterator[Difference]:
    """Differences between what has a name that nothing but a comment or a tool relies on. What is
    found under another name is added to `renamed`."""
    pairs = paired(expected, actual, _by_name, lambda member: (type(member), definition(member)))
    for member in pairs.missing:
        name = f"{table}.{quote(member.name)}"
        yield Difference(kind, name, None, described(member), None, "error", table)
    for member in pairs.extra:
        name = f"{table}.{quote(member.name)}"
        yield Difference(kind, name, None, None, described(member), "error", table)
    for ours, theirs in pairs.renamed:
        renamed[ours.name] = theirs.name
        name = f"{table}.{quote(ours.name)}"
        yield Difference(kind, name, "name", ours.name, theirs.name, "warning", table)
    for ours, theirs in (*pairs.same, *pairs.renamed):
        name = f"{table}.{quote(ours.name)}"
        for part, before, after in differing(ours, theirs):
            severity = severity_of(kind, part, before, after)
            yield Difference(kind, name, part, shown(before), shown(after), severity, table)
