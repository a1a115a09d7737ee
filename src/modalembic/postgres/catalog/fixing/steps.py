"""Steps of mending, and the order in which they run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from modalembic.postgres.catalog.writing.units import Rank, Unit, ordered


class Stage(IntEnum):
    """What runs before what. In DETACH partitions and children become tables of their own, in DROP
    goes what is in the way of what is made or changed, in REMOVE what is too much, when nothing
    uses it any more; either in the reverse order of creation."""

    LABELS = 0
    DETACH = 1
    DROP = 2
    RENAME = 3
    MAKE = 4
    REMOVE = 5


@dataclass(frozen=True, slots=True)
class Step:
    """Statements that belong together, and what whoever runs them should know."""

    stage: Stage
    unit: Unit
    note: str | None = None


def made(units: Iterable[Unit]) -> tuple[Step, ...]:
    """Steps that create."""
    return tuple(Step(Stage.MAKE, unit) for unit in units)


def make(
    rank: Rank,
    name: str,
    *statements: str,
    key: str | None = None,
    requires: Iterable[str] = (),
    note: str | None = None,
) -> Step:
    """A step that changes something, in the place of what is created with `rank`."""
    return Step(Stage.MAKE, Unit(rank, name, statements, key, tuple(requires)), note)


def drop(
    rank: Rank,
    name: str,
    *statements: str,
    key: str | None = None,
    requires: Iterable[str] = (),
) -> Step:
    """A step that drops what is in the way; `key` and `requires` as when it was created."""
    return Step(Stage.DROP, Unit(rank, name, statements, key, tuple(requires)))


def remove(
    rank: Rank,
    name: str,
    *statements: str,
    key: str | None = None,
    requires: Iterable[str] = (),
    note: str | None = None,
) -> Step:
    """A step that drops what is too much."""
    return Step(Stage.REMOVE, Unit(rank, name, statements, key, tuple(requires)), note)


def rename(name: str, statement: str) -> Step:
    """A step that gives another name."""
    return Step(Stage.RENAME, Unit(Rank.SETTING, name, (statement,)))


def in_order(steps: Iterable[Step]) -> list[Step]:
    """The steps as they run, each once."""
    once: dict[tuple[Stage, tuple[str, ...]], Step] = {}
    for step in steps:
        once.setdefault((step.stage, step.unit.statements), step)
    result: list[Step] = []
    for stage in Stage:
        found = {id(step.unit): step for step in once.values() if step.stage is stage}
        units = ordered(step.unit for step in found.values())
        if stage in {Stage.DETACH, Stage.DROP, Stage.REMOVE}:
            units.reverse()
        result += [found[id(unit)] for unit in units]
    return result


def sql_of(steps: Iterable[Step]) -> str:
    """The statements of steps, each ended, with their notes."""
    return "\n".join(line for step in steps for line in lines_of(step))


def lines_of(step: Step) -> list[str]:
    """A step's note and its statements."""
    notes = [f"-- {step.note}"] if step.note is not None else []
    return [*notes, *(f"{statement};" for statement in step.unit.statements)]
