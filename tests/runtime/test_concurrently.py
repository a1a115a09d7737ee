"""Which statements wait for others however long these take."""

from __future__ import annotations

import pytest

from modalembic.runtime.concurrently import kind_of


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "index"),
        ("DROP INDEX CONCURRENTLY i", "index"),
        ("REINDEX TABLE CONCURRENTLY t", "index"),
        ("REINDEX (VERBOSE) INDEX CONCURRENTLY i", "index"),
        ("REINDEX (CONCURRENTLY) TABLE t", "index"),
        ("REINDEX (VERBOSE,CONCURRENTLY TRUE) TABLE t", "index"),
        ("REINDEX (CONCURRENTLY false) TABLE t", None),
        ("REINDEX (CONCURRENTLY OFF, VERBOSE) TABLE t", None),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", "detach"),
        ('ALTER TABLE t DETACH PARTITION "p" CONCURRENTLY', "detach"),
        ("ALTER TABLE t DETACH PARTITION p FINALIZE", None),
        ("REINDEX TABLE t", None),
        ('CREATE INDEX "CONCURRENTLY" ON t (a)', None),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", None),
    ],
)
def test_is_told_from_the_text(statement: str, kind: str | None) -> None:
    assert kind_of(statement) == kind
