from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commandline import CommandLine, Outcome, finish, shop, start, table
from tests.projects import ProjectFiles, read_only

MakeCommandLine = Callable[[ProjectFiles], CommandLine]


def assert_error(outcome: Outcome, *words: str) -> None:
    """The command has failed with a few lines that say `words`."""
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("error: ")
    assert len(outcome.err.splitlines()) <= 8
    for word in words:
        assert word in outcome.err


def test_not_a_project(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert_error(
        cli.bare("upgrade"),
        f"error: no modalembic project in {tmp_path} or above",
        "hint: run `modalembic init`, or add [tool.modalembic] to pyproject.toml",
    )
    assert_error(cli.bare("upgrade", "--project", tmp_path / "no"), "is not a directory")


def test_a_project_without_modules(command_line: MakeCommandLine, tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "empty").configure("modules = []")

    assert_error(
        command_line(project)("upgrade"),
        "the project has no modules",
        'modules = ["app/modules/*"]',
    )


def test_an_empty_module_is_valid(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("empty", tier="optional")
    database = ("--database", database_url)

    assert cli("upgrade", *database).code == 0
    assert cli("upgrade", "--module", "empty", *database).out.startswith("nothing to do")
    modules = cli("modules", *database, "--format", "json").json["modules"]
    (empty,) = (module for module in modules if module["name"] == "empty")
    assert (empty["revisions"], empty["heads"], empty["state"]) == (0, [], "current")
    for target in ("empty", "empty@head"):
        assert cli("upgrade", target, *database).out.startswith("nothing to do")


def test_a_revision_with_a_syntax_error(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    module = project.module("broken").raw("brok1.py", '"""broken"""\nrevision = "brok1"\ndef (\n')

    for arguments in (["upgrade"], ["plan"], ["stamp", "heads"], ["downgrade", "base"]):
        assert_error(
            cli(*arguments, "--database", database_url),
            "brok1.py",
            f"{module.revision_path('brok1')}:3",
        )


def test_a_revision_that_cannot_be_imported_stops_the_run_before_it_changes_anything(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    module = project.module("broken").revision("brok1", depends_on="ship1")
    path = module.revision_path("brok1")
    path.write_text(f"{path.read_text()}\nimport no_such_package\n", encoding="utf-8")

    outcome = cli("upgrade", "--database", database_url)

    line = path.read_text().count("\n")
    assert "error: revision brok1 of broken cannot be imported" in outcome.err
    assert "No module named 'no_such_package'" in outcome.err
    assert f"{path}:{line}" in outcome.err
    assert "nothing was run" in outcome.err
    current = cli("current", "--database", database_url)
    assert current.out == "nothing is applied\n"
    without = cli("upgrade", "--no-preflight", "--format", "json", "--database", database_url)
    assert without.json["error"]["code"] == "revision-import"
    assert len(without.json["applied"]) == 5


def test_a_circle_of_requirements_across_modules(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("eggs", requires=["hens"])
    project.module("hens", requires=["eggs"])

    assert_error(cli("upgrade", "--database", database_url), "eggs", "hens", "definition.py:")


def test_a_circle_of_revisions_across_modules(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("eggs").revision("eggs1", depends_on="hens1")
    project.module("hens").revision("hens1", depends_on="eggs1")

    assert_error(
        cli("upgrade", "--database", database_url), "circle", "eggs1", "hens1", "eggs1.py:"
    )


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nowhere", ["there is no revision, module or label 'nowhere'"]),
        ("biling", ["did you mean billing?"]),
        ("biling@head", ["there is no module or branch 'biling'", "did you mean billing?"]),
        ("bill", ["'bill' is the beginning of 2 revisions: bill1, bill2", "write more of the id"]),
        ("billing@nowhere", ["nowhere"]),
        ("billing@+9", ["billing@+9"]),
        ("+1", ["+1", "ambiguous"]),
        ("core@ship1", ["revision ship1 belongs to shipping, not to core", "write ship1 alone"]),
        (
            "core1:core2",
            ["'core1:core2' is a range", "write its end alone; FROM:TO goes with --sql"],
        ),
    ],
)
def test_a_target_that_does_not_exist_or_is_ambiguous(
    cli: CommandLine, database_url: str, target: str, words: list[str]
) -> None:
    for arguments in (["upgrade", target], ["upgrade", target, "--dry-run"], ["plan", target]):
        assert_error(cli(*arguments, "--database", database_url), *words)


@pytest.mark.parametrize("target", ["-1", "-2"])
def test_a_relative_downgrade_is_ambiguous_and_says_what_to_write(
    cli: CommandLine, database_url: str, target: str
) -> None:
    cli("upgrade", "--database", database_url)

    for arguments in (["downgrade", target], ["downgrade", "--cascade", target, "-q"]):
        outcome = cli(*arguments, "--database", database_url)
        assert_error(outcome, f"{target} is ambiguous with 3 modules", f"@{target}")


def test_a_relative_downgrade_of_one_module_needs_no_dashes_in_front(
    command_line: MakeCommandLine, tmp_path: Path, database_url: str
) -> None:
    project = ProjectFiles(tmp_path / "one").configure()
    project.module("core").revision("core1").revision("core2", down="core1")
    cli = command_line(project)
    cli("upgrade", "--database", database_url)

    outcome = cli("downgrade", "-1", "--lock-wait", "2s", "--database", database_url)

    assert outcome.code == 0
    assert "downgraded to -1: 1 revision of 1 module" in outcome.out


def test_a_downgrade_to_what_the_database_does_not_have(
    cli: CommandLine, database_url: str
) -> None:
    cli("upgrade", "core", "--database", database_url)

    assert_error(cli("downgrade", "bill1", "--database", database_url), "bill1")


def test_a_project_path_with_spaces_and_letters_beyond_ascii(
    command_line: MakeCommandLine, tmp_path: Path, database_url: str
) -> None:
    cli = command_line(shop(tmp_path / "Läden & Märkte %d" / "商店 {x}"))
    database = ("--database", database_url)

    assert "upgraded to heads: 5 revisions" in cli("upgrade", *database).out
    assert cli("current", "--check", *database).code == 0
    assert "商店 {x}" in cli("show", "bill1").out
    assert "商店 {x}" in cli("heads", "--format", "json").out
    assert cli("downgrade", "base", *database).code == 0


def test_a_failure_in_such_a_path_names_the_file(
    command_line: MakeCommandLine, tmp_path: Path, database_url: str
) -> None:
    project = shop(tmp_path / "Läden" / "商店")
    project.module("bad").revision("bad1", upgrade='op.execute("Wörter")')

    outcome = command_line(project)("upgrade", "bad", "--quiet", "--database", database_url)

    assert_error(outcome, 'syntax error at or near "Wörter"', "商店/app/modules/bad")


def test_three_hundred_modules(
    command_line: MakeCommandLine, tmp_path: Path, database_url: str
) -> None:
    project = ProjectFiles(tmp_path / "many").configure()
    before: str | None = None
    for number in range(300):
        module = project.module(f"m{number}", requires=[f"m{number - 1}"] if before else [])
        module.revision(f"rev{number}", depends_on=before)
        before = f"rev{number}"
    cli = command_line(project)

    outcome = cli("upgrade", "--database", database_url)

    assert outcome.code == 0
    assert "upgraded to heads: 300 revisions of 300 modules" in outcome.out
    assert cli("upgrade", "--database", database_url).out.startswith("nothing to do")
    assert len(cli("modules", "--database", "none").out.splitlines()) == 301


def test_a_module_that_is_installed_read_only_runs_and_nothing_is_written_beside_it(
    project: ProjectFiles, database_url: str, tmp_path: Path
) -> None:
    before = sorted(project.root.rglob("*"))
    cache = tmp_path / "cache elsewhere"
    environ = {"MODALEMBIC_CACHE_DIR": str(cache), "MODALEMBIC_DATABASE_URL": database_url}

    with read_only(project.root):
        for arguments in (["upgrade"], ["history"], ["downgrade", "base"]):
            outcome = finish(start(arguments, cwd=project.root, environ=environ))
            assert outcome.code == 0, outcome.err

    # But for Python's own bytecode, which root may write even here.
    after = [path for path in project.root.rglob("*") if "__pycache__" not in path.parts]
    assert sorted(after) == before
    assert list(cache.rglob("*.json"))


def test_a_cache_that_cannot_be_written_is_no_error(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no directory", encoding="utf-8")
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "file"))

    outcome = cli("history")

    assert (outcome.code, outcome.err) == (0, "")
    assert "bill1 -> bill2 (head)" in outcome.out


def test_a_module_in_a_zip_is_refused_by_name(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    with zipfile.ZipFile(project.root / "plugins.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "")
        archive.writestr("zipped/migrations/versions/zip1.py", "revision = 'zip1'\n")
    project.configure(
        'modules = ["app/modules/*"]\nsys_path = [".", "plugins.zip"]\n'
        '[tool.modalembic.module.zipped]\npackage = "zipped"\n'
    )

    outcome = cli("upgrade", "--database", database_url)

    assert_error(outcome, "package 'zipped' is inside an archive", "plugins.zip")
    assert not [path for path in sys.path if path.endswith("plugins.zip")]


def test_a_table_that_is_there_already_names_the_statement(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("again").revision("agai1", depends_on="core2", **table("people"))

    assert_error(
        cli("upgrade", "again", "--database", database_url, "--quiet"),
        'upgrade of agai1 (again) failed: relation "people" already exists',
        "statement: CREATE TABLE people (id int PRIMARY KEY)",
        "hint: the revision was rolled back; mend it and run the command again",
    )


def test_a_long_statement_is_cut_in_the_message(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    columns = ",\\n".join(f"column{number} int" for number in range(100))
    project.module("long").revision(
        "long1", upgrade=f'op.execute("CREATE TABLE people_2 (\\n{columns},\\nid no_such_type)")'
    )

    outcome = cli("upgrade", "long", "--quiet", "--database", database_url)

    assert "column3 int" in outcome.err
    assert "column50" not in outcome.err
    assert len(outcome.err.splitlines()) <= 10
