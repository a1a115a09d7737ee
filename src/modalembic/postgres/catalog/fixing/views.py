"""Fixes of views and materialised views."""

from __future__ import annotations

from dataclasses import replace

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.access import grants, owner
from modalembic.postgres.catalog.fixing.clauses import commented, options_words
from modalembic.postgres.catalog.fixing.proposal import Proposal, refusal
from modalembic.postgres.catalog.fixing.sides import Sides, keys_of, members, relation_name
from modalembic.postgres.catalog.fixing.steps import Stage, Step, drop, made, make
from modalembic.postgres.catalog.keys import relation_key
from modalembic.postgres.catalog.model import View
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.options import storage
from modalembic.postgres.catalog.writing.units import Rank
from modalembic.postgres.catalog.writing.views import view_units

_SINCE_ACCESS_METHOD = 15


def of_view(sides: Sides, each: Difference) -> Proposal:
    """A view."""
    ours, theirs = sides.mine(each), sides.other(each)
    wanted = ours is not None and (each.part is not None or each.actual is None)
    if not wanted:
        assert theirs is not None
        return _dropped(sides, each, theirs.value)
    assert ours is not None
    if each.part is None:
        return Proposal(_created(ours.value))
    assert theirs is not None
    if each.part == "definition":
        return _replaced(sides, each, ours.value, theirs.value)
    return _part(sides, str(each.part), ours.value, theirs.value)


def _part(sides: Sides, part: str, ours: View, theirs: View) -> Proposal:
    name, kind = relation_name(ours), ours.kind.upper()
    match part:
        case "comment":
            return Proposal((commented(kind, name, ours.comment),))
        case "owner":
            return owner(kind, name, ours)
        case "grants":
            return grants(kind, name, ours, theirs)
        case "access-method" if sides.actual.major < _SINCE_ACCESS_METHOD:
            return refusal("server-version", version=str(sides.actual.major))
        case "access-method":
            words = [f"SET ACCESS METHOD {quote(ours.access_method or 'heap')}"]
        case "tablespace":
            words = [f"SET TABLESPACE {quote(ours.tablespace or 'pg_default')}"]
        case _:
            words = options_words(ours.options, theirs.options)
    statements = [f"ALTER {kind} {name} {word}" for word in words]
    return Proposal((make(Rank.SETTING, f"{name} {part}", *statements),))


def _created(view: View) -> tuple[Step, ...]:
    steps = made(view_units(view))
    if view.kind == "view":
        return steps
    name = relation_name(view)
    return (*steps, make(Rank.SETTING, name, f"REFRESH MATERIALIZED VIEW {name}"))


def _dropped(sides: Sides, each: Difference, view: View) -> Proposal:
    name = relation_name(view)
    found = sides.theirs["view", name]
    step = _drop(view)
    stays = ours_use(sides, keys_of(("view", name), found))
    if each.part is None and stays and not sides.clashes(name):
        step = replace(step, stage=Stage.REMOVE)
    own = {("view", name), *(named for named, _ in members(view))}
    holders = sides.holders(keys_of(("view", name), found), *own)
    return Proposal((step,), holders=holders, drops=step.stage is Stage.DROP)


def ours_use(sides: Sides, keys: set[str]) -> bool:
    """Whether something uses it that stays, and has to be replaced before it goes."""
    return any(holder.of in sides.ours for holder in sides.holders(keys))


def _drop(view: View) -> Step:
    name = relation_name(view)
    key = relation_key(view.schema, view.name)
    statement = f"DROP {view.kind.upper()} {name}"
    return drop(Rank.VIEW, name, statement, key=key, requires=view.requires)


def _replaced(sides: Sides, each: Difference, ours: View, theirs: View) -> Proposal:
    if ours.kind == "view" and _only_adds(ours, theirs):
        name = relation_name(ours)
        options = f" WITH {storage(ours.options)}" if ours.options else ""
        statement = f"CREATE OR REPLACE VIEW {name}{options} AS\n{ours.definition}"
        key = relation_key(ours.schema, ours.name)
        return Proposal((make(Rank.VIEW, name, statement, key=key, requires=ours.requires),))
    dropped = _dropped(sides, each, theirs)
    steps = (*dropped.steps, *_created(ours))
    return Proposal(steps, holders=dropped.holders, held=dropped.held, drops=True)


def _only_adds(ours: View, theirs: View) -> bool:
    """Whether the columns that are there stay as they are, and new ones come after them."""
    old = [(column.name, column.type, column.collation) for column in theirs.columns]
    new = [(column.name, column.type, column.collation) for column in ours.columns]
    return new[: len(old)] == old
