"""The old history as central locations: which directories, and under which names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modalembic.authoring.adopt.existing import Existing
from modalembic.config import Configuration
from modalembic.errors import UsageError
from modalembic.history.graph import RevisionGraph
from modalembic.modules import Module
from modalembic.modules.module import name_complaint
from modalembic.modules.packages import package_directory
from modalembic.project import Project

_LEGACY = "legacy"
_NO_NAMES = frozenset({"versions", "migrations", "alembic", "migration", "db", "src"})


@dataclass(frozen=True)
class Central:
    """A central location: its name, its directory, and how the configuration spells that."""

    name: str
    location: Path
    text: str
    several_heads: bool


def central_locations(
    existing: Existing, project: Project, name: str | None
) -> tuple[Central, ...]:
    """The version locations of `existing` that are no module's of `project`, the main one (that
    beside `env.py`, else the first) at the front. It gets `name`, else the one branch label in it,
    else `legacy`; the others are called by their one label, or by their directory.

    Raises UsageError where a module has the name already.
    """
    own = {os.path.realpath(module.location) for module in project.modules if module.location}
    places = [
        place for place in _places(existing, project) if os.path.realpath(place[0]) not in own
    ]
    beside = os.path.realpath(existing.env.parent)
    places.sort(key=lambda place: not os.path.realpath(place[0]).startswith(beside + os.sep))
    taken = {module.name for module in project.modules}
    if name in taken:
        raise UsageError(
            f"--name {name}: a module is called so; nothing was written",
            hint="choose another name for the old history",
        )
    graph = _graph(existing, project, places)
    found: list[Central] = []
    for number, (location, text) in enumerate(places):
        wanted = _names(location, _labels(graph, number), name if not number else None, number)
        chosen = next(each for each in wanted if each not in taken)
        taken.add(chosen)
        heads = graph.heads.get(_temporary(number), ())
        found.append(Central(chosen, location, text, len(heads) > 1))
    return tuple(found)


def _places(existing: Existing, project: Project) -> Iterator[tuple[Path, str]]:
    """Each version location with its spelling: from the project's directory on, if it is below."""
    seen: set[str] = set()
    for entry in existing.listed:
        package, colon, below = entry.partition(":")
        spelled = None
        if colon and "/" not in package:
            file = project.configuration.file
            location = package_directory(package, project.search, named_in=file) / below
            spelled = entry
        else:
            location = Path(os.path.normpath(existing.root / entry))
        if not location.is_dir() or os.path.realpath(location) in seen:
            continue
        seen.add(os.path.realpath(location))
        if location.is_relative_to(existing.root):
            spelled = location.relative_to(existing.root).as_posix()
        yield location, spelled or str(location)


def _graph(
    existing: Existing, project: Project, places: Sequence[tuple[Path, str]]
) -> RevisionGraph:
    """The revisions of the old locations, each location a module of its own."""
    configuration = Configuration(
        root=existing.root,
        file=project.configuration.file,
        locations={_temporary(number): text for number, (_, text) in enumerate(places)},
        alembic_config=existing.ini,
        multiple_heads=True,
        cache_directory=project.configuration.cache_directory,
    )
    return Project.of(configuration).graph


def _temporary(number: int) -> str:
    return f"location_{number}"


def _labels(graph: RevisionGraph, number: int) -> tuple[str, ...]:
    """The labels that the files of a location have."""
    found = {
        label
        for id_ in graph.of_module.get(_temporary(number), ())
        if not graph.revisions[id_].label_implied
        for label in graph.revisions[id_].branch_labels
    }
    return tuple(sorted(found))


def _names(location: Path, labels: Sequence[str], name: str | None, number: int) -> Iterator[str]:
    """What a location may be called, the best first; without an end."""
    if name is not None:
        yield name
    if len(labels) == 1 and name_complaint(labels[0]) is None:
        yield labels[0]
    if number:
        yield from _of_directory(location.parts)
    yield _LEGACY
    count = 2
    while True:
        yield f"{_LEGACY}{count}"
        count += 1


def _of_directory(parts: Iterable[str]) -> Iterator[str]:
    for part in reversed([*parts]):
        if part.lower() not in _NO_NAMES and name_complaint(part) is None:
            yield part
            return


def modules_without_revisions(project: Project) -> tuple[Module, ...]:
    """The modules that have no revision yet, in order."""
    return tuple(
        module
        for module in project.modules
        if not module.central and not project.graph.of_module.get(module.name)
    )
