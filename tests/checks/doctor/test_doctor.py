"""`doctor`: leftovers, locks, and how it says things."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import modalembic as api
from modalembic.postgres.lock import lock_key
from tests.locks.runs import until
from tests.projects import ProjectFiles
from tests.runtime.support import ENV, done, execute, fetch, modalembic, new_project, sql


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFiles:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    project = new_project(tmp_path)
    project.module("m").revision(
        "m0", upgrade=sql("CREATE TABLE t (id int)", "CREATE TABLE p (a int) PARTITION BY LIST (a)")
    )
    return project


def _rules(project: ProjectFiles, url: str) -> dict[str, str]:
    report = api.doctor(project.load(), database=url)
    return {finding.rule: finding.message for finding in report.findings}


def test_a_database_that_nothing_was_run_on_has_no_findings(
    project: ProjectFiles, database_url: str
) -> None:
    told = done(modalembic(project, "doctor", url=database_url))
    assert told.out == "no findings (doctor)\n"


def test_nothing_is_written(project: ProjectFiles, database_url: str) -> None:
    done(modalembic(project, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO alembic_version VALUES ('feedbeef')")
    execute(database_url, "ALTER ROLE CURRENT_USER SET log_statement = 'all'")
    execute(database_url, "ALTER ROLE CURRENT_USER RESET log_statement")
    counted = (
        "SELECT xact_commit >= 0, tup_inserted, tup_updated, tup_deleted FROM pg_stat_database"
    )
    counted += " WHERE datname = current_database()"
    execute(database_url, "SELECT pg_stat_force_next_flush()")
    before = fetch(database_url, counted)

    assert modalembic(project, "doctor", url=database_url).code == 1

    assert fetch(database_url, counted) == before


def test_an_invalid_index_of_nobody(project: ProjectFiles, database_url: str) -> None:
    done(modalembic(project, "upgrade", url=database_url))
    execute(database_url, "INSERT INTO t VALUES (1), (1)")
    with pytest.raises(Exception, match="could not create unique index"):
        execute(database_url, 'CREATE UNIQUE INDEX CONCURRENTLY "I x" ON t (id)')

    found = modalembic(project, "doctor", url=database_url)

    assert found.code == 1
    assert "the index public.I x on public.t is invalid: no query uses it" in found.out
    assert 'fix: REINDEX INDEX CONCURRENTLY "public"."I x", or DROP INDEX CONCURRENTLY' in found.out
    execute(database_url, 'DROP INDEX CONCURRENTLY "public"."I x"')
    assert "doctor/invalid-index" not in _rules(project, database_url)


def test_an_index_of_a_partitioned_table_that_waits_for_its_parts_is_none(
    project: ProjectFiles, database_url: str
) -> None:
    done(modalembic(project, "upgrade", url=database_url))
    execute(
        database_url,
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
        "CREATE INDEX whole ON ONLY p (a)",
    )
    assert fetch(database_url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(1,)]

    assert "doctor/invalid-index" not in _rules(project, database_url)


def test_an_index_that_is_being_built_is_no_leftover(
    project: ProjectFiles, database_url: str, connect_to: Any
) -> None:
    done(modalembic(project, "upgrade", url=database_url))
    with connect_to(database_url) as other, connect_to(database_url) as builder:
        other.execute("BEGIN")
        other.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
        building = threading.Thread(
            target=builder.execute, args=["CREATE INDEX CONCURRENTLY ix ON t (id)"], daemon=True
        )
        building.start()
        with connect_to(database_url) as looking:
            until(
                lambda: looking.execute(
                    "SELECT 1 FROM pg_index WHERE NOT indisvalid AND indrelid = 't'::regclass"
                ).fetchone()
            )

        report = api.doctor(project.load(), database=database_url)

        (finding,) = [each for each in report.findings if each.rule == "doctor/invalid-index"]
        assert finding.severity == "info"
        assert f"backend {builder.info.backend_pid} is at work" in finding.message
        other.execute("ROLLBACK")
        building.join()
    assert "doctor/invalid-index" not in _rules(project, database_url)


@pytest.mark.parametrize(
    ("purposes", "rule", "severity"),
    [
        (("run", "work"), "doctor/running", "info"),
        (("work",), "doctor/dead-run", "warning"),
    ],
)
def test_who_holds_the_lock(
    project: ProjectFiles,
    database_url: str,
    connect_to: Any,
    purposes: tuple[str, ...],
    rule: str,
    severity: str,
) -> None:
    done(modalembic(project, "upgrade", url=database_url))
    with connect_to(database_url, application_name="modalembic feedbeef") as holder:
        for purpose in purposes:
            key = lock_key("public", "alembic_version", purpose)
            holder.execute(f"SELECT pg_advisory_lock({key})")

        report = api.doctor(project.load(), database=database_url)

        (finding,) = [each for each in report.findings if each.rule == rule]
        assert finding.severity == severity
        assert f"pid {holder.info.backend_pid}, application modalembic feedbeef" in finding.message
        assert finding.fix is None


def test_a_database_that_only_env_py_knows(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODALEMBIC_CACHE_DIR", str(tmp_path / "cache"))
    given = database_url.replace("postgresql://", "postgresql+psycopg://")
    url = 'url = context.config.get_main_option("sqlalchemy.url")'
    own = new_project(tmp_path / "own", env=ENV.replace(url, f"url = {given!r}"))
    own.module("m").revision("m1").revision("m2", down="m1")
    done(modalembic(own, "upgrade"))
    execute(database_url, "INSERT INTO alembic_version VALUES ('m1')")

    found = modalembic(own, "doctor", "--format", "json")
    assert found.code == 1
    assert found.document["database"] is None
    assert [each["rule"] for each in found.document["findings"]] == ["doctor/implied-row"]

    assert done(modalembic(own, "repair", "--format", "json")).document["after"] == ["m2"]
    assert modalembic(own, "doctor").code == 0


def test_a_revision_that_stock_alembic_ran_is_told(
    project: ProjectFiles, database_url: str
) -> None:
    done(modalembic(project, "upgrade", url=database_url))
    project.module("m").revision("m1", down="m0")
    execute(database_url, "UPDATE alembic_version SET version_num = 'm1'")

    told = done(modalembic(project, "doctor", url=database_url))

    assert "1 applied revision of m is not in the history table (m1)" in told.out
    project.module("m").revision("m2", down="m1")
    done(modalembic(project, "upgrade", url=database_url))
    assert "doctor/not-in-history" not in _rules(project, database_url)


def test_a_role_that_may_read_nothing_is_told_the_grant(
    project: ProjectFiles, database_url: str, server: Any
) -> None:
    done(modalembic(project, "upgrade", url=database_url))
    role = f"reader{server.info.backend_pid}"
    execute(database_url, f"CREATE ROLE {role} LOGIN")
    try:
        as_role = database_url.replace("//postgres@", f"//{role}@")
        refused = modalembic(project, "doctor", url=as_role)
        assert refused.code == 2
        assert "GRANT SELECT ON" in refused.err
        execute(
            database_url,
            f"GRANT SELECT ON alembic_version, modalembic_history TO {role}",
        )
        done(modalembic(project, "doctor", url=as_role))
    finally:
        execute(database_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
