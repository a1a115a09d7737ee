"""`doctor` and `repair` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from modalembic.postgres.lock import lock_key
from tests.cli.commandline import CommandLine
from tests.runtime.support import execute


@pytest.fixture
def shop(cli: CommandLine, database_url: str) -> CommandLine:
    """A project on a database with an overlap."""
    cli.project.module("loyalty").revision("b1").revision("b2", down="b1")
    assert cli("upgrade", "--database", database_url).code == 0
    execute(database_url, "INSERT INTO alembic_version VALUES ('b1')")
    return cli


def test_doctor_exits_1_for_a_warning_and_0_for_none(shop: CommandLine, database_url: str) -> None:
    found = shop("doctor", "--database", database_url)
    assert found.code == 1
    assert "fix: modalembic repair\n" in found.out
    assert found.out.endswith("1 warning (doctor)\n")
    assert found.err == ""
    assert shop("repair", "--database", database_url).code == 0
    assert shop("doctor", "--database", database_url).code == 0


def test_both_as_documents(shop: CommandLine, database_url: str) -> None:
    found = shop("doctor", "--format", "json", "--database", database_url)
    assert found.json["ok"] is False
    assert [each["rule"] for each in found.json["findings"]] == ["doctor/implied-row"]
    repaired = shop("repair", "--format", "json", "--database", database_url)
    assert [each["action"] for each in repaired.json["actions"]] == ["overlap"]
    assert set(repaired.json["before"]) - set(repaired.json["after"]) == {"b1"}
    again = shop("repair", "--format", "json", "--database", database_url)
    assert again.json["actions"] == again.json["left"] == []


def test_repair_waits_for_a_run_and_gives_up(
    shop: CommandLine, database_url: str, connect_to: Callable[..., Any]
) -> None:
    with connect_to(database_url, application_name="modalembic feedbeef") as holder:
        holder.execute(f"SELECT pg_advisory_lock({lock_key('public', 'alembic_version', 'run')})")

        refused = shop("repair", "--lock-wait", "0", "--database", database_url)

        assert refused.code == 2
        assert "another run holds the lock (pid" in refused.err
        assert "application modalembic feedbeef" in refused.err
    assert shop("repair", "--database", database_url).code == 0


@pytest.mark.parametrize("command", ["doctor", "repair"])
def test_a_database_that_is_not_there(cli: CommandLine, command: str) -> None:
    refused = cli(command, "--format", "json", "--database", "postgresql://localhost:1/nowhere")

    assert refused.code == 2
    assert json.loads(refused.out)["error"]["code"] == "server-unreachable"


@pytest.mark.parametrize(
    "arguments",
    [
        ("repair", "--done"),
        ("repair", "b1"),
        ("repair", "--lock-wait", "soon"),
        ("doctor", "b1"),
        ("doctor", "--format", "sarif"),
    ],
    ids=" ".join,
)
def test_usage(shop: CommandLine, arguments: tuple[str, ...]) -> None:
    refused = shop(*arguments)
    assert refused.code == 2
    assert "error: " in refused.err


def test_several_revisions_and_modules_may_be_named(shop: CommandLine, database_url: str) -> None:
    refused = shop("repair", "--retire", "gone", "--retire", "away", "--database", database_url)
    assert refused.code == 2
    assert "--retire gone: no version row belongs to it" in refused.err
