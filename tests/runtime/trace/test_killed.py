"""A run is killed half way through a revision that is not one transaction; then `repair`, where the
next run asks for it, and the next run lead to what an undisturbed run leads to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import catalog
from tests.locks.runs import until
from tests.projects import ProjectFiles
from tests.runtime.support import ENV, done, execute, fetch, history, new_project, sql, versions
from tests.runtime.trace.kills import Kills

TABLE = sql(
    "CREATE TYPE mood AS ENUM ('ok')",
    "CREATE TABLE t (id int, a int)",
    "CREATE TABLE parted (a int) PARTITION BY RANGE (a)",
    "CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (9)",
)
AUTOCOMMIT = ENV.replace("poolclass=NullPool", "poolclass=NullPool, isolation_level='AUTOCOMMIT'")
INDEXES = """
SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 't'::regclass
"""
BLOCK = """
op.add_column("t", sa.Column("b", sa.Integer))
op.execute("INSERT INTO t VALUES (1)")
KILL(1)
with op.get_context().autocommit_block():
    KILL(2)
    op.execute("SET statement_timeout = 0")
    op.create_index("ix_a", "t", ["a"], postgresql_concurrently=True)
    KILL(3)
    op.execute("INSERT INTO t VALUES (2)")
    KILL(4)
    op.execute("ALTER TYPE mood ADD VALUE 'so'")
    KILL(5)
op.execute("INSERT INTO t VALUES (3)")
KILL(6)
with op.get_context().autocommit_block():
    KILL(7)
    op.create_index("ix_b", "t", ["b"], postgresql_concurrently=True)
op.execute("INSERT INTO t VALUES (4)")
KILL(8)
"""
COMMITS = """
op.execute("INSERT INTO t VALUES (1)")
op.execute("COMMIT")
KILL(1)
op.execute("INSERT INTO t VALUES (2)")
op.execute("COMMIT")
op.execute("INSERT INTO t VALUES (3)")
KILL(2)
"""


def _with(project: ProjectFiles, upgrade: str) -> None:
    project.module("m").revision("m0", upgrade=TABLE).revision(
        "m1", down="m0", upgrade=upgrade
    ).revision("m2", down="m1", upgrade=sql("INSERT INTO t VALUES (9)"))


def _content(database: Any) -> tuple[Any, ...]:
    return (
        catalog.read(database),
        database.execute("SELECT id FROM t ORDER BY id").fetchall(),
        database.execute("SELECT version_num FROM alembic_version").fetchall(),
        database.execute(
            "SELECT revision, direction, state FROM modalembic_history "
            "WHERE direction <> 'repair' AND state = 'done' ORDER BY id"
        ).fetchall(),
    )


def _goes_on(kills: Kills) -> None:
    """The next run says which command mends it, and is mended by that."""
    again = kills.run("upgrade")
    if again.code:
        assert "error: the upgrade of m1 (m) was interrupted" in again.err
        assert "  hint: modalembic repair\n" in again.err
        done(kills.run("repair"))
        done(kills.run("upgrade"))
    assert "no findings" in kills.run("doctor").out


@pytest.mark.parametrize(
    ("upgrade", "number"),
    [
        *(pytest.param(BLOCK, number, id=f"blocks-{number}") for number in range(1, 9)),
        *(pytest.param(COMMITS, number, id=f"COMMIT-{number}") for number in (1, 2)),
    ],
)
def test_between_two_statements(
    kills: Kills, make_database: Callable[[], str], connect_to: Any, upgrade: str, number: int
) -> None:
    _with(kills.project, kills.revision(upgrade))

    kills.at(number)
    _goes_on(kills)

    undisturbed = make_database()
    done(kills.run("upgrade", "--database", undisturbed))
    assert _content(kills.database) == _content(connect_to(undisturbed))


@pytest.mark.parametrize("number", [1, 5, 6])
def test_on_a_connection_in_autocommit(
    kills: Kills, make_database: Callable[[], str], connect_to: Any, number: int
) -> None:
    kills.project.file("migrations/env.py", AUTOCOMMIT)
    _with(kills.project, kills.revision(BLOCK))

    kills.at(number)
    assert kills.run("upgrade").code == 2
    _goes_on(kills)

    undisturbed = make_database()
    done(kills.run("upgrade", "--database", undisturbed))
    assert _content(kills.database) == _content(connect_to(undisturbed))


CONCURRENTLY = {
    "index": ("CREATE INDEX CONCURRENTLY", "CREATE INDEX CONCURRENTLY ix ON t (a)"),
    "unnamed": ("CREATE INDEX CONCURRENTLY", "CREATE INDEX CONCURRENTLY ON t (a)"),
    "drop": ("DROP INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY old"),
    "reindex": ("REINDEX", "REINDEX TABLE CONCURRENTLY t"),
    "plain": ("INSERT", "INSERT INTO t SELECT id + 1 FROM t WHERE id = 0"),
    "vacuum": ("VACUUM", "VACUUM FULL t"),
}


@pytest.mark.parametrize("name", CONCURRENTLY)
@pytest.mark.parametrize("before", ["", 'op.execute("INSERT INTO t VALUES (5)")'], ids=["", "+"])
def test_within_a_statement(
    kills: Kills,
    make_database: Callable[[], str],
    connect_to: Any,
    name: str,
    before: str,
) -> None:
    beginning, statement = CONCURRENTLY[name]
    block = f"with op.get_context().autocommit_block():\n    op.execute({statement!r})"
    _with(kills.project, f"{before}\n{block}")
    undisturbed = make_database()
    for url in (kills.url, undisturbed):
        done(kills.run("upgrade", "m0", "--database", url))
        execute(url, "CREATE INDEX old ON t (id)", "INSERT INTO t VALUES (0)")

    with connect_to(kills.url) as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
        if name == "plain":
            other.execute("LOCK TABLE t IN SHARE MODE")
        kills.within(beginning)
        other.execute("ROLLBACK")
    kills.all_gone()
    _goes_on(kills)

    done(kills.run("upgrade", "--database", undisturbed))
    assert _content(kills.database) == _content(connect_to(undisturbed))


def test_within_a_detach(kills: Kills, connect_to: Any) -> None:
    block = "with op.get_context().autocommit_block():\n    op.execute({!r})"
    detach = "ALTER TABLE parted DETACH PARTITION part CONCURRENTLY"
    _with(kills.project, block.format(detach))
    done(kills.run("upgrade", "m0"))

    with connect_to(kills.url) as other:
        other.execute("BEGIN")
        other.execute("SELECT FROM parted")
        kills.within("ALTER TABLE parted")
        other.execute("ROLLBACK")
    kills.all_gone()
    _goes_on(kills)

    assert fetch(kills.url, "SELECT count(*) FROM pg_inherits") == [(0,)]
    assert versions(kills.url) == {"m2"}


def test_an_index_that_somebody_builds_is_left_alone(kills: Kills, connect_to: Any) -> None:
    statement = "CREATE INDEX CONCURRENTLY ix ON t (a)"
    _with(
        kills.project, f"with op.get_context().autocommit_block():\n    op.execute({statement!r})"
    )
    done(kills.run("upgrade", "m0"))
    with connect_to(kills.url) as other, connect_to(kills.url) as builder:
        other.execute("BEGIN")
        other.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
        kills.within("CREATE INDEX CONCURRENTLY")
        kills.all_gone()
        # Somebody builds what was left, by hand.
        builder.execute("SET statement_timeout = '60s'")
        pid = builder.info.backend_pid
        building = threading.Thread(
            target=builder.execute, args=["REINDEX INDEX CONCURRENTLY ix"], daemon=True
        )
        building.start()
        until(
            lambda: kills.database.execute(
                "SELECT 1 FROM pg_stat_progress_create_index WHERE pid = %s", [pid]
            ).fetchone()
        )

        refused = kills.run("repair")

        assert refused.code == 1
        assert f"backend {pid} is at work on public.t" in refused.out
        assert "fix: modalembic repair, as soon as that backend is gone\n" in refused.out
        other.execute("ROLLBACK")
        building.join()
    assert dict(fetch(kills.url, INDEXES)) == {"ix": True}


def test_an_invalid_index_of_somebody_else_is_left_alone(kills: Kills, connect_to: Any) -> None:
    statement = "CREATE INDEX CONCURRENTLY ix ON t (a)"
    _with(
        kills.project, f"with op.get_context().autocommit_block():\n    op.execute({statement!r})"
    )
    done(kills.run("upgrade", "m0"))
    execute(kills.url, "INSERT INTO t VALUES (1), (1)")
    with pytest.raises(Exception, match="could not create unique index"):
        execute(kills.url, "CREATE UNIQUE INDEX CONCURRENTLY theirs ON t (id)")
    with connect_to(kills.url) as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
        kills.within("CREATE INDEX CONCURRENTLY")
        other.execute("ROLLBACK")
    kills.all_gone()

    _goes_on_but_for_theirs(kills)

    assert dict(fetch(kills.url, INDEXES)) == {"theirs": False, "ix": True}


def _goes_on_but_for_theirs(kills: Kills) -> None:
    done(kills.run("repair"))
    done(kills.run("upgrade"))
    doctor = kills.run("doctor")
    assert doctor.code == 1
    assert "the index public.theirs on public.t is invalid" in doctor.out
    assert "[doctor/invalid-index]" in doctor.out


def test_a_project_of_which_only_env_py_knows_the_database(
    tmp_path: Path, database_url: str, connect_to: Any
) -> None:
    env = f"""
from alembic import context
from sqlalchemy import NullPool, create_engine

engine = create_engine({database_url.replace("postgresql://", "postgresql+psycopg://")!r},
                       poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""
    project = new_project(tmp_path / "own", env=env)
    kills = Kills(project, "none", connect_to(database_url), tmp_path / "order")
    _with(project, kills.revision(BLOCK))

    with connect_to(database_url):
        kills.at(4)
        _goes_on(kills)

    assert versions(database_url) == {"m2"}
    assert fetch(database_url, "SELECT id FROM t ORDER BY id") == [(1,), (2,), (3,), (4,), (9,)]
    assert ("m1", "upgrade", "done") in history(database_url, "revision, direction, state")
