"""Ending the statement at work over a second connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

from modalembic.postgres.driver import cut, request_cancel
from modalembic.runtime.connection.second import Second, driver_of, elsewhere
from modalembic.runtime.stopping.stop import Work

SECONDS_TO_TERMINATE = 5
_CANCEL: LiteralString = """
SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
 WHERE pid = {pid} AND datname = pg_catalog.current_database() AND state = 'active'
"""
_TERMINATE: LiteralString = """
SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
 WHERE pid = {pid} AND datname = pg_catalog.current_database()
"""


def press(work: Work) -> None:
    """Cancel what `work` is at, once a second: a revision may go on with its next statement. After
    five seconds terminate its backend. Returns when the work is over, or all has been done."""
    if work.pid is None:
        _without(work)
        return
    try:
        elsewhere(work.session, lambda second: _by_statements(work, second))
    except Exception:  # noqa: BLE001 - no connection to be had, in any driver's words
        _without(work)


def _by_statements(work: Work, second: Second) -> None:
    for _ in range(SECONDS_TO_TERMINATE):
        _ask(work, second, _CANCEL)
        if work.over.wait(1.0):
            return
    _ask(work, second, _TERMINATE)


def _ask(work: Work, second: Second, statement: LiteralString) -> None:
    with _grip(work) as is_there:
        if is_there:
            second.ask(statement.format(pid=work.pid))
            second.end()


def _without(work: Work) -> None:
    """By the protocol's own request, which takes no connection; then by breaking the connection."""
    driver = driver_of(work.session)
    with _grip(work) as is_there:
        if is_there:
            request_cancel(driver)
    if work.over.wait(SECONDS_TO_TERMINATE):
        return
    with _grip(work) as is_there:
        if is_there:
            cut(driver)


@contextmanager
def _grip(work: Work) -> Iterator[bool]:
    """Whether the work is not over yet, and it does not end within the block."""
    with work.grip:
        yield not work.over.is_set()
