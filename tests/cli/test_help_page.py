"""The help page is kept as a file; `scripts/help_page.py` writes it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from modalembic.cli.app import COMMANDS, application
from modalembic.cli.main import HELP_PAGE, HELP_WIDTH, run


def test_it_is_what_the_application_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(HELP_WIDTH))
    shown = CliRunner().invoke(application(), ["--help"], prog_name="modalembic")

    assert HELP_PAGE.read_text(encoding="utf-8").split() == shown.stdout.split()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["-h"],
        ["--help", "heads"],
        ["-h", "upgrade", "heads"],
        ["--format", "json", "--help", "heads"],
        ["--project", "heads", "--help"],
    ],
    ids=" ".join,
)
def test_it_lists_every_command(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(arguments) == 0

    listed = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert {line.split()[0] for line in listed if line.strip()} == set(COMMANDS)


def test_a_narrow_terminal_gets_a_page_that_fits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "50")

    assert run(["--help"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 50


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_a_reader_who_has_seen_enough_is_no_error(argument: str) -> None:
    """`modalembic --help | head -1`."""
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "modalembic", argument]
    done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")
