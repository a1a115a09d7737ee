"""Units of creation and their order."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum


class Rank(IntEnum):
    """What comes first where nothing else says so."""

    SCHEMA = 0
    EXTENSION = 1
    TYPE = 2
    SEQUENCE = 3
    ROUTINE = 4
    TABLE = 5
    ATTACH = 6
    DEFAULT = 7
    KEY = 8
    VIEW = 9
    CHECK = 10
    INDEX = 11
    ATTACH_INDEX = 12
    FOREIGN_KEY = 13
    OWNERSHIP = 14
    TRIGGER = 15
    TRIGGER_STATE = 16
    RULE = 17
    POLICY = 18
    SETTING = 19
    COMMENT = 20
    ACCESS = 21


@dataclass(frozen=True, slots=True)
class Unit:
    """Statements that belong together. `key` names them for those that require them."""

    rank: Rank
    name: str
    statements: tuple[str, ...]
    key: str | None = None
    requires: Iterable[str] = field(default=())


def ordered(units: Iterable[Unit]) -> list[Unit]:
    """Units after those that they require, else by rank and name.

    What no unit provides is there already. A circle, which a database cannot hold but through
    objects that were replaced later, is cut before its first unit.
    """
    left = sorted(units, key=lambda unit: (unit.rank, unit.name, unit.statements))
    provided = {unit.key: number for number, unit in enumerate(left) if unit.key is not None}
    waits: list[set[int]] = []
    followers: defaultdict[int, list[int]] = defaultdict(list)
    for number, unit in enumerate(left):
        needed = {provided[key] for key in unit.requires if key in provided} - {number}
        waits.append(needed)
        for other in needed:
            followers[other].append(number)
    ready = [number for number, needed in enumerate(waits) if not needed]
    done: set[int] = set()
    result: list[Unit] = []
    remaining = iter(range(len(left)))
    while len(result) < len(left):
        if not ready:
            ready.append(next(number for number in remaining if number not in done))
        number = heapq.heappop(ready)
        if number in done:
            continue
        done.add(number)
        result.append(left[number])
        for follower in followers[number]:
            waits[follower].discard(number)
            if not waits[follower]:
                heapq.heappush(ready, follower)
    return result
