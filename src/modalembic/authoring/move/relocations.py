"""Which dotted names change, and into what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType


@dataclass(frozen=True)
class Place:
    """A module, or a name in one (`name` is then not None)."""

    module: str
    name: str | None = None

    @property
    def dotted(self) -> str:
        """`module.name`, or `module`."""
        return self.module if self.name is None else f"{self.module}.{self.name}"

    def __str__(self) -> str:
        return self.module if self.name is None else f"{self.module}:{self.name}"


@dataclass(frozen=True)
class Relocated:
    """A dotted name after the move: `place`, and the attributes `rest` of it; `taken` is how many
    parts of the old name the place stands for."""

    place: Place
    rest: tuple[str, ...]
    taken: int

    @property
    def dotted(self) -> str:
        """The whole new name."""
        return ".".join((self.place.dotted, *self.rest))


@dataclass(frozen=True)
class Relocations:
    """Old dotted names (modules, names in modules, names that packages re-export), each with its
    new place."""

    targets: Mapping[str, Place]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, Place]]) -> Relocations:
        """From pairs of old dotted names and new places."""
        return cls(MappingProxyType(dict(pairs)))

    @cached_property
    def _above(self) -> frozenset[str]:
        above: set[str] = set()
        for dotted in self.targets:
            parts = dotted.split(".")
            above.update(".".join(parts[:count]) for count in range(1, len(parts)))
        return frozenset(above)

    def find(self, dotted: str) -> Relocated | None:
        """What becomes of `dotted`: the longest part of it that moves decides. None: nothing."""
        parts = dotted.split(".")
        for count in range(len(parts), 0, -1):
            place = self.targets.get(".".join(parts[:count]))
            if place is not None:
                return _relocated(place, parts[count:], count)
        return None

    def contains(self, dotted: str) -> bool:
        """Whether something below `dotted`, a module or package, moves while it stays."""
        return dotted in self._above and self.find(dotted) is None

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The last parts of all names: who uses one has to write it."""
        return tuple(sorted({dotted.rpartition(".")[2] for dotted in self.targets}))


def _relocated(place: Place, rest: list[str], taken: int) -> Relocated:
    """A moved module's attribute is a place of its own: what follows the module is its name."""
    if place.name is None and rest:
        return Relocated(Place(place.module, rest[0]), tuple(rest[1:]), taken + 1)
    return Relocated(place, tuple(rest), taken)
