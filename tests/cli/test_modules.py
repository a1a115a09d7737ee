"""`modules --components` and `--format markdown`."""

from __future__ import annotations

import pytest

from tests.cli.commandline import CommandLine
from tests.projects import ProjectFiles


@pytest.fixture(autouse=True)
def _components(project: ProjectFiles) -> None:
    billing = project.module("billing", requires=["core"], components=["services", "tasks"])
    billing.file("services/pay.py", "def pay(): ...\n").file("services/__init__.py")
    project.module("core").file("models/__init__.py", "from app.models import Person\n")


def test_components_are_a_table_with_marks(cli: CommandLine) -> None:
    outcome = cli("modules", "--components", "--database", "none")
    assert outcome.out.splitlines()[:4] == [
        "MODULE    TIER      SPLIT    MIGRATIONS  MODELS  SERVICES  TASKS",
        "core      core      shell    yes         old     -         -",
        "billing   optional  partial  yes         -       yes       missing",
        "shipping  internal  shell    yes         -       -         -",
    ]
    assert outcome.err == ""


def test_markdown_is_the_same_table(cli: CommandLine) -> None:
    outcome = cli("modules", "--format", "markdown", "--database", "none")
    assert outcome.out.splitlines()[:3] == [
        "| module | tier | split | migrations | models | services | tasks |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| core | core | shell | yes | old | - | - |",
    ]


def test_json_has_the_states(cli: CommandLine) -> None:
    modules = {m["name"]: m for m in cli("modules", "--format", "json").json["modules"]}
    assert modules["billing"]["completeness"] == "partial"
    assert modules["billing"]["components"] == {
        "migrations": "own",
        "services": "own",
        "tasks": "missing",
    }
