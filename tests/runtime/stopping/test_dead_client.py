from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.commandline import finish
from tests.locks.runs import NAP, Runs, until
from tests.projects import ProjectFiles
from tests.runtime.stopping.environments import GIVEN
from tests.runtime.stopping.test_sigterm import assert_left_alone, two_revisions, upgrade
from tests.runtime.support import done, modalembic

if TYPE_CHECKING:
    import psycopg

SETTING = "client_connection_check_interval"


@pytest.mark.parametrize("name", ["given", "asyncpg"])
def test_the_statement_of_a_client_that_was_killed_ends_soon(
    project: ProjectFiles, runs: Runs, database: psycopg.Connection[Any], name: str
) -> None:
    two_revisions(project, NAP)
    runs.let_revisions_sleep(60)
    process = upgrade(runs, name)
    backend = runs.sleeper()
    process.send_signal(signal.SIGKILL)
    finish(process)

    alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
    until(lambda: database.execute(alive, [backend]).fetchone() == (0,))
    assert_left_alone(database, "parcels")


@pytest.mark.parametrize(("of_the_role", "seen"), [(None, "1s"), ("7s", "7s")])
def test_who_has_set_an_interval_keeps_it(
    project: ProjectFiles,
    runs: Runs,
    database: psycopg.Connection[Any],
    of_the_role: str | None,
    seen: str,
) -> None:
    name = database.info.dbname
    if of_the_role is not None:
        database.execute(f"ALTER DATABASE \"{name}\" SET {SETTING} = '{of_the_role}'")
    noted = f"CREATE TABLE noted AS SELECT current_setting('{SETTING}') AS seen"
    project.module("quick").revision("quic1", upgrade=f'op.execute("{noted}")')
    project.file("migrations/env.py", GIVEN)

    done(modalembic(project, "upgrade", url=runs.url))

    assert database.execute("SELECT seen FROM noted").fetchone() == (seen,)


def test_a_connection_of_the_project_has_its_own_setting_again(
    project: ProjectFiles, runs: Runs
) -> None:
    project.module("quick").revision("quic1")
    after = f"""
seen = connection.exec_driver_sql("SELECT current_setting('{SETTING}')").scalar()
print("afterwards", seen)
"""
    project.file("migrations/env.py", GIVEN + after)

    result = done(modalembic(project, "upgrade", url=runs.url))

    assert "afterwards 0" in result.err


def test_a_server_that_has_no_such_setting_is_left_alone(
    project: ProjectFiles, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modalembic.runtime.stopping import dead_client

    monkeypatch.setattr(dead_client, "_SET", dead_client._SET.replace(SETTING, "no_such.setting"))
    project.module("quick").revision("quic1")
    project.file("migrations/env.py", GIVEN)

    done(modalembic(project, "upgrade", url=runs.url))
