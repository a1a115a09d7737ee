"""Text as people read it: at 80 columns on a terminal, in whole lines where it is piped."""

from __future__ import annotations

import pytest

from tests.cli.commandline import CommandLine
from tests.cli.terminal import on_terminal
from tests.projects import ProjectFiles

LONG = "a word after another, so that the summary of this revision needs more than one line of text"


@pytest.fixture
def wide(project: ProjectFiles) -> ProjectFiles:
    """A project that has more to say of everything than fits into 80 columns."""
    names = [f"a_module_with_a_long_name_{letter}" for letter in "abcd"]
    for place, name in enumerate(names):
        module = project.module(name, requires=["core", *names[:place]])
        ids = [f"{name[-1]}{n}0123456789" for n in range(3)]
        for number, id_ in enumerate(ids):
            module.revision(
                id_,
                down=ids[number - 1] if number else None,
                depends_on=None if number else ["core2", "bill2", "ship1"],
            )
            path = module.revision_path(id_)
            path.write_text(path.read_text("utf-8").replace(f"{id_} of", f"{LONG},"), "utf-8")
    return project


@pytest.mark.parametrize("command", ["modules", "heads", "history", "plan", "current"])
def test_nothing_is_torn_on_a_terminal_of_80_columns(
    cli: CommandLine, wide: ProjectFiles, database_url: str, command: str
) -> None:
    cli("stamp", "core", "--database", database_url)

    shown = on_terminal([command, "--database", database_url], cwd=wide.root)

    assert shown.code == 0
    assert max(map(len, shown.lines)) <= 80


def test_modules_shows_what_does_not_fit_below_the_row(wide: ProjectFiles) -> None:
    shown = on_terminal(["modules", "--database", "none"], cwd=wide.root)

    header, core, below, *_ = shown.lines
    assert header.split() == ["MODULE", "TIER", "REVISIONS", "TABLES", "APPLIED", "PENDING"]
    assert core.split() == ["core", "core", "2", "0", "-", "-"]
    assert below == "    state unknown; head core2; split shell"
    at = shown.lines.index("    state unknown; head c20123456789; split shell; requires core,") + 1
    assert shown.lines[at] == "        a_module_with_a_long_name_a, a_module_with_a_long_name_b"


def test_modules_is_one_row_for_each_where_it_fits_or_is_piped(
    cli: CommandLine, project: ProjectFiles, wide: ProjectFiles
) -> None:
    shown = on_terminal(["modules", "--database", "none", "-q"], cwd=wide.root, columns=200)
    piped = cli("modules", "--database", "none")

    assert shown.lines == piped.out.splitlines()
    assert shown.lines[0].split()[-2:] == ["SPLIT", "REQUIRES"]
    assert len(shown.lines) == 8
    assert all(line == line.rstrip() for line in shown.lines)


def test_piped_lines_are_whole(cli: CommandLine, wide: ProjectFiles) -> None:
    assert f"{LONG}, a_module_with_a_long_name_a" in cli("heads").out


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("core1", "upgraded to core1: 1 revision of 1 module in"),
        ("core", "upgraded to core: 2 revisions of 1 module in"),
        ("heads", "upgraded to heads: 5 revisions of 3 modules in"),
    ],
)
def test_one_is_counted_in_the_singular(
    cli: CommandLine, database_url: str, target: str, words: str
) -> None:
    outcome = cli("upgrade", target, "--database", database_url)

    assert outcome.out.startswith(words)
    assert outcome.err.splitlines()[0] in words.replace("upgraded to " + target, "upgrade")


def test_a_downgrade_says_what_it_undoes_in_every_module_before_it_does_it(
    cli: CommandLine, database_url: str
) -> None:
    cli("upgrade", "--database", database_url)

    outcome = cli("downgrade", "core@-1", "--cascade", "--database", database_url)

    assert outcome.err.splitlines()[:4] == [
        "downgrade to core@-1 undoes 4 revisions of 3 modules:",
        "  shipping: 1 revision, ship1",
        "  billing: 2 revisions, bill2 down to bill1",
        "  core: 1 revision, core2",
    ]
    assert outcome.err.splitlines()[4].startswith("[1/4] ")
    assert outcome.out.startswith("downgraded to core@-1: 4 revisions of 3 modules in ")


def test_the_dry_run_of_a_downgrade_says_the_same_and_undoes_nothing(
    cli: CommandLine, database_url: str
) -> None:
    cli("upgrade", "--database", database_url)

    outcome = cli("downgrade", "core@-1", "--dry-run", "--database", database_url)

    assert outcome.code == 0
    assert outcome.out.splitlines()[:5] == [
        "downgrade to core@-1 undoes 4 revisions of 3 modules:",
        "  shipping: 1 revision, ship1",
        "  billing: 2 revisions, bill2 down to bill1",
        "  core: 1 revision, core2",
        "",
    ]
    assert cli("current", "--check", "--database", database_url).code == 0


def test_a_downgrade_does_not_cross_into_other_modules_unless_it_is_told_to(
    cli: CommandLine, database_url: str
) -> None:
    cli("upgrade", "--database", database_url)

    one = cli("downgrade", "billing@-1", "--database", database_url)
    assert one.code == 0
    crossing = cli("downgrade", "billing@base", "--database", database_url)

    assert crossing.code == 2
    assert crossing.err.splitlines() == [
        "error: downgrade billing@base also undoes 1 revision of other modules: ship1 of shipping",
        (
            "  hint: `modalembic downgrade billing@base --dry-run --cascade` shows all of it; "
            "--cascade does it"
        ),
    ]
    assert cli("downgrade", "base", "--database", database_url).code == 0
    assert cli("downgrade", "base", "--database", database_url).out == (
        "nothing to do: the database is at base\n"
    )


def test_nothing_to_do_says_what_the_database_has(cli: CommandLine, database_url: str) -> None:
    cli("upgrade", "--database", database_url)

    outs = [cli("upgrade", target, "--database", database_url).out for target in ("heads", "core1")]

    assert outs == [
        "nothing to do: the database is at heads\n",
        "nothing to do: the database has core1 already\n",
    ]


def test_the_plan_for_no_database_says_so(cli: CommandLine) -> None:
    outcome = cli("plan", "core", "--database", "none")

    assert outcome.err == "no database is named: this is the plan for an empty one\n"
    assert outcome.out.splitlines()[0].split() == ["1", "core", "core1", "core1", "of", "core"]
