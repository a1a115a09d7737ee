"""The marketplace example is clean, and a change of it is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.examples.shops import MARKETPLACE
from tests.runtime.support import execute

CHECK = """
import json, sys
from modalembic.checks.drift import check_drift
from modalembic.project import Project

findings = check_drift(Project.load(), against=sys.argv[1] if sys.argv[1:] else None)
print(json.dumps([[f.severity, f.rule, f.module, f.name, f.part] for f in findings]))
"""


def found(server_url: str, *arguments: str) -> list[Any]:
    """The findings on the example, but for those of severity info."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, *arguments],
        cwd=MARKETPLACE.directory,
        env={**os.environ, "MODALEMBIC_SCRATCH_URL": server_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [finding for finding in json.loads(done.stdout) if finding[0] != "info"]


def test_its_models_and_its_migrations_say_the_same(server_url: str) -> None:
    assert found(server_url) == []


def test_a_database_that_its_migrations_made_has_no_drift(
    server_url: str, database_url: str
) -> None:
    MARKETPLACE.alembic(database_url, "upgrade", "heads")

    assert found(server_url, database_url) == []


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        (
            "ALTER TABLE orders ALTER number DROP NOT NULL",
            ["error", "drift/column-nullability", "orders", "public.orders.number", "not-null"],
        ),
        (
            "ALTER TABLE subscriptions ALTER cancelled_at TYPE timestamp",
            ["error", "drift/column-type", "billing", "public.subscriptions.cancelled_at", "type"],
        ),
    ],
    ids=["orders", "a table of a central place"],
)
def test_a_change_of_its_database_is_named(
    server_url: str, database_url: str, sql: str, finding: list[Any]
) -> None:
    MARKETPLACE.alembic(database_url, "upgrade", "heads")
    execute(database_url, sql)

    assert found(server_url, database_url) == [finding]
