"""What is different about a table: by the statements that the models make, and by Postgres."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from modalembic.checks.moves.states import TableState
from modalembic.postgres.catalog import Difference
from modalembic.runtime.diff.two_states import ComparedSide
from modalembic.runtime.earlier import Side
from modalembic.runtime.earlier.state import StatedPart

_SHOWN = 120
_NAMED = ("domain", "enum", "sequence")


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was at the base: `part` of the `object` called `name`, in the
    models, the migrations or both; `before` or `now` None: it was not there, or is not."""

    object: str
    name: str
    part: str | None
    before: str | None
    now: str | None
    sides: tuple[Side, ...]

    def __str__(self) -> str:
        sides = " and in the ".join(self.sides)
        return f"{self.object} {self.name} {self._what()} (in the {sides})"

    def _what(self) -> str:
        if self.part is None and self.now is None:
            return "is gone"
        if self.part is None and self.before is None:
            return "is new"
        what = "" if self.part is None else f"{self.part.replace('-', ' ')} "
        return f"has {what}{_shown(self.now)}, and had {_shown(self.before)}"


def _shown(value: str | None) -> str:
    if value is None:
        return "none"
    text = " ".join(value.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def stated_changes(state: TableState) -> tuple[Change, ...] | None:
    """What differs between the statements that create the table; None where one of the states
    cannot tell them."""
    if state.before is None or state.now is None:
        return None
    before, now = state.before.parts, state.now.parts
    if before is None or now is None:
        return None
    gone, new = Counter(before) - Counter(now), Counter(now) - Counter(before)
    return tuple(_paired([*gone.elements()], [*new.elements()]))


def _paired(gone: list[StatedPart], new: list[StatedPart]) -> Iterator[Change]:
    """Parts of one name are one that changed, parts of one text one that was renamed."""
    for identity in (_known_by, _but_for_its_name):
        there = {identity(part): part for part in reversed(new)}
        for part in [*gone]:
            other = there.pop(identity(part), None)
            if other is not None:
                gone.remove(part)
                new.remove(other)
                yield _changed(part, other)
    for part in gone:
        yield Change(part.object, part.name, part.part or None, part.text, None, ("models",))
    for part in new:
        yield Change(part.object, part.name, part.part or None, None, part.text, ("models",))


def _known_by(part: StatedPart) -> tuple[str, ...]:
    return part.object, part.name, part.part


def _but_for_its_name(part: StatedPart) -> tuple[str, ...]:
    return part.object, part.text.replace(_own_name(part), "", 1)


def _own_name(part: StatedPart) -> str:
    return part.name.rpartition(".")[2]


def _changed(before: StatedPart, now: StatedPart) -> Change:
    if before.name != now.name:
        old, new = _own_name(before), _own_name(now)
        return Change(before.object, before.name, "name", old, new, ("models",))
    part = before.part or "definition"
    return Change(before.object, before.name, part, before.text, now.text, ("models",))


def proven_differences(side: ComparedSide, state: TableState) -> tuple[Difference, ...]:
    """What Postgres finds different about a table, and about the types and sequences that its model
    names."""
    named = {
        part.name
        for table in (state.before, state.now)
        if table is not None
        for part in table.parts or ()
        if part.object in _NAMED
    }
    return side.of(state.name, sorted(named))


def proven_changes(compared: Mapping[Side, ComparedSide], state: TableState) -> tuple[Change, ...]:
    """The same on both sides, without what means nothing to the database."""
    return merged({side: proven_differences(each, state) for side, each in compared.items()})


def merged(differences: Mapping[Side, Iterable[Difference]]) -> tuple[Change, ...]:
    """The differences of both sides, each once; those that mean nothing to the database (the order
    of columns, spelling) left out."""
    found: dict[tuple[str | None, ...], Change] = {}
    for side, items in sorted(differences.items()):
        for each in items:
            if each.severity == "info":
                continue
            key = (each.object, each.name, each.part, each.expected, each.actual)
            sides = (*found[key].sides, side) if key in found else (side,)
            found[key] = Change(
                each.object, each.name, each.part, each.expected, each.actual, sides
            )
    return tuple(found.values())
