"""What tests of `move` share: a small application, and moves in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from modalembic.authoring.changes import ChangeSet
from modalembic.authoring.move.command import PlannedMove, plan_move, write_move
from modalembic.authoring.move.plan import planned
from modalembic.authoring.move.relocations import Place
from modalembic.authoring.move.requests import request_of
from modalembic.authoring.move.rework import Terms, rework
from modalembic.authoring.move.tree import SourceTree
from tests.projects import ProjectFiles

TIER = '''\
"""Tiers."""

from app.db import Base

DEFAULT = "free"


class Tier(Base):
    """What a tenant pays for."""


def cheapest() -> str:
    return DEFAULT
'''


def application(root: Path, files: Mapping[str, str] | None = None) -> ProjectFiles:
    """A package `app` with `models/tier.py`, which `app.models` re-exports, and an empty module
    `billing`."""
    project = ProjectFiles(root).configure()
    project.module("billing", tier="optional")
    project.file("app/__init__.py").file("app/modules/__init__.py")
    project.file("app/db.py", "class Base:\n    pass\n")
    project.file("app/models/__init__.py", "from app.models.tier import Tier as Tier\n")
    project.file("app/models/tier.py", TIER)
    for path, text in (files or {}).items():
        project.file(path, text)
    return project


def reworked(
    project: ProjectFiles,
    *arguments: str,
    shim: bool = True,
    tasks: Mapping[str, str] | None = None,
) -> ChangeSet:
    """What a move would change in the source; nothing is imported. `tasks` are Celery's names of
    `module:name`."""
    loaded = project.load()
    tree = SourceTree.of(loaded)
    known = {Place(*place.split(":")): name for place, name in (tasks or {}).items()}
    terms = Terms(
        shim=shim,
        tasks=known,
        keep=frozenset(known.values()),
        homes=frozenset(module.package for module in loaded.modules if module.package),
        extra=loaded.configuration.move_files,
        width=88,
    )
    rework(tree, planned(loaded, tree, [request_of(tree, arguments)]), terms)
    return tree.changes()


def after(project: ProjectFiles, *arguments: str, shim: bool = True) -> dict[str, str]:
    """The files that a move would change, as they would be; those that it removes are missing."""
    return {
        change.path.relative_to(project.root.resolve()).as_posix(): change.after
        for change in reworked(project, *arguments, shim=shim).changes
        if change.after is not None
    }


def planned_move(project: ProjectFiles, *arguments: str, shim: bool = True) -> PlannedMove:
    """A move, proven and not written."""
    loaded = project.load()
    tree = SourceTree.of(loaded)
    return plan_move(loaded, [request_of(tree, arguments)], shim=shim)


def move(project: ProjectFiles, *arguments: str, shim: bool = True) -> PlannedMove:
    """A move, proven and written."""
    made = planned_move(project, *arguments, shim=shim)
    write_move(project.load(), made)
    return made


def text(project: ProjectFiles, path: str) -> str:
    """A file as it is."""
    return (project.root / path).read_bytes().decode()


def tree(project: ProjectFiles) -> dict[str, bytes]:
    """Every file of a project, but for what git has."""
    return {
        path.relative_to(project.root).as_posix(): path.read_bytes()
        for path in sorted(project.root.rglob("*"))
        if path.is_file() and not {".git", "__pycache__"} & set(path.parts)
    }


def python(project: ProjectFiles, code: str) -> str:
    """What code prints in a fresh interpreter in the project's directory."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(project.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def git(project: ProjectFiles, *arguments: str) -> str:
    """What git says, as somebody."""
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    return subprocess.run(
        ["git", *person, *arguments], cwd=project.root, capture_output=True, text=True, check=True
    ).stdout


def commit(project: ProjectFiles) -> None:
    """Everything, in a repository that is made where there is none."""
    if not (project.root / ".git").exists():
        git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "A state")
