"""Projects that share a database, each with a version table of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from modalembic.runtime.connection.session import PsycopgSession
from modalembic.runtime.locks import locked, run_key
from modalembic.runtime.options import Observer
from modalembic.runtime.state.situation import read_situation
from modalembic.runtime.tables.version import locate
from tests.projects import GLOB, ProjectFiles
from tests.runtime.support import ENV, done, execute, fetch, modalembic, sql, versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import psycopg

PROJECTS = 6


def project_called(directory: Path, name: str) -> ProjectFiles:
    """A project with the module `core` and the ids that every such project has."""
    table = f"{name}_version"
    env = ENV.replace(
        "context.configure(connection=connection)",
        f"context.configure(connection=connection, version_table={table!r})",
    )
    project = ProjectFiles(directory / name).configure(f"{GLOB}\nversion_table = {table!r}")
    project.file("migrations/env.py", env)
    core = project.module("core")
    core.revision("r1", upgrade=sql(f"CREATE TABLE {name}_one (id int)"))
    core.revision("r2", down="r1", upgrade=sql(f"CREATE TABLE {name}_two (id int)"))
    return project


@pytest.fixture
def one(tmp_path: Path) -> ProjectFiles:
    return project_called(tmp_path, "one")


@pytest.fixture
def two(tmp_path: Path) -> ProjectFiles:
    return project_called(tmp_path, "two")


def rows_of(url: str, name: str) -> list[str]:
    return [
        row[0]
        for row in fetch(
            url,
            f"SELECT revision FROM modalembic_history WHERE version_table = '{name}_version' "
            "ORDER BY id",
        )
    ]


def upgrading(project: ProjectFiles, url: str) -> subprocess.Popen[str]:
    """A process that upgrades."""
    return subprocess.Popen(
        [sys.executable, "-m", "modalembic", "upgrade", "--database", url],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_each_has_its_own_rows(one: ProjectFiles, two: ProjectFiles, database_url: str) -> None:
    """Their revisions have the same ids."""
    done(modalembic(one, "upgrade", url=database_url))
    assert modalembic(two, "current", "--check", url=database_url).code == 1
    done(modalembic(two, "upgrade", "r1", url=database_url))
    assert versions(database_url, "one_version") == {"r2"}
    assert versions(database_url, "two_version") == {"r1"}
    assert rows_of(database_url, "one") == ["r1", "r2"]
    assert rows_of(database_url, "two") == ["r1"]


def test_a_row_that_one_has_lost_is_not_looked_up_in_the_history_of_the_other(
    one: ProjectFiles, two: ProjectFiles, database_url: str
) -> None:
    two.module("orders").revision("o1")
    done(modalembic(two, "upgrade", url=database_url))
    done(modalembic(one, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO one_version VALUES ('o1')")
    refused = modalembic(one, "upgrade", url=database_url)
    assert "o1, which is not in this code and not in its history table" in refused.err


def test_what_one_edited_or_removed_is_nothing_to_the_other(
    one: ProjectFiles, two: ProjectFiles, database_url: str
) -> None:
    one.module("orders").revision("o1")
    for project in (one, two):
        done(modalembic(project, "upgrade", url=database_url))
    before = modalembic(two, "doctor", "--format", "json", url=database_url).document
    one.module("core").revision("r1", upgrade=sql("CREATE TABLE edited (id int)"))
    shutil.rmtree(one.root / "app/modules/orders")
    spoiled = "UPDATE modalembic_history SET content_hash = 'x' WHERE version_table"
    execute(database_url, f"{spoiled} = 'one_version'")
    assert modalembic(two, "doctor", "--format", "json", url=database_url).document == before
    done(modalembic(two, "upgrade", "--strict", url=database_url))


def test_pruning_one_leaves_the_other(
    one: ProjectFiles, two: ProjectFiles, database_url: str
) -> None:
    for project in (one, two):
        for arguments in (["upgrade"], ["stamp", "r1"], ["stamp", "r2"], ["stamp", "r1"]):
            done(modalembic(project, *arguments, url=database_url))
    before = rows_of(database_url, "two")
    assert "0 rows" not in done(modalembic(one, "prune", "--older-than=0", url=database_url)).out
    assert rows_of(database_url, "two") == before


def test_the_lock_of_one_does_not_stop_the_other(
    one: ProjectFiles,
    two: ProjectFiles,
    database_url: str,
    connect_to: Callable[..., psycopg.Connection[Any]],
) -> None:
    session = PsycopgSession(connect_to(database_url))
    key = run_key(locate(session, "one_version", None))
    with locked(session, key, wait=0, observer=Observer()):
        held = modalembic(one, "upgrade", "--lock-wait", "0", url=database_url)
        assert "another run holds the lock" in held.err
        done(modalembic(two, "upgrade", "--lock-wait", "0", url=database_url))


def test_all_may_be_upgraded_at_once(tmp_path: Path, database_url: str) -> None:
    """Nothing is there before: all of them make the history table."""
    projects = [project_called(tmp_path, f"p{number}") for number in range(PROJECTS)]
    runs = [upgrading(project, database_url) for project in projects]
    ended = [(run.communicate()[1], run.returncode) for run in runs]
    assert [code for _, code in ended] == [0] * PROJECTS, ended
    for number in range(PROJECTS):
        assert versions(database_url, f"p{number}_version") == {"r2"}
        assert rows_of(database_url, f"p{number}") == ["r1", "r2"]


def test_the_history_table_is_waited_for_while_another_makes_it(
    one: ProjectFiles,
    database_url: str,
    connect_to: Callable[..., psycopg.Connection[Any]],
) -> None:
    """Both have seen that it is not there."""
    first = PsycopgSession(connect_to(database_url))
    situation = read_situation(one.load(), first)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with first.transaction():
        situation.history.prepare(first)
        run = upgrading(one, database_url)
        while fetch(database_url, waiting) == [(0,)]:
            assert run.poll() is None, run.communicate()[1]
    assert run.communicate()[1] is not None
    assert run.returncode == 0
    assert rows_of(database_url, "one") == ["r1", "r2"]
