from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import CommandLine, finish, start
from tests.projects import ProjectFiles

if TYPE_CHECKING:
    import psycopg

JSON = ("--format", "json")


def test_modules_has_the_fields_of_the_contract(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("core", tier="core").file(
        "models.py",
        """
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

        class Base(DeclarativeBase):
            pass

        class Person(Base):
            __tablename__ = "people"
            id: Mapped[int] = mapped_column(primary_key=True)
        """,
    )
    cli("upgrade", "core", "--database", database_url)

    core, billing, shipping = cli("modules", "--database", database_url, *JSON).json["modules"]

    for module in (core, billing, shipping):
        assert module.pop("central") is False
        assert module.pop("completeness") == ("complete" if module is core else "shell")
        assert module.pop("components")["migrations"] == "own"
    location = project.root / "app/modules/core/migrations/versions"
    assert core == {
        "name": "core",
        "tier": "core",
        "requires": [],
        "label": "core",
        "location": str(location),
        "tables": ["people"],
        "revisions": 2,
        "heads": ["core2"],
        "applied": 2,
        "pending": 0,
        "state": "current",
        "installed": True,
    }
    assert (billing["requires"], billing["applied"], billing["pending"]) == (["core"], 0, 2)
    assert (shipping["tier"], shipping["state"]) == ("internal", "pending")


def test_modules_without_a_database_has_null_for_what_it_does_not_know(cli: CommandLine) -> None:
    for module in cli("modules", "--database", "none", *JSON).json["modules"]:
        assert (module["applied"], module["pending"]) == (None, None)
        assert (module["state"], module["installed"]) == ("unknown", None)


@pytest.mark.parametrize("arguments", [["plan", "billing"], ["upgrade", "billing", "--dry-run"]])
def test_a_plan_has_the_fields_of_the_contract(
    cli: CommandLine, project: ProjectFiles, database_url: str, arguments: list[str]
) -> None:
    document = cli(*arguments, "--database", database_url, *JSON).json

    assert document["target"] == "billing"
    assert [step["revision"] for step in document["steps"]] == ["core1", "core2", "bill1", "bill2"]
    assert document["steps"][2] == {
        "revision": "bill1",
        "module": "billing",
        "direction": "upgrade",
        "down_revision": [],
        "depends_on": ["core2"],
        "path": str(project.module("billing", requires=["core"]).revision_path("bill1")),
        "because": document["steps"][2]["because"],
    }
    assert "core2" in document["steps"][2]["because"]


def test_an_upgrade_and_a_downgrade_have_the_fields_of_the_contract(
    cli: CommandLine, database_url: str
) -> None:
    up = cli("upgrade", "core", "--database", database_url, *JSON).json
    down = cli("downgrade", "core@-1", "--database", database_url, *JSON).json

    assert set(up) == {"version", "target", "run_id", "applied", "database"}
    assert set(up["applied"][0]) == {"revision", "module", "ms", "attempts", "locks"}
    assert [(step["revision"], step["module"]) for step in up["applied"]] == [
        ("core1", "core"),
        ("core2", "core"),
    ]
    assert all(step["ms"] > 0 for step in up["applied"])
    assert up["database"].startswith("postgresql://")
    assert (down["target"], down["applied"][0]["revision"]) == ("core@-1", "core2")


def test_a_failure_has_the_fields_of_the_contract(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    module = project.module("billing", requires=["core"])
    module.revision("bill2", down="bill1", upgrade='op.execute("SELECT 1/0")')

    outcome = cli("upgrade", "billing", "--database", database_url, *JSON)

    assert outcome.code == 2
    document = outcome.json
    assert [step["revision"] for step in document["applied"]] == ["core1", "core2", "bill1"]
    assert document["database"].startswith("postgresql://")
    assert document["failed"] == {
        "revision": "bill2",
        "module": "billing",
        "path": str(module.revision_path("bill2")),
        "line": 13,
        "statement": "SELECT 1/0",
        "error": "division by zero",
    }
    assert document["error"]["code"] == "migration-failed"


def test_a_run_that_stops_after_some_steps_says_which(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("billing", requires=["core"]).revision(
        "bill2", down="bill1", upgrade='op.execute("DELETE FROM alembic_version")'
    )

    document = cli("upgrade", "billing", "--database", database_url, *JSON).json

    assert document["error"]["code"] == "version-rows-changed"
    assert [step["revision"] for step in document["applied"]] == ["core1", "core2", "bill1"]


def test_findings_have_the_fields_of_the_contract(cli: CommandLine, project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\n[tool.alembic]\nscript_location = "migrations"')

    document = cli("check", "structure", *JSON).json

    assert (document["ok"], document["checks"], document["moves"]) == (False, ["structure"], [])
    assert set(document["findings"][0]) == {
        "rule",
        "severity",
        "module",
        "object",
        "name",
        "part",
        "expected",
        "actual",
        "message",
        "path",
        "line",
        "fix",
        "fix_reason",
    }
    assert document["findings"][0]["rule"] == "structure/version-locations"


def test_heads_history_and_show_describe_revisions_alike(cli: CommandLine) -> None:
    heads = cli("heads", *JSON).json["heads"]
    history = cli("history", *JSON).json["revisions"]
    (shown,) = cli("show", "bill2", *JSON).json["revisions"]

    assert [head["revision"] for head in heads] == ["core2", "bill2", "ship1"]
    assert shown in heads
    assert shown in history
    assert len(history) == 5


def test_stamp_says_what_the_rows_were_and_are(cli: CommandLine, database_url: str) -> None:
    document = cli("stamp", "billing", "--database", database_url, *JSON).json

    assert (document["before"], document["after"]) == ([], ["bill2"])


def test_sql_is_a_document_too_if_json_is_asked_for(cli: CommandLine) -> None:
    document = cli("upgrade", "base:core", "--sql", "--database", "none", *JSON).json

    assert document["target"] == "base:core"
    assert "CREATE TABLE people" in document["sql"]


def test_an_error_has_the_fields_of_the_contract(cli: CommandLine, database_url: str) -> None:
    outcome = cli("upgrade", "nowhere", "--database", database_url, *JSON)

    assert outcome.code == 2
    assert outcome.err == ""
    assert outcome.json == {
        "version": 1,
        "error": {
            "code": "unknown-target",
            "message": "there is no revision, module or label 'nowhere'",
            "hint": "`modalembic modules` and `modalembic history` list what there is",
            "path": None,
            "line": None,
        },
    }


def test_several_problems_of_a_project_are_all_in_the_document(
    cli: CommandLine, project: ProjectFiles
) -> None:
    project.module("broken").raw("brok1.py", "revision = 1").raw("brok2.py", "def (")

    error = cli("upgrade", *JSON).json["error"]

    assert error["code"] == "project-problems"
    assert [problem["code"] for problem in error["problems"]] == ["revision-file"] * 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["upgrade", "--no-such-option", "--format", "json"],
        ["--format=json", "no-such-command"],
        ["--format", "json"],
        ["--format", "json", "upgrade", "--lock-wait", "soon"],
        ["show", "--format=json"],
    ],
    ids=" ".join,
)
def test_usage_errors_are_documents_too(cli: CommandLine, arguments: list[str]) -> None:
    outcome = cli.bare(*arguments)

    assert outcome.code == 2
    assert outcome.json["error"]["code"] == "usage"


def test_every_command_writes_one_document_to_stdout(cli: CommandLine, database_url: str) -> None:
    for arguments in (
        ["upgrade", "--dry-run"],
        ["upgrade", "--check"],
        ["upgrade"],
        ["upgrade"],
        ["plan"],
        ["current"],
        ["heads"],
        ["history", "-i"],
        ["show", "core1"],
        ["downgrade", "base", "--dry-run"],
        ["downgrade", "base"],
        ["stamp", "heads"],
        ["modules"],
        ["check"],
        ["init", "--dry-run"],
        ["downgrade", "core@base"],
        ["stamp", "nowhere"],
        ["show", "nowhere"],
    ):
        outcome = cli(*arguments, "--database", database_url, *JSON)
        assert outcome.json, arguments


def test_warnings_and_progress_stay_out_of_the_document(
    project: ProjectFiles,
    database_url: str,
    connect_to: Callable[..., psycopg.Connection[Any]],
) -> None:
    project.module("trapped").revision("trap1", depends_on="core")

    outcome = finish(start(["upgrade", "--database", database_url, *JSON], cwd=project.root))

    assert outcome.json["target"] == "heads"
    assert "warning: " in outcome.err
    assert "[5/6] trapped trap1 trap1 of trapped (" in outcome.err
    rows = connect_to(database_url).execute("SELECT count(*) FROM modalembic_history").fetchone()
    assert rows == (6,)
