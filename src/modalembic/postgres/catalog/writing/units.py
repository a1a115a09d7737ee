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
    COLLATION = 2
    TYPE = 3
    SEQUENCE = 4
    ROUTINE = 5
    TABLE = 6
    ATTACH = 7
    DEFAULT = 8
    KEY = 9
    VIEW = 10
    CHECK = 11
    INDEX = 12
    ATTACH_INDEX = 13
    FOREIGN_KEY = 14
    OWNERSHIP = 15
    TRIGGER = 16
    TRIGGER_STATE = 17
    RULE = 18
    POLICY = 19
    SETTING = 20
    COMMENT = 21
    ACCESS = 22


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
