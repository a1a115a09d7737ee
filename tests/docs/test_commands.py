"""Every command and option is in the reference, and every command line on a page parses."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from modalembic.cli.app import application
from tests.docs.pages import Block, all_blocks, first_cells, page

GROUP: Any = typer.main.get_command(application())
REFERENCE = page("reference/cli.md")
COMPLETION = {"--install-completion", "--show-completion"}
HELP = {"-h", "--help"}


def _options(command: Any) -> set[str]:
    return {
        option
        for parameter in command.params
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
    } - HELP


GLOBAL = _options(GROUP)


def _listed(section: str) -> set[str]:
    names = {name.split()[0] for cell in first_cells(section) for name in cell}
    return {name for name in names if name.startswith("-")}


def test_every_command_has_a_section_and_every_section_is_a_command() -> None:
    sections = set(REFERENCE.headings(2)) - {"Exit codes", "Global options"}
    assert sections == set(GROUP.commands)


@pytest.mark.parametrize("name", sorted(GROUP.commands))
def test_a_commands_section_has_its_options_and_no_others(name: str) -> None:
    assert _listed(REFERENCE.section(name)) == _options(GROUP.commands[name]) - GLOBAL


def test_global_options_are_listed() -> None:
    assert _listed(REFERENCE.section("Global options")) - COMPLETION - HELP == GLOBAL - COMPLETION


def _command_lines() -> Iterator[tuple[Block, str]]:
    for block in all_blocks("console", "sh", "yaml"):
        for line in block.text.splitlines():
            if block.language == "console" and not line.startswith("$ "):
                continue
            for part in re.split(r"&&|\|", line.removeprefix("$ ").partition(" # ")[0]):
                found = re.search(r"(?:^|run: |entry: )(modalembic .+)$", part.strip())
                if found:
                    yield block, found[1].partition(" > ")[0]


def test_command_lines_are_found() -> None:
    assert len(list(_command_lines())) > 30


def test_every_command_line_on_a_page_parses() -> None:
    failed = []
    for block, line in _command_lines():
        arguments = shlex.split(line)[1:]
        try:
            context = GROUP.make_context("modalembic", [*arguments])
            name, command, rest = GROUP.resolve_command(
                context, [*context._protected_args, *context.args]
            )
            command.make_context(name, rest, parent=context)
        except Exception as error:  # noqa: BLE001 - Typer's own classes are not public
            failed.append(f"{block}: {line}: {error}")
    assert failed == []
