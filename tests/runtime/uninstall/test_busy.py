"""`uninstall` while somebody else is at work on the module's tables."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from psycopg.errors import DeadlockDetected

from modalembic.postgres.connection import connect
from modalembic.postgres.url import DatabaseURL
from tests.projects import ProjectFiles
from tests.runtime.support import done, fetch, modalembic, new_project, table, tables

WAITING = "SELECT FROM pg_locks WHERE NOT granted AND mode = 'ExclusiveLock'"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    project = new_project(tmp_path)
    module = project.module("loyalty").revision("l1", **table("cards"))
    module.revision("l2", down="l1", **table("points"))
    return project


def test_a_deadlock_with_somebody_who_writes_is_tried_again(
    project: ProjectFiles, database_url: str
) -> None:
    """The server ends the one who waits longer for a lock that the other one has: that was the end
    of the uninstallation."""
    done(modalembic(project, "upgrade", url=database_url))
    holds = threading.Event()

    def writes() -> None:
        with connect(DatabaseURL.parse(database_url), autocommit=False) as other:
            other.execute("LOCK TABLE points IN ROW EXCLUSIVE MODE")
            holds.set()
            while not fetch(database_url, WAITING):
                time.sleep(0.02)
            with suppress(DeadlockDetected):
                other.execute("LOCK TABLE cards IN ROW EXCLUSIVE MODE")
            other.rollback()

    thread = threading.Thread(target=writes, daemon=True)
    thread.start()
    assert holds.wait(30)
    arguments = ("uninstall", "loyalty", "--yes", "--no-backup", "--lock-timeout", "10s")

    done(modalembic(project, *arguments, url=database_url))

    thread.join(30)
    assert tables(database_url) == set()
