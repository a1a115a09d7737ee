from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modalembic import __version__
from modalembic.cli.app import COMMANDS as APPLICATION_COMMANDS
from tests.cli.commandline import CommandLine, finish, shop, start, table
from tests.projects import ProjectFiles

COMMANDS = [
    "upgrade",
    "downgrade",
    "plan",
    "current",
    "stamp",
    "modules",
    "heads",
    "history",
    "show",
    "check",
    "init",
    "diff",
]
GLOBAL_OPTIONS = [
    "--project",
    "--database",
    "--format",
    "--quiet",
    "--verbose",
    "--debug",
    "--no-color",
    "--log-format",
]


@pytest.mark.parametrize("where", ["before", "after"])
def test_global_options_stand_before_or_after_the_command(
    cli: CommandLine, project: ProjectFiles, database_url: str, where: str
) -> None:
    options = ["--project", project.root, "--database", database_url, "--format", "json"]
    options += ["--quiet", "--verbose", "--debug", "--no-color"]
    arguments = [*options, "current"] if where == "before" else ["current", *options]

    outcome = cli.bare(*arguments)

    assert outcome.code == 0
    assert outcome.json["at_heads"] is False


def test_an_option_after_the_command_wins_over_one_before_it(
    cli: CommandLine, database_url: str
) -> None:
    outcome = cli("--database", "none", "--format", "text", "modules", "--format", "json")

    assert outcome.json["modules"][0]["state"] == "unknown"
    other = cli("--database", "none", "modules", "--database", database_url)
    assert "pending" in other.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_all_global_options(cli: CommandLine, command: str) -> None:
    outcome = cli.bare(command, "--help")

    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: modalembic {command} [OPTIONS]")
    assert all(option in outcome.out for option in GLOBAL_OPTIONS)
    assert all(len(line) <= 80 for line in outcome.out.splitlines())
    assert outcome.err == ""


def test_help_lists_every_command_with_a_whole_sentence(cli: CommandLine) -> None:
    outcome = cli.bare("-h")

    assert outcome.code == 0
    listed = outcome.out.partition("Commands:\n")[2].splitlines()
    assert sorted(line.split()[0] for line in listed) == sorted(APPLICATION_COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


@pytest.mark.parametrize("following", [[], ["heads"], ["--module", "core"]])
def test_a_command_that_there_is_not_is_an_error_whatever_follows_it(
    cli: CommandLine, following: list[str]
) -> None:
    outcome = cli.bare("upgrad", *following)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: No such command 'upgrad'. Did you mean 'upgrade'?")
    assert "`modalembic --help` shows what there is" in outcome.err


def test_the_value_of_an_option_is_no_command(
    command_line: Callable[[ProjectFiles], CommandLine], tmp_path: Path
) -> None:
    """Which may have the name of one."""
    bare = command_line(shop(tmp_path / "heads")).bare

    outcome = bare("--project", tmp_path / "heads", "history")
    assert outcome.code == 0
    assert "core2" in outcome.out


def test_without_a_command_the_help_is_shown(cli: CommandLine) -> None:
    outcome = cli.bare()

    assert outcome.code == 2
    assert "Commands:" in outcome.said


def test_version_prints_the_version(cli: CommandLine) -> None:
    assert cli.bare("--version").out == f"modalembic {__version__}\n"


def test_the_project_is_the_nearest_one_upwards(
    cli: CommandLine, project: ProjectFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root / "app" / "modules")

    assert "core2" in cli.bare("heads").out


def test_the_database_comes_from_the_option_then_the_environment_then_the_configuration(
    cli: CommandLine,
    project: ProjectFiles,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project.configure('modules = ["app/modules/*"]\ndatabase = "postgresql://localhost:1/conf"')
    assert "localhost:1/conf" in cli("current").err
    monkeypatch.setenv("MODALEMBIC_DATABASE_URL", "postgresql://localhost:1/environment")
    assert "localhost:1/environment" in cli("current").err
    assert cli("current", "--database", database_url).code == 0


def test_quiet_leaves_only_the_result(cli: CommandLine, database_url: str) -> None:
    outcome = cli("upgrade", "--quiet", "--database", database_url)

    assert outcome.err == ""
    assert outcome.out.startswith("upgraded to heads: 5 revisions of 3 modules in ")


def test_quiet_does_not_silence_errors(cli: CommandLine, database_url: str) -> None:
    assert "error: " in cli("upgrade", "nowhere", "-q", "--database", database_url).err


def test_verbose_shows_all_warnings_and_the_details_of_the_history(
    cli: CommandLine, project: ProjectFiles
) -> None:
    module = project.module("trapped")
    module.revision("trap0", depends_on="core")
    for number in range(1, 8):
        module.revision(f"trap{number}", down=f"trap{number - 1}", depends_on="core")

    short, long = cli("history"), cli("history", "--verbose")

    assert short.err.count("warning: ") < long.err.count("warning: ")
    assert "more warnings; --verbose shows them" in short.err
    assert "more warning" not in long.err
    assert "Depends on: core1 of core" in long.out


def test_only_debug_shows_a_traceback(cli: CommandLine, database_url: str) -> None:
    arguments = ("upgrade", "nowhere", "--database", database_url)

    plain, debug = cli(*arguments), cli(*arguments, "--debug")

    assert "Traceback" not in plain.said
    assert "Traceback (most recent call last)" in debug.err
    assert debug.err.endswith(plain.err)


def test_an_unforeseen_failure_says_where_and_asks_for_debug(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by surprise")

    monkeypatch.setattr("modalembic.reporting.text.heads_lines", broken)

    outcome = cli("heads")

    assert outcome.code == 2
    assert "error: ZeroDivisionError: by surprise" in outcome.err
    assert "test_global_options.py:" in outcome.err
    assert "--debug shows the traceback" in outcome.err
    assert "Traceback" in cli("heads", "--debug").err


@pytest.mark.parametrize("how", ["option", "environment"])
def test_no_output_has_colour_when_none_is_wanted(
    cli: CommandLine, database_url: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    options = ["--no-color"] if how == "option" else []
    if how == "environment":
        monkeypatch.setenv("NO_COLOR", "1")
    for arguments in (["upgrade"], ["modules"], ["upgrade", "nowhere"], ["upgrade", "--help"]):
        outcome = cli("--database", database_url, *options, *arguments)
        assert "\x1b" not in outcome.said


def test_python_m_modalembic_is_the_same_command(project: ProjectFiles) -> None:
    outcome = finish(start(["heads"], cwd=project.root))

    assert outcome.code == 0
    assert outcome.out.splitlines()[0].split() == ["MODULE", "REVISION"]


def test_the_shell_completion_can_be_shown() -> None:
    plain = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}

    outcome = finish(start(["--show-completion", "bash"], environ=plain))

    assert outcome.code == 0
    assert "_MODALEMBIC_COMPLETE=complete_bash" in outcome.out


def test_the_shell_completion_completes_commands() -> None:
    words = {"COMP_WORDS": "modalembic up", "COMP_CWORD": "1"}

    outcome = finish(start([], environ={"_MODALEMBIC_COMPLETE": "complete_bash", **words}))

    assert outcome.out.split() == ["upgrade"]


def test_a_reader_that_has_seen_enough_is_no_error(project: ProjectFiles) -> None:
    process = start(["history", "--verbose"], cwd=project.root)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_letters_that_the_output_cannot_show_are_no_error(project: ProjectFiles) -> None:
    module = project.module("letters")
    module.revision("lett1", **table("letters"))
    path = module.revision_path("lett1")
    path.write_text(path.read_text(encoding="utf-8").replace("lett1 of", "Größe 漢 of"), "utf-8")

    outcome = finish(start(["heads"], cwd=project.root, environ={"PYTHONIOENCODING": "ascii"}))

    assert outcome.code == 0
    assert "Gr\\xf6\\xdfe \\u6f22 of letters" in outcome.out


def test_help_costs_no_project(cli: CommandLine, tmp_path: Path) -> None:
    assert cli.bare("--project", tmp_path / "nowhere", "upgrade", "--help").code == 0
