"""What is noted of a revision that leaves its transaction, and which revisions are gone on with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.projects import ProjectFiles
from tests.runtime.support import (
    ENV,
    Result,
    done,
    execute,
    fetch,
    history,
    modalembic,
    modalembic_process,
    new_project,
    sql,
    tables,
    versions,
)
from tests.runtime.trace.kills import Kills

# Seen from another connection, while the revision is at work.
LOOK = """
import json, psycopg
def look():
    with psycopg.connect(URL) as other:
        row = other.execute(
            "SELECT state, details FROM modalembic_history WHERE revision = 'm1'").fetchone()
        other.execute("INSERT INTO seen (what) VALUES (%s)", [json.dumps(row)])
"""


def _seen(url: str) -> list[Any]:
    return [row[0] for row in fetch(url, "SELECT what FROM seen ORDER BY id")]


@pytest.fixture
def look(database_url: str) -> str:
    """The beginning of a revision that calls `look()`."""
    execute(database_url, "CREATE TABLE seen (id int GENERATED ALWAYS AS IDENTITY, what jsonb)")
    return LOOK.replace("URL", repr(database_url))


def test_what_the_block_commits_and_each_of_its_statements_are_noted_before(
    project: ProjectFiles, database_url: str, look: str
) -> None:
    look_in_sql = (
        "INSERT INTO seen (what) SELECT json_build_array(state, details) FROM modalembic_history"
    )
    project.module("m").revision(
        "m1",
        upgrade=f"""
{look}
op.execute("CREATE TABLE one (id int)")
with op.get_context().autocommit_block():
    look()
    op.execute({look_in_sql!r})
    look()
""",
    )

    done(modalembic(project, "upgrade", url=database_url))

    first, within, last = _seen(database_url)
    assert first[0] == within[0] == last[0] == "started"
    assert first[1]["statements"] == ["CREATE TABLE one (id int)"]
    assert (first[1]["ran"], first[1]["sent"], first[1]["open"]) == (1, None, True)
    assert within[1]["sent"]["statements"] == [look_in_sql]
    assert (last[1]["ran"], last[1]["sent"]) == (2, None)
    ((state, ended, ms),) = history(database_url, "state, details, ms")
    assert state == "done"
    assert ended["open"] is False
    assert ended["statements"] == ["CREATE TABLE one (id int)", look_in_sql]
    assert ms > 0


@pytest.mark.parametrize(
    ("statement", "noted"),
    [
        (r"INSERT INTO one SELECT replace('a', '\u0000', '')", None),
        (r"INSERT INTO one SELECT replace('a', '\\u0000', '%')", None),
        (
            "INSERT INTO one VALUES ('host=other password=hunter22')",
            "INSERT INTO one VALUES ('host=other password=***')",
        ),
    ],
)
def test_whatever_the_text_of_a_statement_is_it_can_be_noted_and_no_password_is(
    project: ProjectFiles, database_url: str, statement: str, noted: str | None
) -> None:
    project.module("m").revision(
        "m1",
        upgrade=f"""
op.execute("CREATE TABLE one (what text)")
with op.get_context().autocommit_block():
    op.get_bind().exec_driver_sql({statement!r}, execution_options={{"no_parameters": True}})
""",
    )

    done(modalembic(project, "upgrade", url=database_url))

    ((details,),) = history(database_url, "details")
    assert details["statements"] == ["CREATE TABLE one (what text)", noted or statement]


def test_a_revision_that_is_one_transaction_leaves_no_trace(
    project: ProjectFiles, database_url: str, look: str
) -> None:
    project.module("m").revision("m1", upgrade=f"{look}\nop.execute('CREATE TABLE a ()')\nlook()")

    done(modalembic(project, "upgrade", url=database_url))

    assert _seen(database_url) == [None]
    ((details,),) = history(database_url, "details")
    assert "open" not in details


AUTOCOMMIT = ENV.replace("poolclass=NullPool", "poolclass=NullPool, isolation_level='AUTOCOMMIT'")
ASYNC = """
import asyncio
from alembic import context
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

url = context.config.get_main_option("sqlalchemy.url")

def work(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def migrate():
    engine = create_async_engine(url, poolclass=NullPool OPTIONS)
    async with engine.connect() as connection:
        await connection.run_sync(work)
    await engine.dispose()

asyncio.run(migrate())
"""
DRIVERS = ("psycopg", "asyncpg")


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("in_autocommit", [False, True], ids=["block", "autocommit"])
def test_over_every_driver(
    tmp_path: Any, database_url: str, driver: str, in_autocommit: bool
) -> None:
    sync, async_ = ENV, ASYNC.replace(" OPTIONS", "")
    if in_autocommit:
        sync, async_ = AUTOCOMMIT, ASYNC.replace(" OPTIONS", ", isolation_level='AUTOCOMMIT'")
    project = new_project(tmp_path, env=async_ if driver == "asyncpg" else sync)
    block = (
        'op.execute("INSERT INTO t VALUES (1)")\n'
        "with op.get_context().autocommit_block():\n"
        '    op.execute("INSERT INTO t VALUES (2)")\n'
        '    op.execute("CREATE INDEX CONCURRENTLY ix ON t (id)")\n'
        "    op.execute(\"INSERT INTO u VALUES ('100%')\")\n"
    )
    project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1", down="m0", upgrade=block
    )
    url = database_url.replace("postgresql://", f"postgresql+{driver}://")

    failed = modalembic_process(project, "upgrade", url=url)

    assert failed.code == 2
    assert "hint: modalembic doctor says how far it came" in failed.err
    refused = modalembic_process(project, "upgrade", url=url)
    assert "failed half way" in refused.err
    assert "hint: modalembic repair" in refused.err
    assert "3 statements committed, the last: CREATE INDEX CONCURRENTLY ix" in refused.err
    execute(database_url, "CREATE TABLE u (a text)")
    done(modalembic_process(project, "repair", url=url))
    done(modalembic_process(project, "upgrade", url=url))
    assert fetch(database_url, "SELECT id FROM t ORDER BY id") == [(1,), (2,)]
    assert fetch(database_url, "SELECT a FROM u") == [("100%",)]
    assert versions(database_url) == {"m1"}
    states = history(database_url, "revision, direction, state")
    assert ("m1", "upgrade", "done") in states


COMMITTING = """
op.execute("INSERT INTO t VALUES (1)")
op.execute("COMMIT")
op.execute("ALTER TYPE mood ADD VALUE 'so'")
op.execute("INSERT INTO t VALUES (2)")
op.execute("INSERT INTO u VALUES (1)")
"""


@pytest.mark.parametrize("driver", DRIVERS)
def test_commit_in_sql_over_every_driver(tmp_path: Any, database_url: str, driver: str) -> None:
    """Psycopg begins a new transaction by itself then; the others go on without one."""
    project = new_project(
        tmp_path, env=ASYNC.replace(" OPTIONS", "") if driver == "asyncpg" else ENV
    )
    made = sql("CREATE TABLE t (id int)", "CREATE TYPE mood AS ENUM ('ok')")
    project.module("m").revision("m0", upgrade=made).revision("m1", down="m0", upgrade=COMMITTING)
    url = database_url.replace("postgresql://", f"postgresql+{driver}://")

    assert modalembic_process(project, "upgrade", url=url).code == 2

    (committed,) = fetch(
        database_url,
        "SELECT details->'ran', details->'open' FROM modalembic_history WHERE revision = 'm1'",
    )
    assert committed == (1 if driver == "psycopg" else 4, True)
    execute(database_url, "CREATE TABLE u (a int)")
    done(modalembic_process(project, "repair", url=url))
    done(modalembic_process(project, "upgrade", url=url))
    assert fetch(database_url, "SELECT id FROM t ORDER BY id") == [(1,), (2,)]
    assert fetch(database_url, "SELECT enum_range(NULL::mood)::text") == [("{ok,so}",)]
    assert versions(database_url) == {"m1"}


def test_a_transaction_that_a_revision_begins_in_sql_is_its_own(kills: Kills) -> None:
    kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1",
        down="m0",
        upgrade=f"""
{BLOCK}    op.execute("BEGIN")
    op.execute("INSERT INTO t VALUES (1)")
    op.execute("ROLLBACK")
    op.execute("BEGIN")
    op.execute("INSERT INTO t VALUES (2)")
    op.execute("INSERT INTO t VALUES (3)")
    op.execute("COMMIT")
    op.execute("INSERT INTO t VALUES (4)")
""",
    )

    done(kills.run("upgrade"))

    assert fetch(kills.url, "SELECT id FROM t ORDER BY id") == [(2,), (3,), (4,)]


def test_what_the_server_does_not_take_in_a_transaction_gets_none(
    kills: Kills, server: Any
) -> None:
    name = f"made{server.info.backend_pid}"
    kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1",
        down="m0",
        upgrade=f"{BLOCK}    op.execute('CREATE DATABASE {name}')\n    {ONE}",
    )
    try:
        done(kills.run("upgrade"))

        assert fetch(kills.url, "SELECT id FROM t") == [(1,)]
        assert fetch(kills.url, f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == [(1,)]
    finally:
        server.execute(f"DROP DATABASE IF EXISTS {name}")


def test_what_only_reads_leaves_nothing(kills: Kills) -> None:
    read = 'op.get_bind().exec_driver_sql("SELECT count(*) FROM t").scalar()'
    kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1",
        down="m0",
        upgrade=kills.revision(f"{read}\n{BLOCK}    {read}\n    KILL(1)\n    {ONE}"),
    )

    kills.at(1)
    done(kills.run("upgrade"))

    assert fetch(kills.url, "SELECT id FROM t") == [(1,)]


def _refused(kills: Kills, reason: str) -> Result:
    """The next run is, and `repair` leaves it to a person."""
    refused = kills.run("upgrade")
    assert refused.code == 2
    assert reason in refused.err
    assert "modalembic repair --done m1" in refused.err
    assert "modalembic repair --undone m1" in refused.err
    left = kills.run("repair")
    assert left.code == 1
    assert "left: the upgrade of m1 (m)" in left.out
    doctor = kills.run("doctor")
    assert doctor.code == 1
    assert reason in doctor.out
    return refused


ONE = 'op.execute("INSERT INTO t VALUES (1)")\n'
BLOCK = "with op.get_context().autocommit_block():\n"
KILLED = f"{BLOCK}    KILL(1)\n"
ONE_MORE = """
try:
    with op.get_bind().begin_nested():
        op.execute("SELECT 1 / 0")
except Exception:
    op.execute("INSERT INTO t VALUES (2)")
"""
RETURNING = 'op.get_bind().exec_driver_sql("INSERT INTO t VALUES (1) RETURNING id")\n'
BY_CURSOR = 'op.get_bind().connection.cursor().execute("INSERT INTO t VALUES (1)")\n'
BLOCKED = {
    "reads": (
        f'{ONE}op.get_bind().exec_driver_sql("SELECT 1")\n{KILLED}',
        "it reads the database on the way",
    ),
    "returns": (f"{RETURNING}{KILLED}", "it reads the database on the way"),
    "temporary": (
        f'op.execute("CREATE TEMP TABLE x AS SELECT 1")\n{ONE}{KILLED}',
        "it makes something that ends with its session",
    ),
    "driver": (f"{BY_CURSOR}{KILLED}", "it uses the driver's own connection"),
    "goes on": (f"{ONE}{ONE_MORE}{KILLED}", "it goes on after a statement that fails"),
    "begins": (
        f'{ONE}op.execute("COMMIT; BEGIN")\nKILL(1)',
        "it controls its transaction in SQL",
    ),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_may_not_be_gone_on_with_is_left_to_a_person(kills: Kills, name: str) -> None:
    upgrade, reason = BLOCKED[name]
    kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1", down="m0", upgrade=kills.revision(upgrade)
    )

    kills.at(1)

    _refused(kills, reason)
    assert len(fetch(kills.url, "SELECT 1 FROM t")) >= 1


def test_a_statement_of_which_nothing_is_known_is_left_to_a_person(
    kills: Kills, connect_to: Any
) -> None:
    kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1",
        down="m0",
        upgrade=f"{BLOCK}    op.execute('DO $$ BEGIN INSERT INTO t VALUES (1); END $$')",
    )
    done(kills.run("upgrade", "m0"))
    with connect_to(kills.url) as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE t")
        kills.within("DO ")
        other.execute("ROLLBACK")
    kills.all_gone()

    _refused(kills, "whether the statement at work was done cannot be told")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param('op.execute("INSERT INTO t VALUES (7)")\n', id="another statement"),
        pytest.param("", id="fewer statements"),
    ],
)
def test_a_revision_that_begins_otherwise_now_is_not_gone_on_with(
    kills: Kills, changed: str
) -> None:
    module = kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)"))
    two, three = (f"op.execute('INSERT INTO t VALUES ({number})')" for number in (2, 3))
    rest = f"{KILLED}    {two}\n{three}"
    module.revision("m1", down="m0", upgrade=kills.revision(ONE + rest))
    kills.at(1)
    done(kills.run("repair"))
    text = rest if changed else "pass"
    module.revision("m1", down="m0", upgrade=kills.revision(changed + text))

    refused = kills.run("upgrade")

    assert refused.code == 2
    assert "cannot be gone on with" in refused.err
    assert "restore the file as it was" in refused.err
    assert fetch(kills.url, "SELECT id FROM t") == [(1,)]
    # As it was, it goes on.
    module.revision("m1", down="m0", upgrade=kills.revision(ONE + rest))
    done(kills.run("upgrade"))
    assert fetch(kills.url, "SELECT id FROM t ORDER BY id") == [(1,), (2,), (3,)]


def test_a_revision_may_be_mended_behind_what_it_did(kills: Kills) -> None:
    module = kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)"))
    module.revision(
        "m1", down="m0", upgrade=f"{ONE}{BLOCK}    op.execute('INSERT INTO misspelt VALUES (2)')"
    )
    assert kills.run("upgrade").code == 2
    done(kills.run("repair"))
    module.revision(
        "m1", down="m0", upgrade=f"{ONE}{BLOCK}    op.execute('INSERT INTO t VALUES (2)')"
    )

    done(kills.run("upgrade"))

    assert fetch(kills.url, "SELECT id FROM t ORDER BY id") == [(1,), (2,)]


def test_a_failure_that_leaves_nothing_needs_no_repair(kills: Kills) -> None:
    module = kills.project.module("m")
    module.revision("m1", upgrade=f"{BLOCK}    op.execute('SELECT 1 / 0')")

    failed = kills.run("upgrade")

    assert failed.code == 2
    assert "had committed nothing" in failed.err
    assert history(kills.url, "state, details->>'open'") == [("failed", "false")]
    assert "no findings" in kills.run("doctor").out
    module.revision("m1", upgrade=f"{BLOCK}    op.execute('CREATE TABLE one ()')")
    done(kills.run("upgrade"))
    assert tables(kills.url) == {"one"}


def test_an_index_that_could_not_be_made_unique(kills: Kills) -> None:
    module = kills.project.module("m").revision(
        "m0", upgrade=sql("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1), (1)")
    )
    index = 'op.create_index("ix", "t", ["id"], unique=True, postgresql_concurrently=True)'
    module.revision("m1", down="m0", upgrade=f"{BLOCK}    {index}")

    assert kills.run("upgrade").code == 2
    refused = kills.run("upgrade")
    assert "hint: modalembic repair" in refused.err
    repaired = done(kills.run("repair"))
    assert 'DROP INDEX CONCURRENTLY IF EXISTS "public"."ix"' in repaired.out
    execute(kills.url, "DELETE FROM t")
    done(kills.run("upgrade"))

    assert fetch(kills.url, "SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass") == [
        (True,)
    ]


def test_a_batch_that_goes_by_the_number_of_rows_goes_on(kills: Kills) -> None:
    kills.project.module("m").revision(
        "m0", upgrade=sql("CREATE TABLE t (id int)", "INSERT INTO t SELECT generate_series(1, 10)")
    ).revision(
        "m1",
        down="m0",
        upgrade=kills.revision(
            """
with op.get_context().autocommit_block():
    number = 0
    while True:
        number += 1
        result = op.get_bind().exec_driver_sql(
            "UPDATE t SET id = id + 100 WHERE ctid IN "
            "(SELECT ctid FROM t WHERE id < 100 ORDER BY id LIMIT 4)")
        if result.rowcount == 0:
            break
        KILL(number)
"""
        ),
    )
    kills.at(2)
    done(kills.run("repair"))
    assert fetch(kills.url, "SELECT count(*) FROM t WHERE id > 100") == [(8,)]

    done(kills.run("upgrade"))

    assert fetch(kills.url, "SELECT count(*) FROM t WHERE id > 100") == [(10,)]
    ((details,),) = fetch(
        kills.url, "SELECT details FROM modalembic_history WHERE revision = 'm1' AND ms > 0"
    )
    assert details["rowcounts"] == [4, 4, 2, 0]


def test_a_downgrade_is_gone_on_with(kills: Kills) -> None:
    kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1",
        down="m0",
        upgrade=sql("INSERT INTO t VALUES (1)", "CREATE INDEX ix ON t (id)"),
        downgrade=kills.revision(
            f"op.execute('DELETE FROM t')\n{BLOCK}    op.execute('DROP INDEX CONCURRENTLY ix')\n"
            "    KILL(1)"
        ),
    )
    done(kills.run("upgrade"))
    kills.at(1, "downgrade", "m@-1")
    assert "hint: modalembic repair" in kills.run("downgrade", "m@-1").err
    done(kills.run("repair"))
    assert versions(kills.url) == {"m1"}

    done(kills.run("downgrade", "m@-1"))

    assert versions(kills.url) == {"m0"}
    assert fetch(kills.url, "SELECT indexrelid FROM pg_index WHERE indrelid = 't'::regclass") == []


def test_an_upgrade_does_not_pass_over_half_a_downgrade(kills: Kills) -> None:
    kills.project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1",
        down="m0",
        downgrade=kills.revision(f"op.execute('INSERT INTO t VALUES (1)')\n{BLOCK}    KILL(1)"),
    )
    done(kills.run("upgrade"))
    kills.at(1, "downgrade", "m@-1")
    done(kills.run("repair"))
    kills.project.module("m").revision("m2", down="m1")

    refused = kills.run("upgrade")

    assert refused.code == 2
    assert "it is to be gone on with before an upgrade" in refused.err
    assert "hint: modalembic downgrade m@-1" in refused.err


def test_what_cannot_be_noted_is_not_committed(
    project: ProjectFiles, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The revision has locked the table in which it is to be noted.
    monkeypatch.setattr("modalembic.runtime.trace.notebook.LIMIT", "SET lock_timeout = '100ms'")
    project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
        "m1",
        down="m0",
        upgrade=f"{ONE}op.execute('LOCK TABLE modalembic_history')\n{BLOCK}    pass",
    )

    failed = modalembic(project, "upgrade", url=database_url)

    assert failed.code == 2
    assert "that could not be noted beforehand: canceling statement due to lock" in failed.err
    assert fetch(database_url, "SELECT * FROM t") == []
    assert versions(database_url) == {"m0"}
    assert "no findings" in modalembic(project, "doctor", url=database_url).out


def test_a_role_that_may_not_write_the_history_commits_nothing(
    project: ProjectFiles, database_url: str, server: Any
) -> None:
    """The role of the URL may; env.py takes another one."""
    role = f"r{server.info.backend_pid}"
    execute(database_url, f"CREATE ROLE {role}", f"GRANT CREATE ON SCHEMA public TO {role}")
    try:
        project.module("m").revision("m0", upgrade=sql("CREATE TABLE t (id int)")).revision(
            "m1",
            down="m0",
            upgrade=f"op.execute('SET ROLE {role}')\n{BLOCK}    op.execute('CREATE TABLE mine ()')",
        )

        failed = modalembic(project, "upgrade", url=database_url)

        assert failed.code == 2
        assert "permission denied for table modalembic_history" in failed.err
        assert tables(database_url) == {"t"}
    finally:
        execute(database_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
