"""Which modules exist: directory globs, entry points, tables in the configuration, central
locations.

Nothing is imported on the way. What is wrong is kept as values, so that a report can still show the
rest; commands that plan or run raise it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modalembic.config import Configuration
from modalembic.errors import (
    DuplicateModule,
    ModalembicError,
    ModuleNameError,
    ProjectWarning,
)
from modalembic.modules.module import Module, Origin, name_complaint
from modalembic.modules.places import PlaceFinder, Report
from modalembic.modules.reading import ModuleReader
from modalembic.modules.requirements import order_modules


@dataclass(frozen=True)
class Discovery:
    """The modules in order (see `order_modules`), and what is wrong or a trap."""

    modules: tuple[Module, ...]
    problems: tuple[ModalembicError, ...]
    warnings: tuple[ProjectWarning, ...]


def discover(configuration: Configuration, search: Sequence[Path]) -> Discovery:
    """Every module of the project. `search` are the directories that it adds to `sys.path`."""
    report = Report()
    modules, duplicates = _unique(_found(configuration, search, report))
    ordered, wrong = order_modules(modules, _requirements_in_tables(configuration))
    problems = (*report.problems, *_name_problems(ordered), *duplicates, *wrong)
    return Discovery(ordered, _once(problems), tuple(report.warnings))


def _found(
    configuration: Configuration, search: Sequence[Path], report: Report
) -> Iterator[Module]:
    """Every module as often as it is found. Tables come last: by then it is known which of them
    only correct a module that is found elsewhere."""
    finder = PlaceFinder(configuration, search, report)
    reader = ModuleReader(configuration, search, report)
    for name, text in configuration.locations.items():
        module = reader.central(name, text)
        if module is not None:
            yield module
    for place in (*finder.directories(), *finder.entry_points()):
        yield reader.module(place)
    for place in finder.tables(reader.used):
        yield reader.module(place)


def _name_problems(modules: Iterable[Module]) -> Iterator[ModalembicError]:
    for module in modules:
        complaint = name_complaint(module.name)
        if complaint is not None:
            yield ModuleNameError(
                f"a module cannot have this name: {complaint}",
                hint="name it in its manifest, or rename the directory",
                path=module.origin.path,
                line=module.origin.line,
            )


def _requirements_in_tables(configuration: Configuration) -> Mapping[str, Origin]:
    """Where requirements are written that a table in the configuration gives."""
    return {
        name: Origin("configuration", configuration.file, table.line)
        for name, table in configuration.module.items()
        if table.requires is not None
    }


def _unique(modules: Iterable[Module]) -> tuple[list[Module], list[ModalembicError]]:
    """The modules, each name once. A module that is found twice in one place is one module."""
    kept: dict[str, Module] = {}
    problems: list[ModalembicError] = []
    for module in modules:
        first = kept.setdefault(module.name, module)
        if first is module:
            continue
        if _is_same(first, module):
            kept[module.name] = replace(first, location=first.location or module.location)
            continue
        problems.append(
            DuplicateModule(
                f"two modules are called {module.name!r}: {first.origin} and {module.origin}",
                hint="give one of them another name in its manifest or in the configuration",
                path=module.origin.path,
                line=module.origin.line,
            )
        )
    return list(kept.values()), problems


def _is_same(one: Module, other: Module) -> bool:
    if one.directory is None or one.directory != other.directory:
        return False
    return None in (one.location, other.location) or one.location == other.location


def _once(problems: Iterable[ModalembicError]) -> tuple[ModalembicError, ...]:
    """Each problem once: a module that is found twice is wrong twice."""
    seen = {(error.code, error.message, error.where): error for error in reversed([*problems])}
    return tuple(reversed(seen.values()))
