"""A real standby: what reads works there, what writes says so before it begins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.crash.cluster import Cluster, own_cluster
from tests.projects import ProjectFiles
from tests.runtime.isolation import forgotten
from tests.runtime.support import Result, done, execute, fetch, modalembic, new_project, table

SECONDS = 60
Run = Callable[..., Result]


@pytest.fixture(scope="module", autouse=True)
def _own_app() -> Iterator[None]:
    with forgotten("app"):
        yield


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    with own_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def standby(primary: Cluster, project: ProjectFiles) -> Iterator[str]:
    """The URL of a standby of a database that has one of the project's two revisions."""
    done(modalembic(project, "upgrade", "c1", url=primary.url.conninfo))
    directory = primary.directory / "standby"
    directory.mkdir()
    primary.programs.account.owns(directory)
    cluster = Cluster(directory, primary.programs)
    copied = primary.programs.run(
        "pg_basebackup", "-R", "-c", "fast", "-D", str(cluster.data), "-d", primary.url.conninfo
    )
    assert copied.returncode == 0, copied.stderr
    with (cluster.data / "postgresql.conf").open("a") as file:
        file.write(f"unix_socket_directories = '{directory}'\n")
    cluster.start()
    try:
        yield cluster.url.conninfo
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectFiles:
    project = new_project(
        tmp_path_factory.mktemp("standby"),
        'modules = ["app/modules/*"]\nmetadata = "app.base:metadata"',
    )
    project.file("app/__init__.py").file(
        "app/base.py",
        "from sqlalchemy import Column, Integer, MetaData, Table\n"
        "metadata = MetaData()\nOne = Table('c_one', metadata, Column('id', Integer))\n",
    )
    core = project.module("core").file("models.py", "from app.base import One as One\n")
    core.revision("c1", **table("c_one")).revision("c2", down="c1", **table("c_two"))
    return project


@pytest.fixture
def run(project: ProjectFiles, standby: str) -> Iterator[Run]:
    """Runs a command there, and holds the server's log to it: nothing that writes was tried."""
    log = Path(DatabaseURL.parse(standby).hosts[0].name, "log")
    before = log.read_text()

    def command(*arguments: str) -> Result:
        return modalembic(project, *arguments, url=standby)

    yield command
    said = log.read_text()[len(before) :]
    assert "read-only transaction" not in said, said
    assert "during recovery" not in said, said


READS = [
    ["current"],
    ["plan"],
    ["modules"],
    ["history", "-i"],
    ["doctor"],
    ["upgrade", "--dry-run"],
    ["upgrade", "--sql"],
    ["downgrade", "base", "--dry-run"],
    ["repair", "--dry-run"],
    ["prune", "--older-than", "1d", "--dry-run"],
    ["schema", "dump", "--format", "sql"],
    ["diff", "live", "live"],
]
WRITES = [
    ["upgrade"],
    ["downgrade", "base"],
    ["stamp", "heads"],
    ["prune", "--older-than", "1d"],
    ["install", "core"],
    ["uninstall", "core", "--yes", "--no-backup"],
]


@pytest.mark.parametrize("arguments", READS, ids=" ".join)
def test_what_reads_works(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.code in (0, 1), result.err
    assert "read-only" not in result.err


@pytest.mark.usefixtures("run")
def test_a_standby_is_compared_with_its_migrations(
    project: ProjectFiles, standby: str, primary: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_SCRATCH_URL", primary.url.conninfo)
    result = modalembic(project, "check", "drift", "--against", standby, url=standby)
    assert result.code in (0, 1), result.err


@pytest.mark.parametrize("arguments", WRITES, ids=" ".join)
def test_what_writes_is_refused_in_plain_words(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert "the server of database 'postgres' is a read-only standby" in result.err
    assert "hint: run it against the primary server" in result.err


def test_an_upgrade_with_nothing_to_do_is_a_success(run: Run) -> None:
    """Pods that are started against a replica do that."""
    assert "nothing" in done(run("upgrade", "c1")).out


def test_what_the_primary_is_given_arrives(primary: Cluster, standby: str) -> None:
    execute(primary.url.conninfo, "CREATE TABLE arrived (id int)")
    for _ in range(SECONDS * 10):
        if fetch(standby, "SELECT to_regclass('arrived')") != [(None,)]:
            return
        time.sleep(0.1)
    raise AssertionError("the standby does not follow its primary")
