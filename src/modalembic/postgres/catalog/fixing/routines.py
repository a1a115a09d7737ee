"""Fixes of functions, procedures and aggregates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.access import grants, owner
from modalembic.postgres.catalog.fixing.clauses import commented
from modalembic.postgres.catalog.fixing.proposal import Proposal
from modalembic.postgres.catalog.fixing.sides import Sides
from modalembic.postgres.catalog.fixing.steps import Step, drop, made, remove
from modalembic.postgres.catalog.keys import routine_key
from modalembic.postgres.catalog.model import Routine
from modalembic.postgres.catalog.names import qualified
from modalembic.postgres.catalog.writing.routines import routine_units
from modalembic.postgres.catalog.writing.units import Rank


def of_routine(sides: Sides, each: Difference) -> Proposal:
    """A routine of any kind."""
    ours, theirs = sides.mine(each), sides.other(each)
    if theirs is None:
        assert ours is not None
        return Proposal(made(routine_units(ours.value)))
    if ours is None:
        return _removed(sides, each, theirs.value)
    return _part(sides, each, ours.value, theirs.value)


def _called(routine: Routine) -> tuple[str, str]:
    """The word for it, and how it is called."""
    kind = {"procedure": "PROCEDURE", "aggregate": "AGGREGATE"}.get(routine.kind, "FUNCTION")
    none = "*" if routine.kind == "aggregate" else ""
    name = qualified(routine.schema, routine.name)
    return kind, f"{name}({routine.signature or none})"


def _part(sides: Sides, each: Difference, ours: Routine, theirs: Routine) -> Proposal:
    kind, called = _called(ours)
    match each.part:
        case "comment":
            return Proposal((commented(kind, called, ours.comment),))
        case "owner":
            return owner(kind, called, ours)
        case "grants":
            return grants(kind, called, ours, theirs)
    if _replaceable(ours, theirs):
        return Proposal((_replace(ours),))
    key = routine_key(theirs.schema, theirs.name, theirs.signature)
    word, there = _called(theirs)
    dropped = drop(Rank.ROUTINE, there, f"DROP {word} {there}", key=key, requires=theirs.requires)
    return Proposal(
        (dropped, *made(routine_units(ours))),
        holders=sides.holders([key], ("routine", each.name)),
        drops=True,
    )


def _removed(sides: Sides, each: Difference, theirs: Routine) -> Proposal:
    kind, called = _called(theirs)
    key = routine_key(theirs.schema, theirs.name, theirs.signature)
    step = remove(Rank.ROUTINE, called, f"DROP {kind} {called}", key=key, requires=theirs.requires)
    return Proposal((step,), holders=sides.holders([key], ("routine", each.name)))


def _replace(routine: Routine) -> Step:
    unit = routine_units(replace(routine, comment=None, owner=None))[0]
    statement = unit.statements[0].replace("CREATE ", "CREATE OR REPLACE ", 1)
    return made([replace(unit, statements=(statement,))])[0]


def _replaceable(ours: Routine, theirs: Routine) -> bool:
    """What CREATE OR REPLACE may change: neither the kind nor what it returns, and of arguments
    their defaults only, of which none may go."""
    if ours.kind != theirs.kind or ours.returns != theirs.returns:
        return False
    if ours.arguments == theirs.arguments:
        return True
    new, old = [*_arguments(ours.arguments)], [*_arguments(theirs.arguments)]
    return [head for head, _ in new] == [head for head, _ in old] and all(
        default or not was for (_, default), (_, was) in zip(new, old, strict=True)
    )


_PIECES = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[(\[{]|[)\]}]|,| DEFAULT |.", re.DOTALL)


def _arguments(text: str) -> Iterator[tuple[str, bool]]:
    """Each argument without its default, and whether it has one."""
    depth, head, has_default = 0, "", False
    for match in _PIECES.finditer(text):
        piece = match.group()
        depth += (piece in "([{") - (piece in ")]}")
        if piece == "," and not depth:
            yield head.strip(), has_default
            head, has_default = "", False
        elif piece == " DEFAULT " and not depth:
            has_default = True
        elif not has_default:
            head += piece
    yield head.strip(), has_default
