"""Which items make a revision, and in which order the revisions come.

A module gets one revision if that can be; where modules wait for each other, the one that comes
first in the order of modules gets a second one, with what waits for the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from modalembic.authoring.autogenerate.items import Item, Rank


@dataclass(frozen=True)
class Group:
    """The items of one revision, in order. `waits_for` are the numbers of the groups before it
    that make what it needs, with the keys of that."""

    module: str
    items: tuple[Item, ...]
    waits_for: Mapping[int, tuple[str, ...]]


def grouped(items: Iterable[Item], module_order: Sequence[str]) -> tuple[Group, ...]:
    """All items in groups, in an order in which these may run. New labels of enums are in groups of
    their own, since nothing may use them in the transaction that makes them."""
    left = sorted(items, key=lambda item: (item.rank, item.number))
    waits = _waits(left)
    runs = _runs(left, waits, module_order)
    place = {id(item): number for number, run in enumerate(runs) for item in run}
    return tuple(
        Group(run[0].module, _joined(run, waits, place), _waits_for(number, run, waits, place))
        for number, run in enumerate(runs)
    )


Waits = Mapping[int, Mapping[int, tuple[str, ...]]]


def _waits(items: Sequence[Item]) -> dict[int, dict[int, tuple[str, ...]]]:
    """For each item (by identity) those before it that it waits for, with the keys that it needs of
    them. They were done in this order when they were tried, so that nothing waits for what is
    behind it."""
    grow: defaultdict[str, list[Item]] = defaultdict(list)
    free: defaultdict[str, list[Item]] = defaultdict(list)
    found: dict[int, dict[int, tuple[str, ...]]] = {}
    for number, item in enumerate(items):
        waits: dict[int, tuple[str, ...]] = {}
        for key in sorted(item.needs):
            for other in grow[key]:
                waits[id(other)] = (*waits.get(id(other), ()), key)
        for key in sorted(item.drops):
            for other in free[key]:
                waits.setdefault(id(other), (key,))
        for other in items[:number]:
            if _same_line(other, item):
                waits.setdefault(id(other), ())
        found[id(item)] = waits
        for key in item.grows:
            grow[key].append(item)
        for key in item.frees:
            free[key].append(item)
    return found


def _same_line(earlier: Item, later: Item) -> bool:
    """Whether two items keep their order: both change one table, or one of them adds labels."""
    if earlier.module != later.module:
        return earlier.table is not None and earlier.table == later.table
    if Rank.LABEL in (earlier.rank, later.rank):
        return earlier.rank is not later.rank
    return earlier.table is not None and earlier.table == later.table


def _runs(items: Sequence[Item], waits: Waits, order: Sequence[str]) -> list[list[Item]]:
    left = list(items)
    done: set[int] = set()
    runs: list[list[Item]] = []
    while left:
        candidates = [
            run
            for module in sorted({item.module for item in left}, key=[*order].index)
            if (run := _run([item for item in left if item.module == module], waits, done))
        ]
        run = next((run for run in candidates if _is_all(run, left)), candidates[0])
        runs.append(run)
        done.update(id(item) for item in run)
        left = [item for item in left if id(item) not in done]
    return runs


def _run(own: Sequence[Item], waits: Waits, done: set[int]) -> list[Item]:
    """As many items of one module as can be done at once, in order."""
    run: list[Item] = []
    there = set(done)
    while True:
        ready = [i for i in own if id(i) not in there and waits[id(i)].keys() <= there]
        if run and run[0].rank is Rank.LABEL:
            ready = [item for item in ready if item.rank is Rank.LABEL]
        elif run:
            ready = [item for item in ready if item.rank is not Rank.LABEL]
        if not ready:
            return run
        run.append(ready[0])
        there.add(id(ready[0]))


def _is_all(run: Sequence[Item], left: Sequence[Item]) -> bool:
    own = [item for item in left if item.module == run[0].module]
    if run[0].rank is Rank.LABEL:
        own = [item for item in own if item.rank is Rank.LABEL]
    return len(own) == len(run)


def _waits_for(
    number: int, run: Sequence[Item], waits: Waits, place: Mapping[int, int]
) -> dict[int, tuple[str, ...]]:
    found: dict[int, dict[str, None]] = {}
    for item in run:
        for other, keys in waits[id(item)].items():
            if place[other] != number:
                found.setdefault(place[other], {}).update(dict.fromkeys(keys))
    return {other: tuple(keys) for other, keys in sorted(found.items())}


def _joined(run: Sequence[Item], waits: Waits, place: Mapping[int, int]) -> tuple[Item, ...]:
    """The items of a run, with foreign keys in the statements that create their tables, wherever
    what they lead to is there by then."""
    created = {item.table: item for item in run if item.rank is Rank.CREATE_TABLE}
    there: set[int] = set()
    keys: defaultdict[int, list[Item]] = defaultdict(list)
    number = place[id(run[0])]
    for item in run:
        if item.rank is Rank.CREATE_TABLE:
            for other in run:
                if other.key is None or other.table != item.table:
                    continue
                others = waits[id(other)].keys() - {id(item)}
                if all(each in there or place[each] < number for each in others):
                    keys[id(item)].append(other)
        there.add(id(item))
    gone = {id(key) for found in keys.values() for key in found}
    for table, item in created.items():
        for key in keys.get(id(item), ()):
            assert table == key.table
            item.up.columns = [*item.up.columns, key.key]  # type: ignore[union-attr]
    return tuple(item for item in run if id(item) not in gone)
