from __future__ import annotations

import re

import pytest

from tests.cli.commandline import CommandLine, finish, start
from tests.cli.terminal import on_terminal
from tests.projects import ProjectFiles


@pytest.fixture
def slow(project: ProjectFiles) -> ProjectFiles:
    """A project with a revision that takes long enough to be seen at work."""
    project.module("slow").revision("slow1", upgrade='op.execute("SELECT pg_sleep(0.5)")')
    return project


def test_a_terminal_shows_a_bar_with_the_module_and_the_revision_at_work(
    slow: ProjectFiles, database_url: str
) -> None:
    shown = on_terminal(["upgrade", "--database", database_url], cwd=slow.root)

    assert shown.code == 0
    assert re.search(r"━+.* \d/6 .*slow slow1", shown.text)
    assert re.search(r"━{24} 6/6 ", shown.text)
    assert "[1/6]" not in shown.text
    assert shown.lines[0] == "upgrade: 6 revisions of 4 modules"
    assert shown.lines[-1].startswith("upgraded to heads: 6 revisions of 4 modules in ")
    assert shown.drawn.count("\x1b[?25l") == shown.drawn.count("\x1b[?25h") == 1  # the cursor
    assert "\x1b[3" in shown.drawn  # colour


def test_the_bar_has_no_colour_where_none_is_wanted(slow: ProjectFiles, database_url: str) -> None:
    shown = on_terminal(["upgrade", "--no-color", "--database", database_url], cwd=slow.root)

    assert "6/6" in shown.text
    assert not re.search(r"\x1b\[[0-9;]*3\dm", shown.drawn)


def test_the_bar_stays_where_it_was_when_a_revision_fails(
    slow: ProjectFiles, database_url: str
) -> None:
    slow.module("shipping", tier="internal").revision(
        "ship1", depends_on="slow1", upgrade='op.execute("SELECT 1/0")'
    )

    shown = on_terminal(["upgrade", "--database", database_url], cwd=slow.root)

    assert shown.code == 2
    assert re.search(r"━.* 5/6 ", shown.text)
    assert "error: upgrade of ship1 (shipping) failed: division by zero" in shown.lines
    assert shown.drawn.count("\x1b[?25l") == shown.drawn.count("\x1b[?25h") == 1


def test_a_retry_is_told_above_the_bar(slow: ProjectFiles, database_url: str) -> None:
    slow.module("locked").revision(
        "lock1", upgrade="op.execute(\"DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$\")"
    )

    shown = on_terminal(
        ["upgrade", "locked", "--retries", "1", "--database", database_url], cwd=slow.root
    )

    assert shown.code == 2
    assert any(
        line.startswith("locked lock1: a lock was not to be had, rolled back; attempt 2 in ")
        for line in shown.lines
    )


def test_a_downgrade_on_a_terminal_says_what_it_undoes_above_the_bar(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    cli("upgrade", "--database", database_url)

    shown = on_terminal(["downgrade", "base", "--database", database_url], cwd=project.root)

    assert shown.lines[:4] == [
        "downgrade to base undoes 5 revisions of 3 modules:",
        "  shipping: 1 revision, ship1",
        "  billing: 2 revisions, bill2 down to bill1",
        "  core: 2 revisions, core2 down to core1",
    ]
    assert "5/5" in shown.text


def test_without_a_terminal_there_is_a_plain_line_for_each_step(
    slow: ProjectFiles, database_url: str
) -> None:
    outcome = finish(start(["upgrade", "--database", database_url], cwd=slow.root))

    assert outcome.err.isprintable() or "\x1b" not in outcome.err
    first, *steps = outcome.err.splitlines()
    assert first == "upgrade: 6 revisions of 4 modules"
    assert [step[:6] for step in steps] == [f"[{n}/6] "[:6] for n in range(1, 7)]
    assert re.fullmatch(r"\[1/6\] core core1 core1 of core \(\d+ ms\)", steps[0])


@pytest.mark.parametrize("option", ["--quiet", "--verbose"])
def test_quiet_and_verbose_draw_no_bar(slow: ProjectFiles, database_url: str, option: str) -> None:
    shown = on_terminal(["upgrade", option, "--database", database_url], cwd=slow.root)

    assert "\x1b" not in shown.drawn
    assert ("[1/6] core core1" in shown.text) == (option == "--verbose")
    if option == "--quiet":
        assert len(shown.lines) == 1


def test_a_run_with_nothing_to_do_draws_no_bar(cli: CommandLine, database_url: str) -> None:
    cli("upgrade", "--database", database_url)

    shown = on_terminal(["upgrade", "--database", database_url], cwd=cli.project.root)

    assert shown.drawn == "nothing to do: the database is at heads\r\n"
