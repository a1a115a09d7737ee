"""`--log-format json`: whatever is said on stderr is an object a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commandline import CommandLine, finish, shop, start
from tests.projects import ProjectFiles
from tests.runtime.support import ENV, history

FIRST = ["time", "level", "event", "message", "run_id", "revision", "module", "ms", "attempt"]
JSON = ("--log-format", "json")
# What Alembic's generic template lays down.
INI = """
[alembic]
script_location = migrations

[loggers]
keys = root,sqlalchemy,alembic

[handlers]
keys = console

[formatters]
keys = generic

[logger_root]
level = WARNING
handlers = console
qualname =

[logger_sqlalchemy]
level = INFO
handlers =
qualname = sqlalchemy.engine

[logger_alembic]
level = INFO
handlers =
qualname = alembic

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic

[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
"""


def objects(text: str) -> list[dict[str, Any]]:
    """Every line, which has to be an object with the fields of the contract in front."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(list(each)[: len(FIRST)] == FIRST for each in found)
    assert all(datetime.fromisoformat(each["time"]).tzinfo is not None for each in found)
    return found


def events(found: Sequence[dict[str, Any]]) -> list[str]:
    return [each["event"] for each in found if each["event"] != "log"]


def only(found: Sequence[dict[str, Any]], event: str) -> dict[str, Any]:
    (one,) = [each for each in found if each["event"] == event]
    return one


def test_a_run_is_told_step_by_step(cli: CommandLine, database_url: str) -> None:
    outcome = cli("upgrade", "core", "--database", database_url, *JSON, "--format", "json")

    assert outcome.code == 0
    said = objects(outcome.err)
    revision = ["revision-started", "revision-finished"]
    assert events(said) == ["planned", *revision, *revision, "run-finished"]
    run_id = outcome.json["run_id"]
    assert {each["run_id"] for each in said} == {run_id}
    assert {row[0] for row in history(database_url, "run_id")} == {run_id}
    begun, ended = (each for each in said if each["revision"] == "core2" and each["event"] != "log")
    assert (begun["module"], begun["attempt"], begun["ms"]) == ("core", 1, None)
    assert ended["ms"] == outcome.json["applied"][1]["ms"]
    assert ended["locks"] == outcome.json["applied"][1]["locks"]
    finished = only(said, "run-finished")
    assert finished["revision"] is None
    assert finished["ms"] > 0


def test_alembics_own_records_are_among_them(cli: CommandLine, database_url: str) -> None:
    said = objects(cli("upgrade", "core1", "--database", database_url, *JSON).err)

    running = [each for each in said if each.get("logger") == "alembic.runtime.migration"]
    assert running[-1]["message"].startswith("Running upgrade core1")
    assert (running[-1]["level"], running[-1]["revision"]) == ("info", "core1")


def test_a_logging_configuration_of_the_project_decides_what_and_not_how(
    project: ProjectFiles, database_url: str
) -> None:
    project.file("alembic.ini", INI)
    configured = "from logging.config import fileConfig\nfrom alembic import context as c\n"
    project.file("migrations/env.py", f"{configured}fileConfig(c.config.config_file_name)\n{ENV}")

    outcome = finish(
        start(["upgrade", "core1", "--database", database_url, *JSON], cwd=project.root)
    )

    assert outcome.code == 0, outcome.said
    said = objects(outcome.err)
    logged = [each["message"] for each in said if each.get("logger") == "sqlalchemy.engine.Engine"]
    assert "CREATE TABLE people (id int PRIMARY KEY)" in logged
    assert len([each for each in said if each["message"].startswith("Running upgrade")]) == 1


def test_what_a_revision_prints_and_warns_of_is_told_with_its_id(
    project: ProjectFiles, database_url: str
) -> None:
    project.module("core", tier="core").revision(
        "core1",
        upgrade="import logging, sys, warnings\nprint('printed')\nwarnings.warn('beware')\n"
        "logging.getLogger('shop').warning('logged')\nsys.stderr.write('no end')",
    )

    outcome = finish(
        start(["upgrade", "core1", "--database", database_url, *JSON], cwd=project.root)
    )

    said = [each for each in objects(outcome.err) if each["revision"] == "core1"]
    told = {each["message"].splitlines()[0]: (each["event"], each["level"]) for each in said}
    assert told["printed"] == ("output", "info")
    assert told["logged"] == ("log", "warning")
    (warning,) = [message for message in told if "beware" in message]
    assert told[warning] == ("log", "warning")
    assert objects(outcome.err)[-1]["message"] == "no end"


def test_a_record_that_cannot_be_written_stops_no_revision(
    project: ProjectFiles, database_url: str
) -> None:
    project.module("core", tier="core").revision(
        "core1", upgrade="import logging\nlogging.getLogger('shop').warning('%d rows', 'many')"
    )

    outcome = finish(
        start(["upgrade", "core1", "--database", database_url, *JSON], cwd=project.root)
    )

    assert outcome.code == 0, outcome.said
    said = objects(outcome.err)
    assert any("Message: '%d rows'" in each["message"] for each in said)
    assert only(said, "run-finished")["revisions"] == 1


def test_a_failure_is_an_object_and_the_result_stays_on_stdout(
    cli: CommandLine, project: ProjectFiles, database_url: str
) -> None:
    project.module("core", tier="core").revision("core2", down="core1", upgrade="1 / 0")

    outcome = cli("upgrade", "--database", database_url, *JSON)

    assert (outcome.code, outcome.out) == (2, "")
    said = objects(outcome.err)
    failed, error = only(said, "revision-failed"), only(said, "error")
    assert (failed["level"], failed["revision"], failed["code"]) == (
        "error",
        "core2",
        "migration-failed",
    )
    assert "division by zero" in error["message"]
    assert error["path"].endswith("core2.py")
    assert error["line"] == 13
    assert "run-finished" not in events(said)


def test_attempts_are_counted(cli: CommandLine, project: ProjectFiles, database_url: str) -> None:
    project.module("core", tier="core").revision(
        "core1",
        upgrade='op.execute("CREATE SEQUENCE IF NOT EXISTS tries")\n'
        "with op.get_context().autocommit_block():\n    pass",
    ).revision(
        "core2",
        down="core1",
        upgrade="op.execute(\"DO $$ BEGIN IF nextval('tries') = 1 THEN "
        "RAISE SQLSTATE '55P03'; END IF; END $$\")",
    )

    said = objects(cli("upgrade", "core", "--database", database_url, *JSON).err)

    retrying = only(said, "retrying")
    assert (retrying["level"], retrying["attempt"], retrying["revision"]) == ("warning", 1, "core2")
    finished = [each for each in said if each["event"] == "revision-finished"][-1]
    assert finished["attempt"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["upgrade", "nowhere"],
        ["upgrade", "--no-such-option"],
        ["no-such-command"],
        ["heads", "--project", "/nowhere"],
    ],
)
def test_every_error_is_an_object(cli: CommandLine, arguments: list[str]) -> None:
    outcome = cli(*arguments, *JSON)

    assert outcome.code == 2
    error = objects(outcome.err)[-1]
    assert (error["event"], error["level"]) == ("error", "error")
    assert error["code"]


def test_with_debug_the_traceback_is_a_field(cli: CommandLine) -> None:
    error = only(objects(cli("upgrade", "nowhere", "--debug", *JSON).err), "error")
    assert error["traceback"].startswith("Traceback")


def test_quiet_leaves_errors_alone(cli: CommandLine, database_url: str) -> None:
    outcome = cli("upgrade", "core", "--quiet", "--database", database_url, *JSON)
    assert events(objects(outcome.err)) == []
    assert events(objects(cli("upgrade", "nowhere", "--quiet", *JSON).err)) == ["error"]


def test_a_stamp_is_told_in_it_too(cli: CommandLine, database_url: str) -> None:
    outcome = cli("stamp", "core", "--database", database_url, *JSON, "--format", "json")
    said = objects(outcome.err)
    assert {each["run_id"] for each in said} == {outcome.json["run_id"]}
    assert only(said, "stamping")["after"] == ["core2"]


class TestTheEnvironment:
    def test_may_ask_for_it(self, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MODALEMBIC_LOG_FORMAT", "json")
        assert events(objects(cli("upgrade", "nowhere").err)) == ["error"]

    def test_is_overruled_by_the_option(
        self, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MODALEMBIC_LOG_FORMAT", "json")
        outcome = cli("--log-format", "text", "upgrade", "nowhere")
        assert outcome.err.startswith("error: ")

    def test_cannot_ask_for_anything_else(
        self, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MODALEMBIC_LOG_FORMAT", "xml")
        outcome = cli("heads")
        assert outcome.code == 2
        assert "error: MODALEMBIC_LOG_FORMAT is neither text nor json" in outcome.err


def test_no_password_is_in_it(tmp_path: Path, server_url: str, database_url: str) -> None:
    del server_url
    project = shop(tmp_path / "shop")
    project.module("core", tier="core").revision(
        "core1",
        upgrade="import logging\nprint('postgresql://me:hunter22@db/shop')\n"
        "logging.getLogger('shop').error('postgresql://me:hunter22@db/shop')\n"
        "raise ValueError('postgresql://me:hunter22@db/shop')",
    )
    outcome = finish(
        start(["upgrade", "--debug", "--database", database_url, *JSON], cwd=project.root)
    )
    assert outcome.code == 2
    assert "hunter22" not in outcome.said
    assert "postgresql://me:***@db/shop" in outcome.said
