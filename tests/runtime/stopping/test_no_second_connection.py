from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from modalembic.postgres.url import DatabaseURL
from tests.cli.commandline import finish
from tests.locks.runs import NAP, Runs
from tests.projects import ProjectFiles
from tests.runtime.stopping.test_sigterm import DEAF_SQL, assert_stopped, two_revisions, upgrade

if TYPE_CHECKING:
    import psycopg


@pytest.fixture
def full(
    project: ProjectFiles,
    make_database: Callable[[], str],
    connect_to: Callable[..., psycopg.Connection[Any]],
) -> Iterator[Runs]:
    """Runs of a role that may have two connections, which is what a run takes."""
    url = make_database()
    database = connect_to(url)
    role = f"{database.info.dbname}_role"
    database.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 2".encode())
    database.execute(f"GRANT ALL ON SCHEMA public TO {role}".encode())
    database.execute("CREATE TABLE naps (seconds float)")
    database.execute("GRANT SELECT ON naps TO PUBLIC")
    own = replace(DatabaseURL.parse(url), user=role, password="secret").conninfo
    yield Runs(project, own, database)
    database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


@pytest.mark.parametrize("name", ["given", "asyncpg"])
def test_a_statement_is_cancelled_without_one(project: ProjectFiles, full: Runs, name: str) -> None:
    if name == "asyncpg":
        full.database.execute(
            f"ALTER ROLE {full.database.info.dbname}_role CONNECTION LIMIT 1".encode()
        )
    two_revisions(project, NAP)
    full.let_revisions_sleep(60)
    process = upgrade(full, name, "--format", "json")
    full.sleeper()
    process.send_signal(signal.SIGTERM)

    assert_stopped(full, finish(process))


@pytest.mark.slow
def test_a_run_ends_even_if_its_statement_cannot_be_ended(
    project: ProjectFiles, full: Runs
) -> None:
    """The server then finds that the client is gone."""
    two_revisions(project, f'op.execute("""{DEAF_SQL}""")')
    process = upgrade(full, "given", "--format", "json")
    full.sleeper()
    process.send_signal(signal.SIGTERM)

    assert_stopped(full, finish(process))
