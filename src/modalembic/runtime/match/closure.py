"""The cheapest sets of nodes that have with each node all of its parents.

Known as the closure problem, it is a minimum cut: what has to be paid for stands before the sink,
what brings something behind the source, and a node that is taken pulls its parents along.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Cheapest:
    """The smallest and the largest of the cheapest sets; all others lie between these two."""

    least: frozenset[str]
    most: frozenset[str]


def cheapest(parents: Mapping[str, Iterable[str]], weights: Mapping[str, int]) -> Cheapest:
    """Of all sets that are closed under `parents`, those whose weights sum up to the least. A node
    without a weight costs nothing."""
    nodes = sorted(parents)
    number = {node: place for place, node in enumerate(nodes)}
    source, sink = len(nodes), len(nodes) + 1
    network = _Network(len(nodes) + 2)
    endless = 1 + sum(map(abs, weights.values()))
    for place, node in enumerate(nodes):
        weight = weights.get(node, 0)
        if weight < 0:
            network.edge(source, place, -weight)
        elif weight > 0:
            network.edge(place, sink, weight)
        for parent in parents[node]:
            network.edge(place, number[parent], endless)
    network.fill(source, sink)
    gained, lost = network.reached(source), network.reaching(sink)
    return Cheapest(
        frozenset(node for place, node in enumerate(nodes) if place in gained),
        frozenset(node for place, node in enumerate(nodes) if place not in lost),
    )


class _Network:
    """A flow network; Dinic's algorithm. Edge `n` leads to `to[n]` and can still take `left[n]`;
    its way back is edge `n ^ 1`."""

    def __init__(self, size: int) -> None:
        self._to: list[int] = []
        self._left: list[int] = []
        self._of: list[list[int]] = [[] for _ in range(size)]

    def edge(self, start: int, end: int, capacity: int) -> None:
        """Add an edge."""
        for of, to, left in ((start, end, capacity), (end, start, 0)):
            self._of[of].append(len(self._to))
            self._to.append(to)
            self._left.append(left)

    def fill(self, source: int, sink: int) -> None:
        """Send as much from `source` to `sink` as goes through."""
        while True:
            levels = self._levels(source)
            if levels[sink] < 0:
                return
            tried = [0] * len(self._of)
            while self._push(source, sink, levels, tried):
                pass

    def reached(self, start: int) -> set[int]:
        """What can still be reached from `start`."""
        return self._spread(start, lambda edge: self._left[edge])

    def reaching(self, end: int) -> set[int]:
        """What can still reach `end`."""
        return self._spread(end, lambda edge: self._left[edge ^ 1])

    def _spread(self, start: int, open_: Callable[[int], int]) -> set[int]:
        seen, waiting = {start}, [start]
        while waiting:
            for edge in self._of[waiting.pop()]:
                other = self._to[edge]
                if other not in seen and open_(edge):
                    seen.add(other)
                    waiting.append(other)
        return seen

    def _levels(self, source: int) -> list[int]:
        """How many edges each node is away from `source`; -1 where it cannot be reached."""
        levels = [-1] * len(self._of)
        levels[source] = 0
        waiting = deque([source])
        while waiting:
            node = waiting.popleft()
            for edge in self._of[node]:
                other = self._to[edge]
                if self._left[edge] and levels[other] < 0:
                    levels[other] = levels[node] + 1
                    waiting.append(other)
        return levels

    def _push(self, source: int, sink: int, levels: list[int], tried: list[int]) -> bool:
        """Fill one shortest way; whether there was one. `tried` are the edges of each node that
        have led nowhere in this round."""
        way: list[int] = []
        node = source
        while node != sink:
            edge = self._next(node, levels, tried)
            if edge is not None:
                way.append(edge)
                node = self._to[edge]
            elif way:
                node = self._to[way.pop() ^ 1]
                tried[node] += 1
            else:
                return False
        amount = min(self._left[edge] for edge in way)
        for edge in way:
            self._left[edge] -= amount
            self._left[edge ^ 1] += amount
        return True

    def _next(self, node: int, levels: list[int], tried: list[int]) -> int | None:
        edges = self._of[node]
        while tried[node] < len(edges):
            edge = edges[tried[node]]
            if self._left[edge] and levels[self._to[edge]] == levels[node] + 1:
                return edge
            tried[node] += 1
        return None
