"""Projects for tests of `new-module`, and what is looked at in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from modalembic.authoring.init import plan_init
from modalembic.project import Project
from tests.examples.shops import MARKETPLACE
from tests.projects import ProjectFiles
from tests.runtime.support import Result, modalembic

_LEFT_OUT = shutil.ignore_patterns(".modalembic", "__pycache__", ".*_cache")


def marketplace(directory: Path) -> ProjectFiles:
    """A copy of the example with thirteen modules."""
    shutil.copytree(MARKETPLACE.directory, directory, ignore=_LEFT_OUT)
    return ProjectFiles(directory)


def initialised(directory: Path, template: str = "modular") -> ProjectFiles:
    """What `modalembic init` makes of an empty directory."""
    project = ProjectFiles(directory)
    plan_init(directory, template=template).apply()
    return project


def new_module(project: ProjectFiles, *arguments: str) -> Result:
    return modalembic(project, "new-module", *arguments)


def tree(project: ProjectFiles) -> dict[str, bytes]:
    """Every file and directory of the project, with the files' contents."""
    return {
        path.relative_to(project.root).as_posix(): path.read_bytes() if path.is_file() else b"/"
        for path in sorted(project.root.rglob("*"))
        if "__pycache__" not in path.parts
    }


def text(project: ProjectFiles, path: str) -> str:
    return (project.root / path).read_text(encoding="utf-8")


def loaded(project: ProjectFiles) -> Project:
    """The project, which has to be sound."""
    found = Project.load(project.root)
    found.require_sound()
    return found


def first_revision(project: ProjectFiles, module: str) -> str:
    """The text of a module's only revision file."""
    location = loaded(project).module(module).location
    assert location is not None
    (path,) = location.glob("*.py")
    return path.read_text(encoding="utf-8")


def python(project: ProjectFiles, *arguments: str, **environ: str) -> str:
    """What a program says that has to end well."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=project.root,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{arguments}\n{ended.stdout}{ended.stderr}"
    return ended.stdout
