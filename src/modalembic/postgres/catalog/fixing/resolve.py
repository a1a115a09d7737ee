"""Fixes of all differences together: what stands in the way of one may be mended by another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.casts import base_of
from modalembic.postgres.catalog.fixing.kinds import proposal_for
from modalembic.postgres.catalog.fixing.proposal import (
    Holder,
    Named,
    Proposal,
    named,
    refusal,
    told,
)
from modalembic.postgres.catalog.fixing.sides import Sides, group, keys_of, relation_of
from modalembic.postgres.catalog.fixing.steps import Stage, Step
from modalembic.postgres.catalog.names import quote
from modalembic.postgres.catalog.writing.units import Rank

_VERBS = {
    "attribute-type": "use",
    "domain-inside": "have",
    "held": "stand",
    "held-type": "stand",
    "type-used": "use",
}


class Resolved:
    """The proposals for all differences, without those that cannot run."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._of: defaultdict[Named, list[int]] = defaultdict(list)
        self._columns_of: defaultdict[str | None, list[int]] = defaultdict(list)
        self.proposals = [proposal_for(sides, each) for each in sides.differences]
        for number, each in enumerate(sides.differences):
            self._of[group(each.object), each.name].append(number)
            if each.object == "column" and each.part in {None, "type"}:
                self._columns_of[each.table].append(number)
            if each.part == "name" and each.actual is not None:
                self._of[_renamed(each)].append(number)
        self._rename_once()
        while self._refuse():
            pass

    def _rename_once(self) -> None:
        """What is made anew under its other name is not renamed besides; what differs in more than
        its name gets that first."""
        for number, each in enumerate(self._sides.differences):
            if each.part not in {"name", "not-null-name"}:
                continue
            others = [n for n in self._of[group(each.object), each.name] if n != number]
            anew = [n for n in others if self._drops(n)]
            if anew:
                self.proposals[number] = self.proposals[anew[0]]
                continue
            steps = self.proposals[number].steps
            for other in others:
                found = self.proposals[other]
                if found.steps and (each.part == "name" or _of_not_null(self._sides, other)):
                    self.proposals[other] = replace(found, steps=(*steps, *found.steps))

    def _drops(self, number: int) -> bool:
        object_ = self._sides.differences[number].object
        steps = self.proposals[number].steps
        return object_ != "column" and any(step.stage is Stage.DROP for step in steps)

    def _refuse(self) -> bool:
        """Take back what cannot run; whether anything was."""
        lacking, taken = dict(self._lacking()), dict(self._taken())
        changed = False
        for number, proposal in enumerate(self.proposals):
            if proposal.reason is None:
                refused = self._held(proposal) or self._lacks(proposal, lacking)
                refused = refused or self._clash(number, taken)
                if refused is not None:
                    self.proposals[number], changed = refused, True
        return changed

    def _held(self, proposal: Proposal) -> Proposal | None:
        holders = tuple(each for each in proposal.holders if not self._freed(each, proposal))
        if not holders:
            return None
        verb = _VERBS.get(proposal.held)
        shown = named(holders) if verb is None else told(holders, verb)
        return refusal(proposal.held, holders=shown)

    def _freed(self, holder: Holder, proposal: Proposal) -> bool:
        """Whether the fixes of what holds something let go of it."""
        numbers = self._mending(holder)
        if not numbers or any(self.proposals[n].reason is not None for n in numbers):
            return False
        stages = {step.stage for n in numbers for step in self.proposals[n].steps}
        if Stage.DROP in stages:
            return True
        if proposal.drops:
            return False
        found = self._sides.ours.get(holder.of)
        if found is None:
            return Stage.REMOVE in stages or Stage.MAKE in stages
        return not holder.by & set(getattr(found.value, "requires", ()))

    def _mending(self, holder: Holder) -> list[int]:
        """The differences whose fixes may let go of what `holder` holds."""
        kind, name = holder.of
        found = self._of.get(holder.of) or self._of_owner(holder)
        if kind != "table" or holder.of not in self._sides.ours:
            return found
        # A table holds a type by its columns.
        return self._columns_of[name]

    def _of_owner(self, holder: Holder) -> list[int]:
        """The differences of a table or view that goes with all its parts."""
        found = self._sides.theirs.get(holder.of)
        if found is None or found.of is None:
            return []
        for kind in ("table", "view", "domain"):
            name = holder.of[1].rpartition(".")[0]
            if (kind, name) in self._sides.theirs and (kind, name) not in self._sides.ours:
                return self._of.get((kind, name), [])
        return []

    def _lacking(self) -> Iterator[tuple[str, tuple[str, tuple[str, ...] | None]]]:
        """The keys of what is expected, is not there, and will not be: what it is, and the texts
        that need it, if not all do."""
        for each, proposal in zip(self._sides.differences, self.proposals, strict=True):
            if proposal.reason is None:
                continue
            found = self._sides.mine(each)
            if found is None:
                continue
            missing = self._missing(each)
            if missing is not None:
                for key in sorted(keys_of((group(each.object), each.name), found)):
                    yield key, (f"{each.object} {each.name}", missing or None)

    def _missing(self, each: Difference) -> tuple[str, ...] | None:
        if each.part is None:
            return () if each.actual is None else None
        if each.object == "enum" and each.part == "labels":
            ours, theirs = self._sides.mine(each), self._sides.other(each)
            assert ours is not None
            assert theirs is not None
            gone = tuple(label for label in ours.value.labels if label not in theirs.value.labels)
            return gone or None
        if each.object == "column" and each.part == "type":
            old = base_of(self._sides.whole, each.actual or "")
            return None if old == base_of(self._sides.expected, each.expected or "") else ()
        return None

    def _lacks(
        self,
        proposal: Proposal,
        lacking: dict[str, tuple[str, tuple[str, ...] | None]],
    ) -> Proposal | None:
        for step in proposal.steps:
            if step.stage is not Stage.MAKE:
                continue
            for key in step.unit.requires:
                needed, texts = lacking.get(key, (None, None))
                if needed is not None and _mentioned(step, texts):
                    return refusal("needs", needed=needed)
        return None

    def _taken(self) -> Iterator[tuple[str, str]]:
        """The names of relations that are too many and stay, and who has them."""
        for each, proposal in zip(self._sides.differences, self.proposals, strict=True):
            found = self._sides.other(each)
            if proposal.reason is not None and each.expected is None and found is not None:
                name = relation_of((group(each.object), each.name), found)
                if name is not None:
                    yield name, f"{each.object} {each.name}"

    def _clash(self, number: int, taken: dict[str, str]) -> Proposal | None:
        each = self._sides.differences[number]
        found = self._sides.mine(each)
        if each.part is not None or each.actual is not None or found is None:
            return None
        holder = taken.get(relation_of((group(each.object), each.name), found) or "")
        return None if holder is None else refusal("name-taken", holder=holder)

    def steps(self, number: int) -> tuple[Step, ...]:
        """The steps that mend a difference by itself, with those of what has to let go of it."""
        found: dict[int, None] = {}
        freed: dict[Step, None] = {}
        left = [number]
        while left:
            each = left.pop()
            if each in found:
                continue
            found[each] = None
            for holder in self.proposals[each].holders:
                if holder.of[0] == "constraint" and holder.of not in self._of:
                    # The table of a foreign key goes as well, in a fix of its own.
                    freed.update(dict.fromkeys(self._foreign_keys(holder)))
                else:
                    left += self._mending(holder)
        return (*freed, *(step for each in found for step in self.proposals[each].steps))

    def _foreign_keys(self, holder: Holder) -> Iterator[Step]:
        for number in self._of_owner(holder):
            for step in self.proposals[number].steps:
                if step.stage is Stage.DROP and step.unit.rank is Rank.FOREIGN_KEY:
                    yield step


def _of_not_null(sides: Sides, number: int) -> bool:
    part = sides.differences[number].part
    return part is not None and part.startswith("not-null-")


def _mentioned(step: Step, texts: tuple[str, ...] | None) -> bool:
    if texts is None:
        return True
    return any(text in statement for text in texts for statement in step.unit.statements)


def _renamed(each: Difference) -> Named:
    prefix = each.name.rpartition(".")[0]
    return group(each.object), f"{prefix}.{quote(each.actual or '')}"
