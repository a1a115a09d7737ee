"""A timeline as a document: of each moment what is new in it, and what is not there any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from modalembic.postgres.catalog import Catalog, load, to_document
from modalembic.postgres.catalog.document import VERSION
from modalembic.runtime.match.timeline import Moment, Timeline, name_of

_Named = dict[tuple[str, ...], Any]


def to_kept(timeline: Timeline) -> dict[str, Any]:
    """The document."""
    return {"moments": list(_changes(timeline))}


def from_kept(document: Mapping[str, Any], order: Sequence[str]) -> Timeline:
    """The timeline of a document, with its order."""
    moments: list[Moment] = []
    there: dict[str, _Named] = {}
    for done, new, gone in document["moments"]:
        catalog = load({"version": VERSION, **new})
        for name, value in _parts(catalog):
            named = there.setdefault(name, {})
            for each in gone.get(name, ()):
                named.pop(tuple(each), None)
            named.update((name_of(each), each) for each in value)
        moments.append(Moment(done, replace(catalog, **_whole(there))))
    return Timeline(tuple(order), tuple(moments))


def _changes(timeline: Timeline) -> Iterator[list[Any]]:
    before = Catalog(0)
    for moment in timeline.moments:
        new: dict[str, Any] = {}
        gone: dict[str, list[list[str]]] = {}
        for name, value in _parts(moment.catalog):
            old: _Named = {name_of(each): each for each in getattr(before, name)}
            new[name] = tuple(each for each in value if old.get(name_of(each)) is not each)
            left = old.keys() - {name_of(each) for each in value}
            if left:
                gone[name] = [list(each) for each in sorted(left)]
        yield [moment.done, to_document(replace(moment.catalog, **new)), gone]
        before = moment.catalog


def _parts(catalog: Catalog) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for field in fields(catalog):
        value = getattr(catalog, field.name)
        if isinstance(value, tuple):
            yield field.name, value


def _whole(there: Mapping[str, _Named]) -> dict[str, Any]:
    return {name: tuple(named[each] for each in sorted(named)) for name, named in there.items()}
