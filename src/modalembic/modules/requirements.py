"""The order of modules: what a module requires comes before it; then tier; then name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from types import MappingProxyType

from modalembic.errors import ModalembicError, RequirementCircle, UnknownModule
from modalembic.modules.module import Module, Origin

_TIER_RANK = {"core": 0, "optional": 1, "internal": 2}


def order_modules(
    modules: Iterable[Module], written: Mapping[str, Origin] = MappingProxyType({})
) -> tuple[tuple[Module, ...], tuple[ModalembicError, ...]]:
    """The modules in order, and what is wrong with their requirements.

    `written` is where a module's requirements stand, if that is not where the module was found.

    Central locations come first. The modules of a circle, and what waits for them, follow at the
    end in the order of tier and name, so that they can still be shown.
    """
    by_name = {module.name: module for module in sorted(modules, key=_rank)}
    waits_for = {
        name: {required for required in module.requires if required in by_name and required != name}
        for name, module in by_name.items()
    }
    wanted_by: dict[str, list[str]] = {name: [] for name in by_name}
    for name, required in waits_for.items():
        for other in required:
            wanted_by[other].append(name)
    ready = [(_rank(by_name[name]), name) for name, required in waits_for.items() if not required]
    ordered: list[Module] = []
    while ready:
        _, name = heappop(ready)
        ordered.append(by_name[name])
        for other in wanted_by[name]:
            waits_for[other].discard(name)
            if not waits_for[other]:
                heappush(ready, (_rank(by_name[other]), other))
    placed = {module.name for module in ordered}
    stuck = [module for module in by_name.values() if module.name not in placed]
    origins = {name: written.get(name, module.origin) for name, module in by_name.items()}
    problems = [*_unknown(by_name, origins), *_circles(by_name, stuck, origins)]
    return (*ordered, *stuck), tuple(problems)


def _rank(module: Module) -> tuple[bool, int, str]:
    return (not module.central, _TIER_RANK[module.tier], module.name)


def _unknown(
    by_name: Mapping[str, Module], origins: Mapping[str, Origin]
) -> Iterator[ModalembicError]:
    for name, module in by_name.items():
        for required in module.requires:
            if required not in by_name:
                yield UnknownModule(
                    f"{name} requires {required!r}, which is not a module here",
                    hint=f"the modules are {', '.join(sorted(by_name))}",
                    path=origins[name].path,
                    line=origins[name].line,
                )


def _circles(
    by_name: Mapping[str, Module], stuck: list[Module], origins: Mapping[str, Origin]
) -> Iterator[ModalembicError]:
    """One error for each module that requires itself, and one for a circle of several."""
    for name, module in by_name.items():
        if name in module.requires:
            yield _circle((name, name), origins)
    if not stuck:
        return
    among = {module.name: set(module.requires) - {module.name} for module in stuck}
    trail: list[str] = []
    name = stuck[0].name
    while name not in trail:
        trail.append(name)
        name = min(required for required in among[name] if required in among)
    yield _circle((*trail[trail.index(name) :], name), origins)


def _circle(names: tuple[str, ...], origins: Mapping[str, Origin]) -> RequirementCircle:
    first = origins[names[0]]
    return RequirementCircle(
        f"modules require each other in a circle: {' -> '.join(names)}",
        hint="take out one of them: " + ", ".join(f"{n} in {origins[n]}" for n in names[:-1]),
        path=first.path,
        line=first.line,
    )
