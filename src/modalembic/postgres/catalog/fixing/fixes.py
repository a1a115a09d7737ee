"""The fixes of differences, one by one and as one script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modalembic.postgres.catalog.comparing.difference import Difference
from modalembic.postgres.catalog.fixing.fix import Fix
from modalembic.postgres.catalog.fixing.resolve import Resolved
from modalembic.postgres.catalog.fixing.sides import Sides
from modalembic.postgres.catalog.fixing.steps import Stage, Step, in_order, lines_of, sql_of
from modalembic.postgres.catalog.model import Catalog


@dataclass(frozen=True, slots=True)
class Fixes:
    """What turns one catalog into another: `of` has a fix for each difference, in their order;
    `script` is all of it in an order in which it runs, for psql."""

    of: tuple[Fix, ...]
    script: str


def fixes(
    expected: Catalog,
    actual: Catalog,
    differences: Iterable[Difference],
    *,
    whole: Catalog | None = None,
) -> Fixes:
    """What makes `actual` as `expected` in all `differences` between the two.

    `whole` is the catalog of the database that is to be mended, where `actual` is a part of it: a
    view that was left out of the comparison may stand in the way.
    """
    sides = Sides(expected, actual, differences, actual if whole is None else whole)
    resolved = Resolved(sides)
    found = tuple(_fix(resolved, number) for number in range(len(sides.differences)))
    return Fixes(found, "".join(f"{line}\n" for line in _script(sides, resolved, found)))


def _fix(resolved: Resolved, number: int) -> Fix:
    proposal = resolved.proposals[number]
    if proposal.reason is not None:
        return Fix(None, proposal.reason, proposal.code)
    return Fix(sql_of(in_order(resolved.steps(number))))


def _script(sides: Sides, resolved: Resolved, found: tuple[Fix, ...]) -> Iterator[str]:
    for each, fix in zip(sides.differences, found, strict=True):
        if fix.reason is not None:
            yield _remark(f"no fix for {_called(each)}: {fix.reason}")
    steps = in_order(step for proposal in resolved.proposals for step in proposal.steps)
    labels = [step for step in steps if step.stage is Stage.LABELS]
    others = [step for step in steps if step.stage is not Stage.LABELS]
    if labels:
        # They can be used when they are committed.
        yield from _transaction(_lines(labels))
    if others:
        yield from _transaction(["SET LOCAL check_function_bodies = off;", *_lines(others)])


def _transaction(lines: Iterable[str]) -> Iterator[str]:
    yield "BEGIN;"
    yield from lines
    yield "COMMIT;"


def _lines(steps: Iterable[Step]) -> Iterator[str]:
    return (line for step in steps for line in lines_of(step))


def _called(each: Difference) -> str:
    part = f" ({each.part.replace('-', ' ')})" if each.part is not None else ""
    return f"{each.object} {each.name}{part}"


def _remark(text: str) -> str:
    return "-- " + " ".join(text.split())
