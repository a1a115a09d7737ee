"""Subjects: the objects that revisions make, each by one text, whoever speaks of it.

What belongs to a table (a column, an index, a sequence that a column owns) has the table for its
subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import fields, replace
from typing import Any, Final

from modalembic.postgres.catalog import Catalog, Difference
from modalembic.postgres.catalog.model import (
    Composite,
    Domain,
    Enum,
    Extension,
    Other,
    Range,
    Routine,
    Schema,
    Sequence,
    Table,
    View,
)
from modalembic.postgres.catalog.names import qualified, quote
from modalembic.runtime.touches import CREATE, RevisionTouches

RELATION, TYPE, ROUTINE = "relation", "type", "routine"
_ROWS: Final = ("rows",)
# The words of Postgres and of the catalog for what shares a space of names.
_SPACES = {
    "aggregate": ROUTINE,
    "composite type": TYPE,
    "domain": TYPE,
    "enum": TYPE,
    "foreign table": RELATION,
    "function": ROUTINE,
    "materialized view": RELATION,
    "procedure": ROUTINE,
    "range": TYPE,
    "sequence": RELATION,
    "table": RELATION,
    "type": TYPE,
    "view": RELATION,
    "window function": ROUTINE,
}
# Members of types, which do not say of which one by themselves.
_OF_TYPES = frozenset({"attribute", "domain constraint"})
_LAST_PART = re.compile(r'\.(?:"(?:[^"]|"")+"|[^".]+)$')
_TWO_PARTS = re.compile(r'(?:"(?:[^"]|"")+"|[^".]+)\.(?:"(?:[^"]|"")+"|[^".]+)')
_MEMBERS = {
    "columns": "column",
    "constraints": "constraint",
    "indexes": "index",
    "triggers": "trigger",
    "rules": "rule",
    "policies": "policy",
}


def subject_of(difference: Difference) -> str:
    """The subject of a difference."""
    kind, name = difference.object, difference.name
    if difference.table is not None:
        return f"{RELATION} {difference.table}"
    if kind in _OF_TYPES:
        found = _TWO_PARTS.match(name)
        return f"{TYPE} {found[0] if found is not None else name}"
    return _named(kind, name)


def _named(kind: str, name: str) -> str:
    # Postgres writes the types of arguments with a blank behind the comma, or without.
    space = _SPACES.get(kind, kind)
    return f"{space} {name.replace(', ', ',') if space == ROUTINE else name}"


def touched_subjects(revision: RevisionTouches) -> frozenset[str]:
    """The subjects of which a revision has changed more than rows, under all names that they had
    on the way."""
    return frozenset(
        _named(touched.kind, name)
        for touched in revision.touched
        if touched.how != _ROWS
        for name in touched.names
    )


def changed_rows(revision: RevisionTouches) -> tuple[str, ...]:
    """The tables whose rows a revision has changed, sorted. One that it created had none."""
    return tuple(
        sorted({t.names[-1] for t in revision.touched if "rows" in t.how and CREATE not in t.how})
    )


def objects(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    """Every object that stands by itself, with its subject. A sequence has that of the table whose
    column owns it."""
    for field in fields(catalog):
        value = getattr(catalog, field.name)
        if isinstance(value, tuple):
            for each in value:
                yield _subject(each), each


def members(each: Any) -> Iterator[tuple[str, Any]]:
    """The members of a table or view, each with what a difference in it would call it."""
    if isinstance(each, Table | View):
        of = qualified(each.schema, each.name)
        for field, kind in _MEMBERS.items():
            for member in getattr(each, field, ()):
                yield f"{kind} {of}.{quote(member.name)}", member


def member_of(difference: Difference) -> str:
    """What `members` calls what differs, if it is a member."""
    return f"{difference.object} {difference.name}"


def only(catalog: Catalog, subjects: Collection[str]) -> Catalog:
    """What of a catalog is about `subjects`."""
    kept: dict[str, Any] = {
        field.name: tuple(each for each in value if _subject(each) in subjects)
        for field in fields(catalog)
        if isinstance(value := getattr(catalog, field.name), tuple)
    }
    return replace(catalog, **kept)


def aliases(catalog: Catalog) -> dict[str, str]:
    """Subjects that a revision touches under the name of a table: extended statistics."""
    return {
        _subject(each): f"{RELATION} {each.definition.rpartition(' FROM ')[2]}"
        for each in catalog.others
        if each.kind == "statistics" and each.definition is not None
    }


def owner(sequence: Sequence) -> str | None:
    """The qualified name of the table whose column owns a sequence."""
    owned = sequence.owned_by
    return None if owned is None else _LAST_PART.sub("", owned)


def sizes(catalog: Catalog) -> dict[str, int]:
    """Of how many things each subject consists: itself and its members."""
    found: dict[str, int] = {}
    for subject, each in objects(catalog):
        found[subject] = found.get(subject, 0) + 1 + sum(1 for _ in members(each))
    return found


def _subject(each: Any) -> str:
    for kinds, name in _NAMERS:
        if isinstance(each, kinds):
            return name(each)
    raise TypeError(f"{type(each).__name__} is no object of a catalog")


def _sequence(each: Sequence) -> str:
    return f"{RELATION} {owner(each) or qualified(each.schema, each.name)}"


def _routine(each: Routine) -> str:
    return f"{qualified(each.schema, each.name)}({each.signature})"


_NAMERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    ((Table, View), lambda each: f"{RELATION} {qualified(each.schema, each.name)}"),
    (Sequence, _sequence),
    ((Composite, Domain, Enum, Range), lambda each: f"{TYPE} {qualified(each.schema, each.name)}"),
    (Routine, lambda each: _named("function", _routine(each))),
    (Schema, lambda each: f"schema {quote(each.name)}"),
    (Extension, lambda each: f"extension {quote(each.name)}"),
    (Other, lambda each: f"{each.kind} {qualified(each.schema, each.name)}"),
)
