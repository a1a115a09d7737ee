"""The action and the hooks of pre-commit do what they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from modalembic.cli.app import application
from tests.docs.pages import ROOT, first_cells, page
from tests.projects import ProjectFiles

GROUP: Any = typer.main.get_command(application())
ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS: Any = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = ProjectFiles(tmp_path / "shop").configure()
    billing = project.module("billing").revision("b1", labels="billing")
    billing.revision("b2", down="b1").revision("b3", down="b1")
    project.module("orders").revision("o1", labels="orders", depends_on="billing")
    return project


def acted(project: ProjectFiles, **inputs: str) -> tuple[int, str, str]:
    """The exit code of the action's last step, its log, and the summary of the job."""
    (step,) = (step for step in ACTION["runs"]["steps"] if step["name"] == "Check")
    names = {name: found[1] for name, text in step["env"].items() if (found := _input(text))}
    values = {name: str(given["default"]) for name, given in ACTION["inputs"].items()} | inputs
    summary = project.root.parent / "summary"
    environ = {
        **os.environ,
        **{name: values[of] for name, of in names.items()},
        **project.environ,
        "GITHUB_STEP_SUMMARY": str(summary),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=project.root,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, summary.read_text(encoding="utf-8")


def _input(text: str) -> re.Match[str] | None:
    return re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", text)


class TestTheAction:
    def test_annotates_and_writes_the_summary(self, project: ProjectFiles) -> None:
        code, log, summary = acted(project, checks="history structure")
        assert code == 1
        assert [line.split(" ")[0] for line in log.splitlines()] == ["::error", "::warning"]
        assert summary.startswith("## modalembic check\n")

    def test_passes_its_inputs_on(self, project: ProjectFiles) -> None:
        code, log, _ = acted(project, modules="orders", checks="history", sarif="a.sarif")
        assert (code, log.count("\n")) == (0, 1)
        assert (project.root / "a.sarif").is_file()
        assert acted(project, modules="orders", checks="history", **{"fail-on": "warning"})[0] == 1
        assert acted(project, modules="orders; exit 0", base="nowhere")[0] == 2

    def test_fails_where_the_check_cannot_do_its_work(self, project: ProjectFiles) -> None:
        code, log, summary = acted(project, base="origin/main")
        assert (code, log, summary) == (2, "", "")

    def test_has_its_inputs_in_the_guide(self) -> None:
        listed = {cell[0] for cell in first_cells(page("guide/ci-github.md").text)}
        assert listed == set(ACTION["inputs"])


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_a_hook_is_a_command_that_there_is(hook: dict[str, Any]) -> None:
    program, name, *arguments = shlex.split(hook["entry"])
    assert program == "modalembic"
    GROUP.commands[name].make_context(name, arguments)
    assert hook["pass_filenames"] is False


def test_hooks_are_in_the_guide() -> None:
    text = page("guide/ci-and-deployment.md").text
    assert [hook["id"] for hook in HOOKS if f"id: {hook['id']}" not in text] == []
