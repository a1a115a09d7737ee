"""Spelling of expressions, in a live catalog and in those of a timeline.

A dump and a restore print expressions in other words, and so does another major version. Only what
is spelled in the live database as at no moment of the timeline is in doubt; that is created anew on
the scratch server, at as few moments as bring up each of its states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from modalembic.postgres.catalog import Catalog
from modalembic.postgres.catalog.comparing.spelling import EXPRESSIONS, respelled
from modalembic.postgres.catalog.model import Constraint, Index
from modalembic.runtime.match.timeline import Moment, Timeline

# Where something with an expression stands: the kind, the schema and the name of the object, and
# the kind and the name of its member, if it is one.
_Where = tuple[str, ...]
_Rebuild = Callable[[Catalog], Catalog]
_WITH_EXPRESSION = frozenset({"check", "exclusion"})


def spelled_alike(timeline: Timeline, live: Catalog, rebuild: _Rebuild) -> tuple[Timeline, Catalog]:
    """Both with what is in doubt as Postgres spells it when `rebuild` creates it anew. Raises what
    that raises."""
    states = _states(timeline)
    there = dict(_pieces(live))
    doubtful = {
        where for where, piece in there.items() if where in states and piece not in states[where]
    }
    if not doubtful:
        return timeline, live
    spelled: dict[tuple[_Where, Any], Any] = {}
    for number in _needed(timeline, doubtful):
        catalog = timeline.moments[number].catalog
        after = dict(_pieces(respelled(catalog, rebuild(catalog))))
        spelled |= {
            (where, piece): after[where]
            for where, piece in _pieces(catalog)
            if where in doubtful and where in after
        }
    again = dict(_pieces(respelled(live, rebuild(live))))
    of_live = {(where, there[where]): again.get(where, there[where]) for where in doubtful}
    moments = (
        Moment(moment.done, _respelled(moment.catalog, spelled)) for moment in timeline.moments
    )
    return replace(timeline, moments=tuple(moments)), _respelled(live, of_live)


def _states(timeline: Timeline) -> dict[_Where, set[Any]]:
    """All that anything with an expression is on the way."""
    found: dict[_Where, set[Any]] = {}
    seen: set[int] = set()
    for moment in timeline.moments:
        for each in _objects(moment.catalog):
            if id(each) not in seen:
                seen.add(id(each))
                for where, piece in _pieces_of(each):
                    found.setdefault(where, set()).add(piece)
    return found


def _needed(timeline: Timeline, doubtful: set[_Where]) -> Iterator[int]:
    """The moments, as few as possible, that have each state of everything in doubt. Each state is
    there from one moment to another; the moment at which the first of them ends has the most."""
    intervals = sorted(_intervals(timeline, doubtful), key=lambda each: (each[1], each[0]))
    last = -1
    for begin, end in intervals:
        if begin > last:
            last = end
            yield end


def _intervals(timeline: Timeline, doubtful: set[_Where]) -> Iterator[tuple[int, int]]:
    """The first and the last moment of each state."""
    current: dict[_Where, tuple[Any, int]] = {}
    for number, moment in enumerate(timeline.moments):
        pieces = {where: piece for where, piece in _pieces(moment.catalog) if where in doubtful}
        for where in sorted(current.keys() - pieces.keys()):
            yield current.pop(where)[1], number - 1
        for where, piece in pieces.items():
            before = current.get(where)
            if before is None or before[0] != piece:
                if before is not None:
                    yield before[1], number - 1
                current[where] = (piece, number)
    for _, begin in current.values():
        yield begin, len(timeline.moments) - 1


def _objects(catalog: Catalog) -> Iterator[Any]:
    for field in fields(catalog):
        value = getattr(catalog, field.name)
        if isinstance(value, tuple):
            yield from value


def _pieces(catalog: Catalog) -> Iterator[tuple[_Where, Any]]:
    """What has an expression, with where it stands."""
    for each in _objects(catalog):
        yield from _pieces_of(each)


def _pieces_of(each: Any) -> Iterator[tuple[_Where, Any]]:
    place = _place(each)
    own = _without_members(each)
    if _has_expression(own):
        yield place, own
    for _, member in _members(each):
        if _has_expression(member):
            yield _member_place(place, member), member


def _place(each: Any) -> _Where:
    kind = type(each).__name__
    return (kind, getattr(each, "schema", ""), each.name, getattr(each, "signature", ""))


def _member_place(place: _Where, member: Any) -> _Where:
    return (*place, type(member).__name__, member.name)


def _members(each: Any) -> Iterator[tuple[str, Any]]:
    for name in _member_fields(each):
        for member in getattr(each, name):
            yield name, member


def _member_fields(each: Any) -> Iterable[str]:
    """The fields that hold members with names of their own."""
    for field in fields(each):
        value = getattr(each, field.name)
        filled = isinstance(value, tuple) and value and is_dataclass(value[0])
        if filled and hasattr(value[0], "name"):
            yield field.name


def _without_members(each: Any) -> Any:
    empty: dict[str, Any] = dict.fromkeys(_member_fields(each), ())
    return replace(each, **empty) if empty else each


def _has_expression(piece: Any) -> bool:
    if isinstance(piece, Constraint):
        return piece.kind in _WITH_EXPRESSION
    if isinstance(piece, Index):
        return piece.predicate is not None or any("(" in key.expression for key in piece.keys)
    return any(getattr(piece, name) is not None for name in EXPRESSIONS.get(type(piece), ()))


def _respelled(catalog: Catalog, spelled: Mapping[tuple[_Where, Any], Any]) -> Catalog:
    """`catalog` with what `spelled` has for each piece."""
    wanted = {where[:4] for where, _ in spelled}
    changed: dict[str, Any] = {}
    for field in fields(catalog):
        value = getattr(catalog, field.name)
        if isinstance(value, tuple) and any(_place(each) in wanted for each in value):
            changed[field.name] = tuple(
                _object(each, spelled) if _place(each) in wanted else each for each in value
            )
    return replace(catalog, **changed)


def _object(each: Any, spelled: Mapping[tuple[_Where, Any], Any]) -> Any:
    place = _place(each)
    members: dict[str, Any] = {
        name: tuple(
            spelled.get((_member_place(place, member), member), member)
            for member in getattr(each, name)
        )
        for name in _member_fields(each)
    }
    own = _without_members(each)
    return replace(spelled.get((place, own), own), **members)
