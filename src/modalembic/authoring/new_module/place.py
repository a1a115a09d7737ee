"""Where a new module goes: a directory, and the package that it is."""

from __future__ import annotations

import keyword
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from modalembic.authoring.new_module.request import Request
from modalembic.errors import ModuleExists, ModulePlaceError
from modalembic.modules import Module
from modalembic.modules.packages import dotted_name, find_spec
from modalembic.project import Project

_Parts = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """`directory` is absolute, `package` its dotted name; `matched` says whether a pattern of the
    configuration finds it there."""

    directory: Path
    package: str
    matched: bool


def find_place(project: Project, request: Request) -> Place:
    """Where the module goes: `request.path`, else where the patterns of the configuration have it,
    else beside the modules that there are.

    Raises ModulePlaceError where that is nowhere or in several places, or Python could not import
    the package there; ModuleExists where something is there already.
    """
    directory = _given(project, request) if request.path else _only(project, request.name)
    _check_free(project, directory, request)
    package = dotted_name(directory, project.search)
    if package is None or any(keyword.iskeyword(part) for part in package.split(".")):
        raise ModulePlaceError(
            f"Python could not import a package in {_shown(project, directory)}; nothing was "
            "written",
            hint="every part of the path has to be an identifier, below a directory of sys_path",
            path=project.configuration.file,
        )
    if "." not in package and find_spec(package, project.search) is not None:
        raise ModuleExists(
            f"Python imports something else as {package!r}; nothing was written",
            hint="choose another name",
        )
    return Place(directory, package, is_matched(project, directory))


def is_matched(project: Project, directory: Path) -> bool:
    """Whether one of the configuration's patterns finds `directory`."""
    parts = directory.relative_to(project.root).parts
    return any(_matches(parts, _parts(pattern)) for pattern in project.configuration.modules)


def _given(project: Project, request: Request) -> Path:
    assert request.path is not None
    directory = Path(os.path.normpath(project.root / request.path))
    if directory == project.root or not directory.is_relative_to(project.root):
        raise ModulePlaceError(
            f"--path {request.path} is not below the project's directory; nothing was written",
            hint="it is the directory that the module is to have, as in "
            f"--path app/modules/{request.name}",
        )
    return directory


def _only(project: Project, name: str) -> Path:
    found = sorted({_joined(project, parts) for parts in _by_patterns(project, name)})
    if not found:
        found = sorted({module.parent / name for module in _directories(project)})
    if len(found) == 1:
        return found[0]
    if found:
        raise ModulePlaceError(
            f"{name} could go to {' or '.join(_shown(project, each) for each in found)}; nothing "
            "was written",
            hint=f"say which: --path {_shown(project, found[0])}",
        )
    raise ModulePlaceError(
        f"the configuration does not say where a module {name} would be; nothing was written",
        hint=f"give its directory: --path app/modules/{name}",
        path=project.configuration.file,
        line=project.configuration.line_of("modules"),
    )


def _by_patterns(project: Project, name: str) -> Iterator[_Parts]:
    """The directories that patterns of the configuration have for `name`."""
    for pattern in project.configuration.modules:
        parts = _parts(pattern)
        wild = [number for number, part in enumerate(parts) if _is_wild(part)]
        if not wild:
            if parts[-1:] == (name,):
                yield parts
        elif "**" not in parts:
            yield from _by_pattern(project, name, parts, wild)


def _by_pattern(
    project: Project, name: str, parts: _Parts, wild: Sequence[int]
) -> Iterator[_Parts]:
    """What a pattern with wildcards becomes. The last one stands for the name. So does one before
    it if it does in all modules that are found by it; else it stands for what it is there."""
    last = wild[-1]
    known = [
        below
        for directory in _directories(project)
        if _matches(below := directory.relative_to(project.root).parts, parts)
    ]
    named = {n for n in wild if n == last or (known and all(k[n] == k[last] for k in known))}
    substituted = {number: _substituted(parts[number], name) for number in named}
    if None in substituted.values():
        return
    before = known or [
        path.relative_to(project.root).parts + parts[last:]
        for path in project.root.glob("/".join(parts[:last]))
        if path.is_dir()
    ]
    if not known and len(wild) == 1:
        before = [parts]
    for each in before:
        yield tuple(
            substituted.get(number) or (each[number] if number in wild else part)
            for number, part in enumerate(parts)
        )


def _substituted(part: str, name: str) -> str | None:
    """A part of a pattern with its one `*` filled in, or the name itself where it matches."""
    if part.count("*") == 1 and not set(part) & set("?["):
        return part.replace("*", name)
    return name if fnmatchcase(name, part) else None


def _check_free(project: Project, directory: Path, request: Request) -> None:
    taken = directory if os.path.lexists(directory) else _namesake(directory)
    if taken is None:
        return
    below = _shown(project, directory / request.name)
    raise ModuleExists(
        f"{_shown(project, taken)} is there already; nothing was written",
        hint=f"--path is the directory that the module is to have, as in --path {below}"
        if request.path is not None and directory.is_dir()
        else "choose another name",
        path=taken,
    )


def _namesake(directory: Path) -> Path | None:
    """A file that the package would hide, or a directory that is the same one on a file system
    without upper and lower case."""
    if not directory.parent.is_dir():
        return None
    names = {directory.name.lower(), f"{directory.name}.py".lower()}
    beside = sorted(directory.parent.iterdir())
    return next((path for path in beside if path.name.lower() in names), None)


def _matches(parts: _Parts, pattern: _Parts) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[begin:], pattern[1:]) for begin in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _directories(project: Project) -> Iterator[Path]:
    """The directories of the modules below the project."""
    for module in project.modules:
        if _is_own(project, module):
            assert module.directory is not None
            yield module.directory


def _is_own(project: Project, module: Module) -> bool:
    return module.directory is not None and module.directory.is_relative_to(project.root)


def _parts(pattern: str) -> _Parts:
    return tuple(part for part in PurePosixPath(pattern).parts if part != ".")


def _is_wild(part: str) -> bool:
    return any(character in part for character in "*?[")


def _joined(project: Project, parts: _Parts) -> Path:
    return Path(os.path.normpath(project.root.joinpath(*parts)))


def _shown(project: Project, path: Path) -> str:
    return path.relative_to(project.root).as_posix()
