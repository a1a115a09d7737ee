"""Registers the plugins that all tests share."""

from __future__ import annotations

import signal

pytest_plugins = [
    "tests.plugins.postgres",
    "tests.plugins.no_skips",
    "tests.plugins.pgbouncer",
    "tests.plugins.points",
]

# A shell that runs this in the background has it ignore Ctrl-C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
