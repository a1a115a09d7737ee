"""What the text of a statement tells."""

from __future__ import annotations

import pytest

from modalembic.runtime.sql_text import controls_transaction

ATOMIC = "CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT {}; END"


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT",
        "DELETE FROM a; commit; DELETE FROM b",
        "PREPARE TRANSACTION 'one'",
        r"INSERT INTO a VALUES (E'it\'s'); COMMIT; INSERT INTO a VALUES ('x')",
        ATOMIC.format("CASE WHEN n > 0 THEN 1 END") + "; COMMIT",
        ATOMIC.format("1") + "; SELECT 1; END",
    ],
)
def test_a_statement_that_begins_or_ends_a_transaction_is_seen(statement: str) -> None:
    assert controls_transaction(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT '; COMMIT'",
        r"SELECT E'\'; COMMIT; '",
        "-- ; COMMIT\nSELECT 1",
        "DO $$ BEGIN NULL; END $$",
        "ROLLBACK TO SAVEPOINT a",
        "ROLLBACK WORK TO a",
        "PREPARE one AS SELECT 1",
        ATOMIC.format("1"),
        ATOMIC.format("'END'; SELECT 2"),
        ATOMIC.format("CASE WHEN n > 0 THEN CASE n WHEN 1 THEN 1 END ELSE 0 END"),
    ],
)
def test_what_only_looks_like_one_is_not(statement: str) -> None:
    assert not controls_transaction(statement)
