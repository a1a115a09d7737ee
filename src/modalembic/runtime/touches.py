"""What each revision touches, creates and refers to, as values.

A revision touches a table if it creates, alters, renames or drops it or a part of it (an index, a
constraint, a trigger, a policy, a comment, a sequence that a column owns, a partition), or changes
its rows. A foreign key *to* the table, a view on it and reading it are no touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

VERSION = 1
CREATE = "create"
DROP = "drop"
# Kinds whose touches have to be ordered. A function that two modules both create or replace is the
# same whichever comes first.
ORDERED_KINDS = frozenset(
    {"table", "foreign table", "view", "materialized view", "sequence", "type", "composite type"}
)


@dataclass(frozen=True)
class Touched:
    """An object that a revision touched: its kind as Postgres calls it, its identity in the replay
    (the same through renames), the qualified names that it had before, between and after, and what
    was done to it, of `create`, `alter`, `drop` and `rows`."""

    id: str
    kind: str
    names: tuple[str, ...]
    how: tuple[str, ...]


@dataclass(frozen=True)
class RevisionTouches:
    """What one revision did. `refers` are pairs of identities: an object that it made or altered,
    and one that this needs; `reads` are the relations that it looked at without changing them."""

    revision: str
    touched: tuple[Touched, ...] = ()
    refers: tuple[tuple[str, str], ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Touches:
    """What the revisions of a replay did, in the order in which they ran; with `unknown`, the
    reason, where that could not be recorded."""

    revisions: tuple[RevisionTouches, ...] = ()
    unknown: str | None = None

    @cached_property
    def by_revision(self) -> Mapping[str, RevisionTouches]:
        """What each revision did, by its id."""
        return {each.revision: each for each in self.revisions}

    @cached_property
    def creators(self) -> Mapping[str, str]:
        """The revision that created each object, by the object's identity."""
        found: dict[str, str] = {}
        for each in self.revisions:
            for touched in each.touched:
                if CREATE in touched.how:
                    found.setdefault(touched.id, each.revision)
        return found

    @cached_property
    def last_seen(self) -> Mapping[str, Touched]:
        """Each object as it was when it was touched last, by its identity."""
        return {touched.id: touched for each in self.revisions for touched in each.touched}

    @cached_property
    def _touching(self) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
        by_id: dict[str, dict[str, None]] = {}
        by_name: dict[str, dict[str, None]] = {}
        for each in self.revisions:
            for touched in each.touched:
                if touched.kind in ORDERED_KINDS:
                    by_id.setdefault(touched.id, {})[each.revision] = None
                    for name in touched.names:
                        by_name.setdefault(name, {})[each.revision] = None
        return _frozen(by_id), _frozen(by_name)

    @property
    def by_object(self) -> Mapping[str, tuple[str, ...]]:
        """The revisions that touched each object whose touches have to be ordered, by its identity,
        in the order in which they ran."""
        return self._touching[0]

    @property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """The revisions that touched whatever had a name at the time, in the order in which they
        ran: a table that is dropped and one that is made again under its name are two objects."""
        return self._touching[1]

    def of_name(self, name: str) -> tuple[str, ...]:
        """The revisions that touched the object that has the qualified name `name` in the end, or
        anything that had its name at the time, in the order in which they ran."""
        found = set(self.by_name.get(name, ()))
        for id_, revisions in self.by_object.items():
            last = self.last_seen[id_]
            if last.names[-1] == name and DROP not in last.how:
                found.update(revisions)
        return tuple(each.revision for each in self.revisions if each.revision in found)

    def document(self) -> dict[str, Any]:
        """The touches as JSON has them."""
        return {
            "version": VERSION,
            "unknown": self.unknown,
            "revisions": [
                {
                    "revision": each.revision,
                    "touched": [[t.id, t.kind, [*t.names], [*t.how]] for t in each.touched],
                    "refers": [[*pair] for pair in each.refers],
                    "reads": [*each.reads],
                }
                for each in self.revisions
            ],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The touches of `document`. Raises ValueError, KeyError or TypeError where it is not what
        `document` makes."""
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']!r}")
        unknown = document["unknown"]
        return cls(
            tuple(_revision(each) for each in document["revisions"]),
            None if unknown is None else _text(unknown),
        )


def _revision(document: Mapping[str, Any]) -> RevisionTouches:
    return RevisionTouches(
        _text(document["revision"]),
        tuple(
            Touched(_text(id_), _text(kind), _texts(names), _texts(how))
            for id_, kind, names, how in document["touched"]
        ),
        tuple((_text(one), _text(other)) for one, other in document["refers"]),
        _texts(document["reads"]),
    )


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(_text, values))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _frozen(found: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in found.items()}
