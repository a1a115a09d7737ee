from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commandline import CommandLine, shop
from tests.projects import ProjectFiles


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Text at 80 columns, a cache of its own, and `NO_COLOR` as it was when the test is over."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.delenv("NO_COLOR")


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    """A project of three modules with five revisions."""
    return shop(tmp_path / "shop")


@pytest.fixture
def command_line(capsys: pytest.CaptureFixture[str]) -> Callable[[ProjectFiles], CommandLine]:
    """Makes a command line for a project."""

    def make(project: ProjectFiles) -> CommandLine:
        return CommandLine(project, lambda: tuple(capsys.readouterr()))  # type: ignore[arg-type,return-value]

    return make


@pytest.fixture
def cli(project: ProjectFiles, command_line: Callable[[ProjectFiles], CommandLine]) -> CommandLine:
    """The command line on the project of three modules."""
    return command_line(project)
