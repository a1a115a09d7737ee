"""Cheap commands stay cheap: what they leave in `sys.modules`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.cli.commandline import CommandLine
from tests.projects import ProjectFiles

PROBE = """
import json, sys
from modalembic.cli.main import run
code = run(sys.argv[1:])
print("\\n" + json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a successful command has imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=False
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert answer["code"] == 0, done.stdout + done.stderr
    return set(answer["modules"])


@pytest.fixture
def booby_trapped(cli: CommandLine, project: ProjectFiles, database_url: str) -> ProjectFiles:
    """An upgraded project whose code, revisions and models included, fails when it is imported."""
    project.module("core", tier="core").file("models.py", "TABLES = []\n")
    assert cli("upgrade", "--database", database_url).code == 0
    for path in project.root.rglob("*.py"):
        if path.name != "definition.py":
            text = path.read_text(encoding="utf-8")
            path.write_text(f"{text}\nraise RuntimeError('imported')\n", encoding="utf-8")
    return project


@pytest.mark.parametrize(
    "arguments",
    [
        ["upgrade", "heads"],
        ["upgrade", "--check"],
        ["plan"],
        ["heads"],
        ["history"],
        ["modules"],
        ["current"],
        ["show", "core1"],
    ],
    ids=" ".join,
)
def test_a_command_with_nothing_to_run_imports_no_alembic_and_no_revision(
    booby_trapped: ProjectFiles, database_url: str, arguments: list[str]
) -> None:
    names = loaded("--project", str(booby_trapped.root), "--database", database_url, *arguments)

    assert not {name for name in names if name.partition(".")[0] in {"alembic", "sqlalchemy"}}
    assert not {name for name in names if name.partition(".")[0] == "app"}


@pytest.mark.parametrize("arguments", [["--help"], ["upgrade", "--help"], ["--version"]], ids=str)
def test_help_imports_neither_a_driver_nor_the_project(arguments: list[str]) -> None:
    names = loaded(*arguments)

    heavy = {"alembic", "sqlalchemy", "psycopg"}
    assert not {name for name in names if name.partition(".")[0] in heavy}
    assert "modalembic.project" not in names


@pytest.mark.parametrize("command", ["heads", "history"])
def test_commands_about_files_import_no_driver(project: ProjectFiles, command: str) -> None:
    assert "psycopg" not in loaded("--project", str(project.root), command)


def test_importing_the_package_imports_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, modalembic; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ},
    )

    own = {name for name in done.stdout.split() if name.startswith("modalembic")}
    assert own == {"modalembic", "modalembic._version"}
