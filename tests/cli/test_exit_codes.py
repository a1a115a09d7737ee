from __future__ import annotations

import pytest

from tests.cli.commandline import CommandLine, table
from tests.projects import ProjectFiles


@pytest.mark.parametrize(
    "arguments",
    [
        ["upgrade"],
        ["upgrade", "billing"],
        ["upgrade", "--dry-run"],
        ["upgrade", "--sql"],
        ["plan"],
        ["current"],
        ["heads"],
        ["history"],
        ["show", "bill1"],
        ["stamp", "heads"],
        ["modules"],
        ["check", "history", "structure", "dependencies"],
    ],
    ids=" ".join,
)
def test_a_command_that_did_its_work_exits_0(
    cli: CommandLine, database_url: str, arguments: list[str]
) -> None:
    assert cli(*arguments, "--database", database_url).code == 0


def test_findings_make_the_exit_code_1(cli: CommandLine, project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\n[tool.alembic]\nscript_location = "migrations"')

    outcome = cli("check", "structure")

    assert outcome.code == 1
    assert "stock Alembic does not see the revisions of billing" in outcome.out


def test_what_keeps_the_project_from_running_is_a_finding_of_check(
    cli: CommandLine, project: ProjectFiles
) -> None:
    project.module("broken").revision("brok1", down="nowhere")

    outcome = cli("check", "structure", "--format", "json")

    assert outcome.code == 1
    assert outcome.json["ok"] is False
    findings = outcome.json["findings"]
    assert [finding["rule"] for finding in findings if finding["severity"] == "error"] == [
        "structure/missing-revision"
    ]


def test_upgrade_check_exits_1_while_something_is_pending_and_runs_nothing(
    cli: CommandLine, database_url: str
) -> None:
    database = ("--database", database_url)

    assert cli("upgrade", "--check", *database).code == 1
    assert cli("current", "--format", "json", *database).json["revisions"] == []
    cli("upgrade", *database)
    assert cli("upgrade", "--check", *database).code == 0


def test_current_check_exits_1_unless_the_database_is_at_the_heads(
    cli: CommandLine, database_url: str
) -> None:
    database = ("--database", database_url)

    assert cli("current", "--check", *database).code == 1
    cli("upgrade", "billing@head", *database)
    assert cli("current", "--check", *database).code == 1
    cli("upgrade", "heads", *database)
    assert cli("current", "--check", *database).code == 0
    cli("downgrade", "billing@-1", *database)
    assert cli("current", "--check", *database).code == 1


def test_commands_that_report_show_what_they_can_of_a_broken_project_and_exit_1(
    cli: CommandLine, project: ProjectFiles
) -> None:
    project.module("broken").revision("brok1", down="nowhere")

    for arguments in (["heads"], ["history"], ["modules"], ["show", "core1"]):
        outcome = cli(*arguments, "--database", "none")
        assert outcome.code == 1, arguments
        assert "core1" in outcome.out or "core2" in outcome.out, arguments
        assert "'nowhere'" in outcome.err or "nowhere" in outcome.err, arguments


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-command"],
        ["upgrade", "--no-such-option"],
        ["upgrade", "--retries", "many"],
        ["upgrade", "--lock-wait", "soon"],
        ["upgrade", "--dry-run", "--check"],
        ["upgrade", "--sql", "--dry-run"],
        ["downgrade"],
        ["show"],
        ["stamp"],
        ["upgrade", "--module", "nothing"],
        ["upgrade", "--module", "core", "billing"],
        ["check", "nothing"],
        ["--format", "xml", "heads"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(cli: CommandLine, arguments: list[str]) -> None:
    outcome = cli(*arguments)

    assert outcome.code == 2
    assert "Traceback" not in outcome.said


def test_a_failed_migration_exits_2_and_what_was_committed_stays(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("billing", requires=["core"]).revision(
        "bill2", down="bill1", upgrade='op.execute("CREATE TABLE people ()")'
    )

    outcome = cli("upgrade", "--database", database_url)

    assert outcome.code == 2
    assert 'upgrade of bill2 (billing) failed: relation "people" already exists' in outcome.err
    assert "statement: CREATE TABLE people ()" in outcome.err
    assert "app/modules/billing/migrations/versions/bill2.py:13" in outcome.err
    assert "3 revisions were committed before it; the next run goes on from there" in outcome.err
    assert outcome.out == ""
    project.module("billing", requires=["core"]).revision(
        "bill2", down="bill1", **table("payments")
    )
    again = cli("upgrade", "--database", database_url)
    assert "upgraded to heads: 2 revisions of 2 modules" in again.out


def test_an_unreachable_database_exits_2(cli: CommandLine) -> None:
    outcome = cli("current", "--database", "postgresql://localhost:1/nothing")

    assert outcome.code == 2
    assert "error: no Postgres server answers at postgresql://localhost:1/nothing" in outcome.err
