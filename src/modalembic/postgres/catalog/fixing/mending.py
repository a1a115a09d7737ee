"""Fixes as statements, one by one, for whoever runs them in parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.resolve import Resolved
from modalembic.postgres.catalog.fixing.sides import Sides
from modalembic.postgres.catalog.fixing.steps import Stage, Step, in_order
from modalembic.postgres.catalog.model import Catalog


@dataclass(frozen=True, slots=True)
class Mending:
    """Statements that belong together, what whoever runs them should know, the first difference
    that they are for, and the keys of what they need. `removes`: they drop what is too much, when
    all else is done."""

    statements: tuple[str, ...]
    note: str | None
    difference: Difference
    requires: tuple[str, ...]
    removes: bool = False


@dataclass(frozen=True, slots=True)
class Unmended:
    """A difference without a fix, with the reason and its code."""

    difference: Difference
    reason: str
    code: str | None


def mendings(
    expected: Catalog,
    actual: Catalog,
    differences: Iterable[Difference],
    *,
    whole: Catalog | None = None,
) -> tuple[tuple[Mending, ...], tuple[Unmended, ...]]:
    """What makes `actual` as `expected`, as in `fixes`: all statements in an order in which they
    run, and the differences for which there are none."""
    sides = Sides(expected, actual, differences, actual if whole is None else whole)
    resolved = Resolved(sides)
    first: dict[tuple[object, tuple[str, ...]], Difference] = {}
    steps: list[Step] = []
    unmended: list[Unmended] = []
    for each, proposal in zip(sides.differences, resolved.proposals, strict=True):
        if proposal.reason is not None:
            unmended.append(Unmended(each, proposal.reason, proposal.code))
        for step in proposal.steps:
            first.setdefault((step.stage, step.unit.statements), each)
            steps.append(step)
    mended = tuple(
        Mending(
            step.unit.statements,
            step.note,
            first[step.stage, step.unit.statements],
            tuple(step.unit.requires),
            removes=step.stage is Stage.REMOVE,
        )
        for step in in_order(steps)
    )
    return mended, tuple(unmended)
