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
    import psycopg


def long_enough(began: float) -> float:
    """Seconds within which a run comes to its second revision, on a machine where one from the
    start to the end of its first has taken from `began` until now."""
    return 1 + 4 * (time.monotonic() - began)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "busy"),
    [("given", NAP), ("asyncpg", NAP), ("given", "time.sleep(600)")],
    ids=["statement", "asynchronous", "python"],
)
def test_a_run_that_takes_longer_than_timeout_is_ended(
    project: ProjectFiles, runs: Runs, name: str, busy: str
) -> None:
    two_revisions(project, busy)
    runs.let_revisions_sleep(600)
    began = time.monotonic()
    assert finish(upgrade(runs, name, target="slow1")).code == 0
    seconds = f"{long_enough(began):g}"

    outcome = finish(upgrade(runs, name, "--timeout", seconds, "--format", "json"))

    assert_stopped(runs, outcome, f"--timeout ({seconds} s)", applied=[])


@pytest.mark.slow
def test_timeout_is_in_the_configuration_too_and_holds_for_downgrades(
    project: ProjectFiles, runs: Runs
) -> None:
    module = project.module("slow")
    module.revision("slow1", **table("parcels"))
    module.revision("slow2", down="slow1", downgrade=NAP)
    began = time.monotonic()
    assert finish(upgrade(runs)).code == 0
    seconds = f"{long_enough(began):g}"
    project.configure(f'modules = ["app/modules/*"]\ntimeout = "{seconds}s"')
    runs.let_revisions_sleep(600)

    outcome = finish(runs.start("base", command="downgrade"))

    assert outcome.code == 2
    assert f"error: --timeout ({seconds} s) ended the run in slow2 (slow)" in outcome.err
    assert_left_alone(runs.database, "parcels")


def first_revision(project: ProjectFiles, runs: Runs) -> float:
    """Run the first revision, and with it all imports; seconds within which the second begins."""
    began = time.monotonic()
    modalembic.upgrade(project.load(), "slow1", database=runs.url)
    return long_enough(began)


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


@pytest.mark.parametrize("busy", [NAP, "time.sleep(600)"], ids=["statement", "python"])
def test_from_python_too(
    project: ProjectFiles, runs: Runs, busy: str, sigterm_of_the_application: list[int]
) -> None:
    two_revisions(project, busy)
    project.file("migrations/env.py", GIVEN)
    runs.let_revisions_sleep(600)
    seconds = first_revision(project, runs)
    handler = signal.getsignal(signal.SIGTERM)

    with pytest.raises(RunStopped) as caught:
        modalembic.upgrade(project.load(), database=runs.url, options=Options(timeout=seconds))

    assert caught.value.failed is not None
    assert caught.value.failed["revision"] == "slow2"
    assert caught.value.applied == ()
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
    runs.let_revisions_sleep(600)
    options = Options(timeout=first_revision(project, runs))
    caught: list[BaseException] = []

    def work() -> None:
        try:
            modalembic.upgrade(project.load(), database=runs.url, options=options)
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert isinstance(caught[0], RunStopped)
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
