"""Commands of the project around a run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import modalembic as api
from modalembic.errors import ConfigurationError, MigrationFailed, RunHookFailed, UnknownTarget
from modalembic.runtime.options import Observer
from tests.projects import GLOB, ProjectFiles
from tests.runtime.support import (
    Recorder,
    done,
    history,
    modalembic,
    new_project,
    sql,
    table,
    tables,
    versions,
)

# Writes down what it was given, and ends as the file `NAME.exit` says.
HOOK = """
import json, os, pathlib, sys, time
name = os.environ["MODALEMBIC_HOOK"]
given = {
    "document": json.load(sys.stdin),
    "arguments": sys.argv[1:],
    "environ": {key: value for key, value in os.environ.items() if key.startswith("MODALEMBIC_")},
    "directory": os.getcwd(),
}
with open("told.jsonl", "a") as told:
    told.write(json.dumps(given) + "\\n")
print(f"{name} speaks")
wanted = pathlib.Path(f"{name}.exit")
if wanted.exists():
    if wanted.read_text() == "sleep":
        time.sleep(60)
    sys.exit(int(wanted.read_text()))
"""

# How many advisory locks others hold.
LOOK = """
import psycopg
with psycopg.connect(given["environ"]["MODALEMBIC_DATABASE_URL"]) as connection:
    (held,) = connection.execute(
        "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
        " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted"
    ).fetchone()
pathlib.Path(f"{name}.locks").write_text(str(held))
"""


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return hooked(tmp_path)


def hooked(directory: Path, more: str = "") -> ProjectFiles:
    """A project with all three hooks."""
    command = json.dumps([sys.executable, "hook.py", "$HOME; *"])
    hooks = f"before = {command}\nafter = {command}\non_failure = {command}\n{more}"
    project = new_project(directory, f"{GLOB}\n[tool.modalembic.hooks]\n{hooks}")
    project.file("hook.py", HOOK)
    module = project.module("billing").revision("b1", **table("one"))
    module.revision("b2", down="b1", **table("two"))
    return project


def told(project: ProjectFiles) -> list[dict[str, Any]]:
    """What each hook was given, in order."""
    file = project.root / "told.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def names(project: ProjectFiles) -> list[str]:
    return [each["document"]["hook"] for each in told(project)]


def fails(project: ProjectFiles, hook: str, code: str = "3") -> None:
    project.file(f"{hook}.exit", code)


class TestARun:
    def test_is_announced_and_then_told(self, project: ProjectFiles, database_url: str) -> None:
        result = api.upgrade(project.load(), database=database_url)
        before, after = (each["document"] for each in told(project))
        revisions = [
            {"revision": id_, "module": "billing", "direction": "upgrade"} for id_ in ("b1", "b2")
        ]
        assert before == {
            "version": 1,
            "hook": "before",
            "run_id": result.run_id,
            "command": "upgrade",
            "target": "heads",
            "project": str(project.root),
            "database": result.database,
            "revisions": revisions,
            "applied": [],
            "failed": None,
            "error": None,
        }
        assert after == {
            **before,
            "hook": "after",
            "applied": [step.document for step in result.applied],
        }

    def test_of_every_kind_is_told(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), modules=["billing"], database=database_url)
        api.downgrade(project.load(), "b1", database=database_url)
        api.stamp(project.load(), ["heads"], database=database_url)
        documents = [each["document"] for each in told(project)]
        assert [(each["command"], each["target"], each["hook"]) for each in documents] == [
            ("upgrade", "billing@head", "before"),
            ("upgrade", "billing@head", "after"),
            ("downgrade", "b1", "before"),
            ("downgrade", "b1", "after"),
            ("stamp", "heads", "before"),
            ("stamp", "heads", "after"),
        ]
        assert documents[2]["revisions"][0]["direction"] == "downgrade"
        assert documents[4]["revisions"] == [
            {"revision": "b2", "module": "billing", "direction": "stamp"}
        ]
        assert documents[4]["run_id"] == history(database_url, "run_id")[-1][0]

    @pytest.mark.parametrize(
        "arguments",
        [["upgrade"], ["stamp", "heads"], ["upgrade", "--check"]],
    )
    def test_that_has_nothing_to_do_is_none(
        self, project: ProjectFiles, database_url: str, arguments: list[str]
    ) -> None:
        api.upgrade(project.load(), database=database_url)
        (project.root / "told.jsonl").unlink()
        done(modalembic(project, *arguments, url=database_url))
        assert told(project) == []

    @pytest.mark.parametrize("option", ["--dry-run", "--sql", "--check"])
    def test_that_is_only_shown_is_none(
        self, project: ProjectFiles, database_url: str, option: str
    ) -> None:
        modalembic(project, "upgrade", option, url=database_url)
        assert told(project) == []


class TestTheHookBefore:
    def test_stops_the_run_before_anything_is_written(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        fails(project, "before")
        result = modalembic(project, "upgrade", url=database_url)
        assert result.code == 2
        assert "the hook before ended with exit code 3; nothing was run" in result.err
        assert "before: before speaks" in result.err
        assert "pyproject.toml:" in result.err
        assert tables(database_url) == set()
        assert versions(database_url) == set()
        assert names(project) == ["before", "on_failure"]
        assert told(project)[1]["document"]["error"]["code"] == "run-hook-failed"

    def test_that_cannot_be_run_stops_it_too(self, tmp_path: Path, database_url: str) -> None:
        project = new_project(tmp_path, f'{GLOB}\n[tool.modalembic.hooks]\nbefore = ["./nowhere"]')
        project.module("billing").revision("b1", **table("one"))
        with pytest.raises(RunHookFailed, match=r"cannot be run: \./nowhere: No such file"):
            api.upgrade(project.load(), database=database_url)
        assert tables(database_url) == set()

    def test_that_takes_too_long_is_ended(self, tmp_path: Path, database_url: str) -> None:
        project = hooked(tmp_path, 'timeout = "1s"')
        fails(project, "before", "sleep")
        with pytest.raises(RunHookFailed, match="did not end within 1 s"):
            api.upgrade(project.load(), database=database_url)
        assert tables(database_url) == set()

    def test_stops_a_stamp_as_well(self, project: ProjectFiles, database_url: str) -> None:
        fails(project, "before")
        with pytest.raises(RunHookFailed):
            api.stamp(project.load(), ["heads"], database=database_url)
        assert versions(database_url) == set()

    def test_is_asked_under_the_locks_and_the_one_after_without(
        self, tmp_path: Path, database_url: str
    ) -> None:
        project = hooked(tmp_path, "database_url = true")
        project.file("hook.py", HOOK + LOOK)
        api.upgrade(project.load(), database=database_url)
        assert (project.root / "before.locks").read_text() == "2"
        assert (project.root / "after.locks").read_text() == "0"


class TestAFailure:
    def test_is_told_with_what_was_committed_before_it(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing").revision("b2", down="b1", upgrade=sql("SELECT * FROM nowhere"))
        with pytest.raises(MigrationFailed) as caught:
            api.upgrade(project.load(), database=database_url)
        assert names(project) == ["before", "on_failure"]
        document = told(project)[1]["document"]
        assert [step["revision"] for step in document["applied"]] == ["b1"]
        assert document["failed"] == caught.value.failed
        assert document["error"]["code"] == "migration-failed"
        assert document["error"]["line"] == 13

    def test_before_there_was_a_plan_is_told_too(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        with pytest.raises(UnknownTarget):
            api.upgrade(project.load(), "nowhere", database=database_url)
        (given,) = told(project)
        assert given["document"]["revisions"] is None
        assert given["document"]["error"]["code"] == "unknown-target"

    def test_of_a_project_that_is_not_sound_is_none_of_a_run(
        self, project: ProjectFiles, database_url: str
    ) -> None:
        project.module("billing").revision("b2", down="nowhere")
        assert modalembic(project, "upgrade", url=database_url).code == 2
        assert told(project) == []


@pytest.mark.parametrize("hook", ["after", "on_failure"])
def test_a_later_hook_that_fails_is_told_and_undoes_nothing(
    project: ProjectFiles, database_url: str, hook: str
) -> None:
    fails(project, hook)
    if hook == "on_failure":
        project.module("billing").revision("b2", down="b1", upgrade=sql("SELECT * FROM nowhere"))
    result = modalembic(project, "upgrade", url=database_url)
    assert result.code == (0 if hook == "after" else 2)
    assert f"warning: the hook {hook} ended with exit code 3" in result.err
    assert "one" in tables(database_url)
    assert ("failed: relation" in result.err) == (hook == "on_failure")


class TestWhatAHookSees:
    def test_no_shell_is_between(self, project: ProjectFiles, database_url: str) -> None:
        api.upgrade(project.load(), database=database_url)
        assert told(project)[0]["arguments"] == ["$HOME; *"]
        assert told(project)[0]["directory"] == str(project.root)

    @pytest.mark.parametrize("asked", [False, True])
    def test_the_url_is_in_the_environment_only_if_asked_for(
        self, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, asked: bool
    ) -> None:
        secret = database_url.replace("postgres@", "postgres:hunter22@")
        monkeypatch.setenv("MODALEMBIC_DATABASE_URL", secret)
        monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", secret)
        project = hooked(tmp_path, f"database_url = {str(asked).lower()}")
        result = api.upgrade(project.load(), database=secret)
        given = told(project)[0]
        expected = {"MODALEMBIC_HOOK": "before", "MODALEMBIC_RUN_ID": result.run_id}
        url = {"MODALEMBIC_DATABASE_URL": secret} if asked else {}
        ours = {key: given["environ"].get(key) for key in (*expected, *url)}
        assert ours == {**expected, **url}
        assert "MODALEMBIC_SCRATCH_URL" not in given["environ"]
        assert ("MODALEMBIC_DATABASE_URL" in given["environ"]) == asked
        assert "hunter22" not in json.dumps(given["document"])

    def test_what_it_says_is_heard_without_passwords(
        self, tmp_path: Path, database_url: str
    ) -> None:
        project = hooked(tmp_path)
        project.file("hook.py", "print('postgresql://me:hunter22@db/shop')")
        recorder = Recorder()
        api.upgrade(project.load(), database=database_url, observer=recorder)
        assert recorder.told[0] == "before: postgresql://me:***@db/shop"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('before = "run.sh"', "expected a list of a program and its arguments, not 'run.sh'"),
        ("before = []", "expected a list of a program"),
        ('before = [""]', "the program has no name"),
        ('befor = ["x"]', "did you mean 'before'"),
        ("database_url = 1", "expected true or false"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, line: str, message: str) -> None:
    project = new_project(tmp_path, f"{GLOB}\n[tool.modalembic.hooks]\n{line}")
    with pytest.raises(ConfigurationError) as caught:
        project.load()
    assert message in f"{caught.value.message}; {caught.value.hint}"
    assert caught.value.line == len((project.root / "pyproject.toml").read_text().splitlines())


def test_an_observer_hears_of_a_run_from_its_beginning_to_its_end(
    project: ProjectFiles, database_url: str
) -> None:
    class Told(Observer):
        def __init__(self) -> None:
            self.events: list[str] = []

        def begun(self, run_id: str) -> None:
            self.events.append(f"begun {len(run_id)}")

        def ended(self) -> None:
            self.events.append("ended")

        def broken(self, error: BaseException) -> None:
            self.events.append(f"broken: {type(error).__name__}")

    told = Told()
    api.upgrade(project.load(), database=database_url, observer=told)
    with pytest.raises(UnknownTarget):
        api.upgrade(project.load(), "nowhere", database=database_url, observer=told)
    assert told.events == ["begun 16", "ended", "begun 16", "broken: UnknownTarget"]
