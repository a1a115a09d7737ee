from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import modalembic
from modalembic.errors import RunStopped
from modalembic.runtime.options import Options
from tests.cli.commandline import finish, table
from tests.locks.runs import NAP, Runs
from tests.projects import ProjectFiles
from tests.runtime.stopping.environments import GIVEN
from tests.runtime.stopping.test_sigterm import (
    assert_left_alone,
    assert_stopped,
    two_revisions,
    upgrade,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg


@pytest.fixture
def sigterm_of_the_application() -> Iterator[list[int]]:
    """What an application's own handler for SIGTERM is given."""
    given: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: given.append(number))
    yield given
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("name", ["given", "asyncpg"])
@pytest.mark.parametrize("busy", [NAP, "time.sleep(60)"], ids=["statement", "python"])
def test_a_run_that_takes_longer_than_timeout_is_ended(
    project: ProjectFiles, runs: Runs, busy: str, name: str
) -> None:
    two_revisions(project, busy)
    runs.let_revisions_sleep(60)

    outcome = finish(upgrade(runs, name, "--timeout", "4s", "--format", "json"))

    assert_stopped(runs, outcome, "--timeout (4 s)")


def test_timeout_is_in_the_configuration_too_and_holds_for_downgrades(
    project: ProjectFiles, runs: Runs
) -> None:
    project.configure('modules = ["app/modules/*"]\ntimeout = "3s"')
    module = project.module("slow")
    module.revision("slow1", **table("parcels"))
    module.revision("slow2", down="slow1", downgrade=NAP)
    assert finish(upgrade(runs)).code == 0
    runs.let_revisions_sleep(60)

    outcome = finish(runs.start("base", command="downgrade"))

    assert outcome.code == 2
    assert "error: --timeout (3 s) ended the run in slow2 (slow)" in outcome.err
    assert_left_alone(runs.database, "parcels")


def test_timeout_while_a_run_waits_for_the_lock(project: ProjectFiles, runs: Runs) -> None:
    two_revisions(project, NAP)
    runs.let_revisions_sleep(60)
    holder = upgrade(runs)
    runs.sleeper()

    outcome = finish(upgrade(runs, "given", "--timeout", "500ms", "--quiet"))

    assert outcome.err.startswith("error: --timeout (0.5 s) ended the run; no revision was at work")
    assert outcome.code == 2
    holder.send_signal(signal.SIGTERM)
    finish(holder)


def test_a_run_within_its_timeout_is_left_alone(project: ProjectFiles, runs: Runs) -> None:
    two_revisions(project, "pass")

    assert finish(upgrade(runs, "given", "--timeout", "1h")).code == 0


@pytest.mark.parametrize("busy", [NAP, "time.sleep(60)"], ids=["statement", "python"])
def test_from_python_too(
    project: ProjectFiles, runs: Runs, busy: str, sigterm_of_the_application: list[int]
) -> None:
    two_revisions(project, busy)
    project.file("migrations/env.py", GIVEN)
    runs.let_revisions_sleep(60)
    handler = signal.getsignal(signal.SIGTERM)

    with pytest.raises(RunStopped) as caught:
        modalembic.upgrade(project.load(), database=runs.url, options=Options(timeout=1.0))

    assert caught.value.failed is not None
    assert caught.value.failed["revision"] == "slow2"
    assert len(caught.value.applied) == 1
    assert_left_alone(runs.database, "parcels")
    assert signal.getsignal(signal.SIGTERM) is handler
    assert sigterm_of_the_application == []


def test_an_application_gets_its_own_sigterm_meanwhile(
    project: ProjectFiles, runs: Runs, sigterm_of_the_application: list[int]
) -> None:
    two_revisions(project, "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)")
    project.file("migrations/env.py", GIVEN)

    modalembic.upgrade(project.load(), database=runs.url, options=Options(timeout=60.0))

    assert sigterm_of_the_application == [signal.SIGTERM]


def test_from_another_thread_the_statement_is_ended(project: ProjectFiles, runs: Runs) -> None:
    two_revisions(project, NAP)
    project.file("migrations/env.py", GIVEN)
    runs.let_revisions_sleep(60)
    caught: list[BaseException] = []

    def work() -> None:
        try:
            modalembic.upgrade(project.load(), database=runs.url, options=Options(timeout=1.0))
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            caught.append(error)

    began = time.monotonic()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert isinstance(caught[0], RunStopped)
    assert time.monotonic() - began < 30
    assert_left_alone(runs.database, "parcels")


def test_no_thread_is_left(
    project: ProjectFiles, database: psycopg.Connection[Any], runs: Runs
) -> None:
    two_revisions(project, "pass")
    project.file("migrations/env.py", GIVEN)
    before = threading.active_count()

    modalembic.upgrade(project.load(), database=runs.url, options=Options(timeout=60.0))

    assert threading.active_count() == before
    assert signal.set_wakeup_fd(-1) == -1
