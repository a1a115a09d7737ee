"""Registers the plugins that all tests share."""

from __future__ import annotations

import signal

import pytest

pytest_plugins = [
    "tests.plugins.postgres",
    "tests.plugins.no_skips",
    "tests.plugins.pgbouncer",
    "tests.plugins.points",
]

# A shell that runs this in the background has it ignore Ctrl-C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: all others are done beside them."""
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)
