"""What kind of statement this is, which decides whether it may be sent again."""

from __future__ import annotations

import pytest

from modalembic.runtime.trace.statement import (
    Named,
    begins,
    kind_of,
    leaves_session_state,
    may_leave_a_part,
    named,
    only_commits,
    only_rolls_back,
    sets_session,
    shown,
)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("CREATE INDEX CONCURRENTLY ix ON t (a)", Named("index", "t", "ix")),
        ("create index concurrently on t(a)", Named("index", "t", None)),
        (
            'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "I x" ON ONLY s."T" USING gin (a)',
            Named("index", 's."T"', '"I x"'),
        ),
        ('CREATE INDEX CONCURRENTLY "on" ON t (a)', Named("index", "t", '"on"')),
        ("-- first\nCREATE /* x */ INDEX CONCURRENTLY ix\nON t (a);", Named("index", "t", "ix")),
        ("DROP INDEX CONCURRENTLY IF EXISTS s.ix", Named("drop-index", None, "s.ix")),
        ("REINDEX INDEX CONCURRENTLY ix", Named("reindex", None, "ix")),
        ("REINDEX (VERBOSE, CONCURRENTLY) TABLE t", Named("reindex", "t", None)),
        ("REINDEX TABLE t", Named("repeatable")),
        ("ALTER TYPE mood ADD VALUE 'so''so' BEFORE 'ok'", Named("label", "mood", "so'so")),
        ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'x'", Named("label", "mood", "x")),
        ("ALTER TABLE p DETACH PARTITION c CONCURRENTLY", Named("detach", "p", "c")),
        ("ALTER TABLE p DETACH PARTITION c", Named("plain")),
        ("SET lock_timeout = 0", Named("session")),
        ("SET CONSTRAINTS ALL IMMEDIATE", Named("plain")),
        ("ALTER TYPE mood ADD VALUE 'a--b' /* new */", Named("label", "mood", "a--b")),
        ("VACUUM (ANALYZE) t", Named("repeatable")),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", Named("repeatable")),
    ],
)
def test_a_statement_and_what_it_names(statement: str, found: Named) -> None:
    assert named(statement) == found


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES ('a;b CONCURRENTLY')",
        "UPDATE t SET a = 1; DELETE FROM u",
        "ALTER TABLE t ADD COLUMN a int",
        "CREATE INDEX ix ON t (a)",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
    ],
)
def test_what_may_have_a_transaction_of_its_own(statement: str) -> None:
    assert kind_of(statement) == "plain"


@pytest.mark.parametrize(
    "statement",
    [
        "DO $$ BEGIN COMMIT; END $$",
        "CALL p()",
        "COMMIT",
        "COMMIT; ALTER TYPE mood ADD VALUE 'x'; BEGIN",
        "CREATE TEMPORARY TABLE t (a int)",
        "COPY t FROM STDIN",
        "REINDEX DATABASE CONCURRENTLY d",
        "UPDATE t SET a = 1; VACUUM t",
    ],
)
def test_what_nothing_is_known_of(statement: str) -> None:
    assert kind_of(statement) == "other"


@pytest.mark.parametrize(
    ("statement", "leaves"),
    [
        ("CREATE INDEX CONCURRENTLY ix ON t (a)", True),
        ("CALL p()", True),
        ("DO $$ BEGIN COMMIT; END $$", True),
        ("SELECT f()", False),
        ("ALTER TYPE mood ADD VALUE 'x'", False),
        ("VACUUM t", False),
    ],
)
def test_what_may_leave_a_part_when_it_fails(statement: str, leaves: bool) -> None:
    assert may_leave_a_part(kind_of(statement)) is leaves


def test_what_ends_with_the_session() -> None:
    assert leaves_session_state("/* x */ CREATE TEMP TABLE t (a int)")
    assert leaves_session_state("PREPARE p AS SELECT 1")
    assert not leaves_session_state("CREATE TABLE temp (a int)")


def test_a_commit_and_nothing_else() -> None:
    assert only_commits("COMMIT")
    assert only_commits("commit work ; -- now")
    assert not only_commits("COMMIT; BEGIN")
    assert not only_commits("ROLLBACK")


def test_no_password_is_noted_and_no_statement_whole() -> None:
    assert shown("CREATE ROLE r PASSWORD 'it''s secret'") == "CREATE ROLE r PASSWORD '***'"
    assert len(shown("SELECT " + "x" * 10_000)) < 600


def test_a_password_that_is_cut_off_is_not_noted_either() -> None:
    assert "x" not in shown("ALTER ROLE r PASSWORD '" + "x" * 10_000 + "'")


def test_what_a_transaction_in_sql_leaves_open() -> None:
    assert begins("BEGIN")
    assert begins("COMMIT; ALTER TYPE mood ADD VALUE 'x'; START TRANSACTION")
    assert not begins("BEGIN; INSERT INTO t VALUES (1); COMMIT")
    assert only_rolls_back("rollback work;")
    assert not only_rolls_back("ROLLBACK TO a")


def test_only_the_beginning_decides_what_sets_the_session() -> None:
    assert sets_session("-- first\n/* and */ SET ROLE r")
    assert not sets_session("UPDATE t SET a = 1")
