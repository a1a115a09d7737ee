"""What lists and plans runs none of a project's code: manifests and headers are data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import ProjectFiles

# At import, in a default argument, a decorator, a class body, by an encoding and in a docstring.
TRAP = """
import pathlib
pathlib.Path({trace!r}).write_text("ran")
def decorator(function, ran=pathlib.Path({trace!r}).write_text("ran")):
    return function
@decorator
class Trap(metaclass=type("Meta", (type,), dict())):
    ran = pathlib.Path({trace!r}).write_text("ran")
raise SystemExit(3)
"""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "trace"


@pytest.fixture
def trapped(tmp_path: Path, trace: Path) -> ProjectFiles:
    """A project in which every file leaves a trace and ends the process where it is run."""
    project = ProjectFiles(tmp_path / "shop").configure()
    trap = TRAP.format(trace=str(trace))
    core = project.module("core", tier="core").revision("c1").revision("c2", down="c1")
    core.file("models.py", "from sqlalchemy import Column\n")
    project.file("migrations/env.py").file("conftest.py").file("sitecustomize.py")
    for path in project.root.rglob("*.py"):
        path.write_text(f"{trap}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    return project


@pytest.mark.parametrize(
    "arguments",
    [
        ["heads"],
        ["history"],
        ["show", "c1"],
        ["plan"],
        ["modules"],
        ["check", "history"],
    ],
    ids=" ".join,
)
def test_no_file_of_the_project_is_run(
    trapped: ProjectFiles, trace: Path, arguments: list[str]
) -> None:
    # -P: Python itself would run what lies where it is started.
    command = [sys.executable, "-P", "-m", "modalembic", "--database", "none", *arguments]
    environ = {**os.environ, "MODALEMBIC_CACHE_DIR": str(trapped.cache)}
    for _ in range(2):  # without a cache, and with one
        done = subprocess.run(
            command, cwd=trapped.root, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        assert not trace.exists()


@pytest.mark.parametrize("file", ["app/modules/core/definition.py", "conftest.py"])
def test_the_trap_works(trapped: ProjectFiles, trace: Path, file: str) -> None:
    """Or else nothing above would mean anything."""
    subprocess.run([sys.executable, trapped.root / file], capture_output=True, check=False)
    assert trace.exists()
