"""What was asked for, checked against the project before anything else is done."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from modalembic.config import Tier
from modalembic.errors import (
    ModuleExists,
    ModuleNameError,
    NoModules,
    ProjectProblems,
    UnknownModule,
    UsageError,
)
from modalembic.modules.module import name_complaint
from modalembic.project import Project

TIERS: tuple[Tier, ...] = ("core", "optional", "internal")
_LONGEST = 63


@dataclass(frozen=True)
class Request:
    """A module to make. `components` None: those of the configuration; `path` None: where the
    configuration's patterns put it, from the project's directory on; `base` None: as configured,
    else the one that the project's models derive from."""

    name: str
    tier: Tier = "optional"
    requires: tuple[str, ...] = ()
    components: tuple[str, ...] | None = None
    path: Path | None = None
    base: str | None = None


def request_of(
    name: str,
    tier: str,
    requires: tuple[str, ...],
    components: tuple[str, ...] | None,
    path: Path | None,
    base: str | None,
) -> Request:
    """A request from words. Raises UsageError for a tier that is none."""
    known = next((each for each in TIERS if each == tier), None)
    if known is None:
        raise UsageError(f"there is no tier {tier!r}", hint=f"there is {', '.join(TIERS)}")
    return Request(name, known, requires, components, path, base)


def check_project(project: Project) -> None:
    """Raise what is wrong with the project, but for having no modules yet."""
    problems = tuple(each for each in project.problems if not isinstance(each, NoModules))
    if problems:
        raise problems[0] if len(problems) == 1 else ProjectProblems(problems)


def check_request(project: Project, request: Request) -> None:
    """Raise ModuleNameError, ModuleExists, UnknownModule or UsageError for what cannot be made."""
    complaint = next(_complaints(request.name), None)
    if complaint is not None:
        raise ModuleNameError(
            f"a new module cannot have this name: {complaint}; nothing was written",
            hint="choose another: lower-case letters, digits and underscores",
        )
    _check_taken(project, request.name)
    if request.name in request.requires:
        raise UsageError(f"{request.name} cannot require itself; nothing was written")
    unknown = [name for name in request.requires if name not in project.by_name]
    if unknown:
        raise UnknownModule(
            f"there is no module {unknown[0]!r} to require; nothing was written",
            hint=_modules_hint(project.by_name),
        )


def _complaints(name: str) -> Iterator[str]:
    """Why the name cannot be that of a module that is made here. An existing one may have more: it
    need not be the name of its directory."""
    if not name.isidentifier():
        yield f"{name!r} is no identifier, so that no package can have it"
    if keyword.iskeyword(name):
        yield f"{name!r} is a keyword of Python"
    reserved = name_complaint(name)
    if reserved is not None:
        yield reserved
    if name.startswith("_"):
        yield f"{name!r} begins with an underscore, which discovery passes over"
    if len(name) > _LONGEST:
        yield f"it has {len(name)} characters, and no name in Postgres has more than {_LONGEST}"


def _check_taken(project: Project, name: str) -> None:
    graph = project.graph
    same = next((known for known in project.by_name if known.lower() == name.lower()), None)
    if same is not None:
        module = project.by_name[same]
        raise ModuleExists(
            f"there is a module {same!r} already; nothing was written",
            path=module.origin.path,
            line=module.origin.line,
        )
    label = graph.labels.get(name)
    beginning = next((id_ for id_ in sorted(graph.revisions) if id_.startswith(name)), None)
    for id_, how in ((label, "is a branch label of"), (beginning, "is the beginning of")):
        if id_ is not None:
            raise ModuleExists(
                f"{name!r} {how} revision {id_}, so that {name}@head could mean that one; nothing "
                "was written",
                hint="choose another name",
                path=graph.revisions[id_].path,
                line=graph.revisions[id_].line,
            )


def _modules_hint(names: Iterable[str]) -> str:
    known = ", ".join(names)
    return f"the modules are {known}" if known else "there are no modules yet"
