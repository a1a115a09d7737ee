"""The `HEAD` files of the version locations: what they are for, and when they fail at it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from modalembic.checks.finding import Finding
from modalembic.checks.places import is_own, repository_of
from modalembic.history.head_file import NAME, HeadFile, read_head_file
from modalembic.modules import Module
from modalembic.modules.git import said_by_git
from modalembic.project import Project

MEND = "modalembic check history --fix"


def head_files(project: Project) -> Iterator[Finding]:
    """Findings about the `HEAD` file of each module whose revisions are the project's own.

    One that is missing is told only in a git repository: elsewhere nothing conflicts.
    """
    kept = (repository_of(project.root) / ".git").exists()
    found: list[HeadFile] = []
    for module in with_head_file(project):
        assert module.location is not None
        file = read_head_file(module.location)
        if file is not None:
            found.append(file)
            yield from _compared(project, module, file)
        elif kept:
            yield _missing(project, module, module.location)
    yield from _merged_blindly(project, found)


def with_head_file(project: Project) -> Iterator[Module]:
    """The modules that are to have a `HEAD` file: those with revisions of the project's own. A
    central location needs none: it is to stay as it is. One that is there is kept all the same.
    """
    for module in project.modules:
        if (
            module.location is not None
            and project.graph.heads.get(module.name)
            and is_own(project, module.location)
            and (not module.central or read_head_file(module.location) is not None)
        ):
            yield module


def _compared(project: Project, module: Module, file: HeadFile) -> Iterator[Finding]:
    heads = project.graph.heads[module.name]
    if file.conflict:
        yield Finding(
            rule="history/head-file-conflict",
            severity="error",
            message=f"{NAME} of {module.name} is in conflict: two git branches have added "
            "revisions to it",
            module=module.name,
            object="head file",
            name=module.name,
            expected=", ".join(heads),
            actual=", ".join(file.heads),
            path=file.path,
            line=1,
            fix=f"modalembic rebase {module.name}" if len(heads) > 1 else MEND,
        )
    # Several heads that nobody wants are a finding of their own, with its own mending.
    elif set(file.heads) != set(heads) and (len(heads) == 1 or module.multiple_heads):
        yield Finding(
            rule="history/head-file-stale",
            severity="error",
            message=f"{NAME} of {module.name} names {', '.join(file.heads) or 'nothing'}, and "
            f"the head is {', '.join(heads)}",
            module=module.name,
            object="head file",
            name=module.name,
            expected=", ".join(heads),
            actual=", ".join(file.heads) or None,
            path=file.path,
            line=1,
            fix=MEND,
        )


def _missing(project: Project, module: Module, location: Path) -> Finding:
    return Finding(
        rule="history/head-file-missing",
        severity="info",
        message=f"{module.name} has no {NAME} file, so that two git branches may both add a "
        "revision to it without a conflict",
        module=module.name,
        object="head file",
        name=module.name,
        expected=", ".join(project.graph.heads[module.name]),
        path=location,
        fix=MEND,
    )


def _merged_blindly(project: Project, files: Collection[HeadFile]) -> Iterator[Finding]:
    """A finding for each file that `.gitattributes` has merged without a conflict."""
    drivers = _merge_drivers(project.root, [file.path for file in files])
    for module in project.modules:
        path = None if module.location is None else module.location / NAME
        if path is not None and drivers.get(path) == "union":
            yield Finding(
                rule="history/head-file-union",
                severity="error",
                message=f"merge=union is set for {NAME} of {module.name}: git merges it without "
                "the conflict that it is there for",
                module=module.name,
                object="head file",
                name=module.name,
                part="merge",
                actual="union",
                path=path,
                line=1,
                fix=f"add to .gitattributes: **/{NAME} merge",
            )


def _merge_drivers(root: Path, paths: list[Path]) -> dict[Path, str]:
    """How git would merge each file, where there is a git to ask."""
    if not paths:
        return {}
    listed = b"".join(bytes(path) + b"\0" for path in paths)
    said = said_by_git(root, "check-attr", "-z", "--stdin", "merge", given=listed)
    # Path, attribute and value, over and over.
    values = [] if said is None else said.split("\0")[2::3]
    return dict(zip(paths, values, strict=False))
